using System.Collections.Immutable;
using Tenancy.Core.Manifests;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Catalog.Diffs;

/// <summary>How differences are written.</summary>
public sealed record DiffOptions
{
    /// <summary>True for one transaction without a break: no CONCURRENTLY, no NOT VALID. False blocks writers as little as PostgreSQL allows.</summary>
    public bool UsesPlainForms { get; init; }

    /// <summary>Renames that were asked for, and what is said not to be renamed.</summary>
    public ImmutableArray<ObjectRename> Renames { get; init; } = [];

    /// <summary>Properties that do not count, of every object: <c>owner</c> and <c>grants</c> where the desired schema says nothing of them.</summary>
    public ImmutableHashSet<string> Ignored { get; init; } = [];

    /// <summary>The schema tokens of the manifest.</summary>
    public SqlTokens Tokens { get; init; } = new();

    /// <summary>Whose schema is compared.</summary>
    public MigrationScope Scope { get; init; } = MigrationScope.Tenant;

    /// <summary>The token of the schema that is compared.</summary>
    internal string OwnToken => Scope == MigrationScope.Tenant ? Tokens.Tenant : Tokens.Shared;
}
