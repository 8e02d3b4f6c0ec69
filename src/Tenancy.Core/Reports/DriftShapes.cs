using Tenancy.Core.Catalog.Drift;
using Tenancy.Model;

namespace Tenancy.Core.Reports;

/// <summary>The shapes that tenants' schemas have, as <c>Compare-TenantSchema -Summary</c> has them: those that are not as expected first.</summary>
internal sealed class DriftShapes
{
    private readonly Dictionary<(string Status, string? Shape, string Heads), int> numbers = [];

    private DriftShapes(bool isCompared) => IsCompared = isCompared;

    /// <summary>False where nobody compared.</summary>
    public bool IsCompared { get; }

    /// <summary>The shapes.</summary>
    public IReadOnlyList<SchemaShape> All { get; private init; } = [];

    /// <summary>How many tenants were compared.</summary>
    public int Count => All.Sum(static shape => shape.Count);

    /// <summary>The shapes among comparisons.</summary>
    /// <param name="comparisons">The comparisons; null for none.</param>
    public static DriftShapes Of(IReadOnlyList<SchemaComparison>? comparisons)
    {
        var summary = new ShapeSummary();
        foreach (var comparison in comparisons ?? [])
        {
            summary.Add(comparison);
        }

        var shapes = new DriftShapes(comparisons is not null) { All = [.. summary.Describe().OrderBy(static shape => shape.Status == SchemaComparisonStatus.Equal)] };
        for (var number = 0; number < shapes.All.Count; number++)
        {
            var shape = shapes.All[number];
            shapes.numbers.TryAdd((shape.Status, shape.Shape, string.Join(' ', shape.Heads)), number);
        }

        return shapes;
    }

    /// <summary>The number of a tenant's shape, from 0; null where it has none.</summary>
    /// <param name="comparison">The tenant.</param>
    public int? NumberOf(SchemaComparison comparison) => numbers.TryGetValue((comparison.Status, comparison.Shape, string.Join(' ', comparison.Heads)), out var number) ? number : null;
}
