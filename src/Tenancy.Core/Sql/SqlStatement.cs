using System.Collections.Immutable;
using Tenancy.Core.Manifests;

namespace Tenancy.Core.Sql;

/// <summary>One statement of a manifest, compiled once and rendered for each tenant.</summary>
public sealed record SqlStatement
{
    /// <summary>The statement's template, without a closing semicolon.</summary>
    public required SqlTemplate Template { get; init; }

    /// <summary>Where it stands in the manifest.</summary>
    public required SourcePosition Position { get; init; }

    /// <summary>Its command in capitals, such as <c>CREATE INDEX</c>; for messages.</summary>
    public required string Command { get; init; }

    /// <summary>False for what PostgreSQL refuses inside a transaction block (manual: CREATE INDEX, VACUUM, ALTER SYSTEM and so on), and for an operation marked <c>transaction: none</c>.</summary>
    public bool IsTransactional { get; init; } = true;

    /// <summary>True where what follows needs it committed: a new enum value may not be used before (manual: ALTER TYPE).</summary>
    public bool CommitAfter { get; init; }

    /// <summary>True where what precedes should be committed first: VALIDATE CONSTRAINT would hold the locks of what precedes through its scan.</summary>
    public bool CommitBefore { get; init; }

    /// <summary>For <c>CREATE INDEX CONCURRENTLY</c>: what must be known to check its outcome; else null.</summary>
    public ConcurrentIndex? ConcurrentIndex { get; init; }

    /// <summary>Where an operation with this statement needs <c>done_when</c>, because it is not to be repeated: such a query, as an example; else null.</summary>
    public string? ExampleOfDoneWhen { get; init; }

    /// <summary>For what commits in batches, of which <see cref="Template"/> is the first: what is to be known of the others; else null.</summary>
    public SqlBatch? Batch { get; init; }

    /// <summary>For an operation marked <c>transaction: none</c>: a query that gives one boolean, true when the statement's work is done; else null.</summary>
    public SqlTemplate? DoneWhen { get; init; }
}

/// <summary>A change of rows that commits in batches. Each gives the place where it ended, as a JSON array of key values, and the number of rows that it took.</summary>
/// <param name="Next">Every batch but the first; its parameters are the key values where the one before ended.</param>
/// <param name="Size">The most rows of a batch: one with fewer is the last.</param>
/// <param name="Pause">How long to wait between two batches.</param>
/// <param name="Schema">The table's schema; it may be a token.</param>
/// <param name="Table">The table.</param>
/// <param name="Key">The columns by whose order rows are taken.</param>
public sealed record SqlBatch(SqlTemplate Next, int Size, TimeSpan Pause, string Schema, string Table, ImmutableArray<string> Key);

/// <summary>The index that a concurrent statement makes, drops or rebuilds.</summary>
/// <param name="Action">Which of the three.</param>
/// <param name="Index">The index's name, unquoted.</param>
/// <param name="Schema">The template of the schema's quoted name where the statement names one (or names its table with one); null where the search path decides.</param>
/// <param name="Build">How it is made; null unless <paramref name="Action"/> is <see cref="ConcurrentIndexAction.Create"/>.</param>
public sealed record ConcurrentIndex(ConcurrentIndexAction Action, string Index, SqlTemplate? Schema, IndexBuild? Build = null);

/// <summary>What <c>CREATE INDEX CONCURRENTLY</c> says of its index, so that the same can be said of another table.</summary>
/// <param name="IsUnique">UNIQUE stands there.</param>
/// <param name="IfNotExists">IF NOT EXISTS stands there.</param>
/// <param name="Table">The template of the table's name as written, without its schema.</param>
/// <param name="Definition">The template of all that follows the table.</param>
public sealed record IndexBuild(bool IsUnique, bool IfNotExists, SqlTemplate Table, SqlTemplate Definition);

/// <summary>What a concurrent statement does with its index.</summary>
public enum ConcurrentIndexAction
{
    /// <summary>CREATE INDEX CONCURRENTLY.</summary>
    Create,

    /// <summary>DROP INDEX CONCURRENTLY.</summary>
    Drop,

    /// <summary>REINDEX INDEX CONCURRENTLY.</summary>
    Reindex,
}
