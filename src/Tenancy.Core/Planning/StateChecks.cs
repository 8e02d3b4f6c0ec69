using System.Globalization;
using Tenancy.Core.History;
using Tenancy.Core.Manifests;
using Tenancy.Model;

namespace Tenancy.Core.Planning;

/// <summary>What must hold of a schema before anything runs on it.</summary>
internal static class StateChecks
{
    /// <summary>Refuses a schema that is missing, was made again, is being removed, or whose applied manifests have changed.</summary>
    /// <param name="state">Where it is.</param>
    /// <exception cref="TenancyException"><c>SchemaMissing</c>, <c>Recreated</c>, <c>RemovalUnfinished</c> or <c>ChecksumMismatch</c>.</exception>
    public static void EnsureUsable(SchemaState state)
    {
        if (state.Oid is null)
        {
            throw new TenancyException(
                "SchemaMissing",
                $"Schema {state.Schema} does not exist{(state.Heads.IsEmpty ? "" : $", though history has it at {string.Join(", ", state.Heads)}")}.",
                state.Scope == MigrationScope.Shared ? $"CREATE SCHEMA {Sql.SqlIdentifier.Quote(state.Schema)}, or correct shared_schema in the project file." : "Create the tenant with New-Tenant, correct its schema's name, or end it with Remove-Tenant.");
        }

        if (state.IsRecreated)
        {
            throw new TenancyException(
                "Recreated",
                $"Schema {state.Schema} was dropped and made again since history recorded it at {string.Join(", ", state.Heads)}: what it holds now is unknown.",
                "Find out which revision it is at (a restored dump's, or none) and say so with Set-TenantRevision. (Remove-Tenant would drop it; with -KeepSchema it is only forgotten.)");
        }

        if (state.RemovalBegun is { } begun)
        {
            throw new TenancyException(
                "RemovalUnfinished",
                string.Create(CultureInfo.InvariantCulture, $"Schema {state.Schema} is being removed since {begun:yyyy-MM-dd HH:mm:ss} UTC, and a part of it is gone."),
                "Finish it with Remove-Tenant.");
        }

        if (!state.Mismatched.IsEmpty)
        {
            throw new TenancyException(
                "ChecksumMismatch",
                $"Schema {state.Schema} has applied {string.Join(", ", state.Mismatched)} from {(state.Mismatched.Length == 1 ? "a manifest that has" : "manifests that have")} changed since.",
                "Put the manifest back as it was applied and write the change as a new revision; or, where it is one in form only, accept it with Repair-TenantMigration -Checksum.");
        }
    }
}
