using System.Collections.Immutable;

namespace Tenancy.Core.Revisions;

/// <summary>
/// A tenant revision may need a shared one that needs another tenant revision. Alembic, with one set of heads for all, sees that as a dependency of the first on the
/// last; so that each scope's paths can be computed alone, it is made one here, where the scope's own links do not say it already.
/// </summary>
internal static class ThroughOtherScope
{
    /// <summary>Adds the dependencies that lead through the other scope.</summary>
    /// <param name="all">All revisions in topological order, with their indexes.</param>
    /// <returns>What was learned about ancestry, or null when nothing leads through the other scope.</returns>
    public static Ancestry? Connect(ImmutableArray<RevisionNode> all)
    {
        if (all.Where(static node => !node.OtherScopeDependencies.IsEmpty).Select(static node => node.Scope).Distinct().Count() < 2)
        {
            return null;
        }

        var ancestry = new Ancestry(all.Length);
        // Of each revision: the last revisions of the other scope that it needs.
        var beyond = new ImmutableArray<RevisionNode>[all.Length];
        foreach (var node in all)
        {
            var own = node.Parents.AddRange(node.Dependencies);
            var through = Last(node.OtherScopeDependencies.SelectMany(other => beyond[other.Index]), ancestry)
                .RemoveAll(need => own.Any(down => ancestry.Includes(down, need)));
            node.Dependencies = node.Dependencies.AddRange(through);
            ancestry.Add(node, own.AddRange(through));
            var below = own.AddRange(through);
            beyond[node.Index] = node.OtherScopeDependencies.IsEmpty && below.Length == 1
                ? beyond[below[0].Index]
                : Last(below.SelectMany(down => beyond[down.Index]).Concat(node.OtherScopeDependencies), ancestry);
        }

        return ancestry;
    }

    /// <summary>Without those that others of them need.</summary>
    private static ImmutableArray<RevisionNode> Last(IEnumerable<RevisionNode> nodes, Ancestry ancestry)
    {
        var distinct = nodes.Distinct().OrderByDescending(static node => node.Index).ToList();
        var last = ImmutableArray.CreateBuilder<RevisionNode>();
        foreach (var node in distinct)
        {
            if (!last.Any(later => ancestry.Includes(later, node)))
            {
                last.Add(node);
            }
        }

        return last.DrainToImmutable();
    }
}
