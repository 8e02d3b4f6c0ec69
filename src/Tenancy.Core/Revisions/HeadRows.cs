using System.Collections.Immutable;
using Tenancy.Core.Manifests;

namespace Tenancy.Core.Revisions;

/// <summary>
/// The head rows of one schema while a path is taken: the applied revisions that no applied one needs. Alembic's <c>HeadMaintainer</c> reaches the same rows by tests on
/// each kind of step; counting the applied followers of each revision costs only the step's own links.
/// </summary>
internal sealed class HeadRows
{
    private readonly HashSet<RevisionNode> rows;
    private readonly int[] followers;

    /// <summary>Takes the rows as they are.</summary>
    /// <param name="scope">The scope, for errors.</param>
    /// <param name="heads">The rows.</param>
    /// <param name="applied">All they imply.</param>
    /// <param name="count">Number of revisions in the graph.</param>
    /// <exception cref="Model.TenancyException"><c>OverlappingHeads</c>: a row is implied by another.</exception>
    public HeadRows(MigrationScope scope, IEnumerable<RevisionNode> heads, HashSet<RevisionNode> applied, int count)
    {
        rows = [.. heads];
        followers = new int[count];
        foreach (var node in applied)
        {
            Count(node, 1);
        }

        if (rows.FirstOrDefault(row => followers[row.Index] > 0) is { } overlapped)
        {
            throw RevisionErrors.OverlappingHeads(overlapped, scope);
        }
    }

    /// <summary>Applies a revision whose needs are all applied.</summary>
    public HeadChange Apply(RevisionNode node)
    {
        var covered = node.Downs.RemoveAll(down => !rows.Contains(down));
        rows.ExceptWith(covered);
        rows.Add(node);
        Count(node, 1);
        return HeadChange.Of([.. covered.Select(static row => row.Id)], [node.Id]);
    }

    /// <summary>Undoes a revision that no applied one needs.</summary>
    public HeadChange Undo(RevisionNode node)
    {
        rows.Remove(node);
        Count(node, -1);
        var uncovered = node.Downs.RemoveAll(down => followers[down.Index] > 0);
        rows.UnionWith(uncovered);
        return HeadChange.Of([node.Id], [.. uncovered.Select(static row => row.Id)]);
    }

    private void Count(RevisionNode node, int step)
    {
        foreach (var down in node.Downs)
        {
            followers[down.Index] += step;
        }
    }
}
