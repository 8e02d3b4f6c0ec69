using System.Collections.Immutable;
using System.Globalization;
using Tenancy.Core.Manifests;
using Tenancy.Core.Revisions;

namespace Tenancy.Benchmarks;

/// <summary>Building graphs of 10,000 revisions in several shapes, and the longest plans up and down in them.</summary>
internal static class GraphBenchmark
{
    private const int Size = 10_000;

    /// <summary>Runs it.</summary>
    public static void Run()
    {
        Console.WriteLine($"Graph of {Size} revisions");
        foreach (var (shape, manifests) in Shapes())
        {
            var graph = RevisionGraph.Build(manifests);
            var heads = graph.Resolve("heads", MigrationScope.Tenant, [], RevisionDirection.Up);
            string[] top = [.. heads.Revisions.Select(static node => node.Id)];
            string[] middle = [graph.All[Size / 2].Id];
            Console.WriteLine($"  {shape,-22} build        {Timing.Of(12, () => RevisionGraph.Build(manifests))}");
            Console.WriteLine($"  {"",-22} base to top  {Timing.Of(12, () => graph.UpgradePath([], heads))}");
            Console.WriteLine($"  {"",-22} from middle  {Timing.Of(12, () => graph.UpgradePath(middle, heads))}");
            Console.WriteLine($"  {"",-22} top to base  {Timing.Of(12, () => graph.DowngradePath(top, graph.Resolve("base", MigrationScope.Tenant, top, RevisionDirection.Down)))}");
        }
    }

    private static IEnumerable<(string Shape, ImmutableArray<Manifest> Manifests)> Shapes()
    {
        yield return ("one line", Make(static n => n == 0 ? [] : [n - 1], static _ => []));
        yield return ("100 lines", Make(static n => n < 100 ? [] : [n - 100], static _ => []));
        yield return ("branches, merged", Make(static n => n == 0 ? [] : (n % 10) switch { 0 => [n - 1, n - 2], 1 or 2 => [n - (n % 10)], _ => [n - 2] }, static _ => []));
        yield return ("lines, many needs", Make(static n => n < 10 ? [] : [n - 10], static n => n < 40 ? [] : [n - 13, n - 27, n - 39]));
        yield return ("all on one base", Make(static n => n == 0 ? [] : [0], static _ => []));
        var random = new Random(4242);
        yield return ("random", Make(n => n == 0 ? [] : [random.Next(Math.Max(0, n - 50), n)], n => n < 100 || n % 7 > 0 ? [] : [random.Next(0, n)]));
    }

    private static ImmutableArray<Manifest> Make(Func<int, int[]> parents, Func<int, int[]> needs) => [.. Enumerable.Range(0, Size).Select(number => new Manifest
    {
        Revision = Id(number),
        Parents = [.. parents(number).Select(Id)],
        DependsOn = [.. needs(number).Except(parents(number)).Select(Id)],
        Up = [],
        Down = [],
        Path = $"{Id(number)}.yaml",
        Checksum = "",
        CanonicalText = "",
        Position = new($"{Id(number)}.yaml", 1, 11),
    })];

    // Not in the order of their numbers, as real ids are not.
    private static string Id(int number) => ((uint)number * 2654435761u).ToString("x8", CultureInfo.InvariantCulture);
}
