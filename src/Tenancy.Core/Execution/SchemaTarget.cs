using System.Globalization;
using Tenancy.Core.Manifests;
using Tenancy.Core.Sql;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Execution;

/// <summary>One schema that a run works on: a tenant's, or the shared one of a database.</summary>
/// <param name="Scope">What it holds.</param>
/// <param name="Schema">Its name, unquoted.</param>
/// <param name="Name">The tenant's name; the schema's for the shared one.</param>
/// <param name="Address">Its database.</param>
/// <param name="Labels">The tenant's labels.</param>
internal sealed record SchemaTarget(MigrationScope Scope, string Schema, string Name, DatabaseAddress Address, TenantLabels Labels)
{
    /// <summary>A tenant's schema.</summary>
    public static SchemaTarget Of(Tenant tenant, DatabaseAddress address) => new(MigrationScope.Tenant, tenant.Schema, tenant.Name, address, tenant.Labels);

    /// <summary>The shared schema of a database.</summary>
    public static SchemaTarget Shared(string schema, DatabaseAddress address) => new(MigrationScope.Shared, schema, schema, address, []);

    /// <summary>The scope as history and results have it.</summary>
    public string ScopeName => Scope == MigrationScope.Shared ? "shared" : "tenant";

    /// <summary>The schema's OID, as a command has it: text, or looked up by name.</summary>
    /// <param name="oid">The OID as it was read.</param>
    public LookedUp Oid(uint oid) => new(oid.ToString(CultureInfo.InvariantCulture), SqlLiteral.Quote(SqlIdentifier.Quote(Schema)) + "::pg_catalog.regnamespace::pg_catalog.oid::pg_catalog.text");

    /// <summary>What templates are filled with.</summary>
    public SqlValues Values(TenancyProject project, IReadOnlyDictionary<string, string> arguments) => new()
    {
        TenantSchema = Scope == MigrationScope.Tenant ? Schema : null,
        TenantName = Scope == MigrationScope.Tenant ? Name : null,
        SharedSchema = project.SharedSchema,
        Arguments = arguments,
    };

    /// <summary>It as spans have it.</summary>
    public TelemetryTarget Traced => new(Name, Schema, ScopeName, Address.Database, Address.Server.Host, Address.Server.Port);

    /// <inheritdoc/>
    public override string ToString() => Scope == MigrationScope.Shared ? $"shared schema '{PrintableText.Line(Schema)}'" : $"tenant '{PrintableText.Line(Name)}'";
}
