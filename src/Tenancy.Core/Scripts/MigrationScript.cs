using System.Collections.Immutable;
using Tenancy.Core.Planning;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Scripts;

/// <summary>What a script is to hold.</summary>
public sealed record ScriptRequest
{
    /// <summary>The run that it stands for.</summary>
    public required MigrationRequest Migration { get; init; }

    /// <summary>Where the schemas are, so that nothing is connected to: identifiers of revisions, <c>base</c>, <c>head</c>. Empty to read it.</summary>
    public ImmutableArray<string> From { get; init; } = [];

    /// <summary>A pattern of schemas, for a loop over the tenants that are there when the script runs; null for the tenants named. Needs <see cref="From"/>.</summary>
    public string? SchemaPattern { get; init; }

    /// <summary>True to write the values of secret arguments down; else psql is given them when the script runs.</summary>
    public bool IncludesSecrets { get; init; }
}

/// <summary>The script for one database.</summary>
/// <param name="Address">The database.</param>
/// <param name="Text">All of it as one.</param>
/// <param name="Files">The same divided: the history schema's part, and one for each schema and round, in the order of their names.</param>
/// <param name="Failures">Tenants that are not in it, and why.</param>
public sealed record MigrationScript(DatabaseAddress Address, string Text, ImmutableArray<ScriptFile> Files, ImmutableArray<TenantFinding> Failures);

/// <summary>A file of a script.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Text">What it holds.</param>
public sealed record ScriptFile(string Name, string Text);
