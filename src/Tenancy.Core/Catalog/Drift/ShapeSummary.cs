using Tenancy.Model;

namespace Tenancy.Core.Catalog.Drift;

/// <summary>Counts tenants by shape. Keeps the shapes, not the tenants.</summary>
internal sealed class ShapeSummary
{
    private const int NamesShown = 5;

    private readonly Dictionary<(string Status, string? Shape, string Heads, string? ErrorId), Group> groups = [];

    /// <summary>Counts one.</summary>
    /// <param name="comparison">It.</param>
    public void Add(SchemaComparison comparison)
    {
        var key = (comparison.Status, comparison.Shape, string.Join(' ', comparison.Heads), comparison.Failure?.ErrorId);
        if (!groups.TryGetValue(key, out var group))
        {
            groups[key] = group = new(comparison);
        }

        group.Count++;
        if (group.Names.Count < NamesShown)
        {
            group.Names.Add(comparison.Name);
        }
    }

    /// <summary>The shapes, that of most tenants first.</summary>
    public IEnumerable<SchemaShape> Describe() => groups.Values
        .OrderByDescending(static group => group.Count)
        .Select(static group => new SchemaShape
        {
            Status = group.First.Status,
            Shape = group.First.Shape,
            Heads = group.First.Heads,
            Count = group.Count,
            Names = [.. group.Names],
            Differences = group.First.Differences,
            Error = group.First.Error,
        });

    private sealed class Group(SchemaComparison first)
    {
        public SchemaComparison First { get; } = first;

        public int Count { get; set; }

        public List<string> Names { get; } = [];
    }
}
