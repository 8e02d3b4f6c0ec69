using System.Collections.Immutable;
using Tenancy.Core.Planning;
using Tenancy.Core.Revisions;

namespace Tenancy.Core.Rollouts;

/// <summary>The manifests that a run's plans come from: a run that goes on with others would not do to its later tenants what it did to the first.</summary>
internal static class RunManifests
{
    /// <summary>Checksums by revision: on the way up of all that the target needs in either scope; on the way down of all that there are, because what is undone follows from them.</summary>
    /// <param name="request">The run.</param>
    /// <param name="graph">The revisions.</param>
    public static SortedDictionary<string, string> Of(MigrationRequest request, RevisionGraph graph)
    {
        HashSet<RevisionNode> needed = [];
        var open = new Stack<RevisionNode>(Targets(request, graph));
        while (open.TryPop(out var node))
        {
            if (needed.Add(node))
            {
                foreach (var below in node.Parents.Concat(node.Dependencies))
                {
                    open.Push(below);
                }
            }
        }

        return new(needed.ToDictionary(static node => node.Id, static node => node.Manifest.Checksum), StringComparer.Ordinal);
    }

    /// <summary>Checksums by revision of all that there are.</summary>
    /// <param name="graph">The revisions.</param>
    public static SortedDictionary<string, string> All(RevisionGraph graph) => new(graph.All.ToDictionary(static node => node.Id, static node => node.Manifest.Checksum), StringComparer.Ordinal);

    /// <summary>How the manifests differ from what they were, as text; null where they do not.</summary>
    /// <param name="before">Checksums by revision when the run began.</param>
    /// <param name="now">Those of now.</param>
    public static string? Difference(IReadOnlyDictionary<string, string> before, IReadOnlyDictionary<string, string> now)
    {
        var parts = new[]
        {
            ("changed", before.Where(entry => now.TryGetValue(entry.Key, out var checksum) && checksum != entry.Value).Select(static entry => entry.Key)),
            ("gone", before.Keys.Where(revision => !now.ContainsKey(revision))),
            ("new", now.Keys.Where(revision => !before.ContainsKey(revision))),
        };
        var texts = parts.Select(static part => (Word: part.Item1, Revisions: part.Item2.Order(StringComparer.Ordinal).ToList())).Where(static part => part.Revisions.Count > 0)
            .Select(static part => $"{string.Join(", ", part.Revisions.Take(5))}{(part.Revisions.Count > 5 ? $" and {part.Revisions.Count - 5} more" : "")} {(part.Revisions.Count == 1 ? "is" : "are")} {part.Word}")
            .ToList();
        return texts.Count == 0 ? null : string.Join("; ", texts);
    }

    private static ImmutableArray<RevisionNode> Targets(MigrationRequest request, RevisionGraph graph)
    {
        if (request.Direction == RevisionDirection.Down || request.Target is "head" or "heads" || request.IsCounted)
        {
            return [.. graph.All];
        }

        return graph.Find(request.Target) is { } node ? [node] : graph.Resolve(request.Target, request.Scope ?? Manifests.MigrationScope.Tenant, [], RevisionDirection.Up).Revisions;
    }
}
