using System.Collections.Immutable;

namespace Tenancy.Core.Safety;

/// <summary>What manifests say of a table.</summary>
internal sealed class KnownTable
{
    /// <summary>Was it made in the plan that is judged? It is empty then, and nobody uses it yet.</summary>
    public bool IsNew { get; init; }

    /// <summary>Is it divided? Its indexes cannot be built concurrently then.</summary>
    public bool IsPartitioned { get; set; }

    /// <summary>Types of its columns by name, by their usual names.</summary>
    public Dictionary<string, string> Types { get; } = new(StringComparer.Ordinal);

    /// <summary>Columns that were added in the plan that is judged.</summary>
    public HashSet<string> NewColumns { get; } = new(StringComparer.Ordinal);

    /// <summary>Columns that hold no null: NOT NULL itself, or a check that was validated.</summary>
    public HashSet<string> NotNull { get; } = new(StringComparer.Ordinal);

    /// <summary>The columns of its indexes, unique constraints and primary key, by name.</summary>
    public Dictionary<string, ImmutableArray<string>> Indexes { get; } = new(StringComparer.Ordinal);

    /// <summary>Checks that are not validated yet, by name: the columns that they keep from being null.</summary>
    public Dictionary<string, ImmutableArray<string>> UnprovedNotNull { get; } = new(StringComparer.Ordinal);

    /// <summary>Tables of the shared schema that its foreign keys go to, by constraint (numbered where it has no name).</summary>
    public Dictionary<string, Reading.TableName> SharedKeys { get; } = new(StringComparer.Ordinal);

    /// <summary>Has it a validated check? Then an attached partition may need no scan.</summary>
    public bool HasCheck { get; set; }

    /// <summary>Does an index begin with these columns, in any order?</summary>
    /// <param name="columns">The columns.</param>
    public bool HasIndexOn(IReadOnlyCollection<string> columns) =>
        Indexes.Values.Any(index => index.Length >= columns.Count && columns.All(index.Take(columns.Count).Contains));
}
