using System.Collections.Immutable;

namespace Tenancy.Core.Revisions;

/// <summary>Counts steps up or down a line of parents, as Alembic's <c>_walk</c>. <c>null</c> stands for base.</summary>
/// <param name="identifier">The identifier as typed, for errors.</param>
/// <param name="bases">The bases of the scope.</param>
internal sealed class RevisionWalk(string identifier, ImmutableArray<RevisionNode> bases)
{
    /// <summary>Goes up.</summary>
    /// <param name="start">From here.</param>
    /// <param name="steps">Steps, 0 or more.</param>
    /// <param name="line">Where to go at a branch point; null where anything else than a single follower is ambiguous.</param>
    public RevisionNode? Up(RevisionNode? start, int steps, HashSet<RevisionNode>? line)
    {
        var node = start;
        for (var step = 0; step < steps; step++)
        {
            var next = node?.Children ?? bases;
            if (line is not null)
            {
                next = next.RemoveAll(child => !line.Contains(child));
            }

            node = next switch
            {
                [] => throw RevisionErrors.OutOfRange(identifier, $"{Count(step)} after {Name(start)}"),
                [var only] => only,
                _ => throw RevisionErrors.Ambiguous(identifier, $"after {Name(node)} come", next),
            };
        }

        return node;
    }

    /// <summary>Goes down; base is the last place to reach.</summary>
    public RevisionNode? Down(RevisionNode? start, int steps)
    {
        var node = start;
        for (var step = 0; step < steps; step++)
        {
            node = node?.Parents switch
            {
                null => throw RevisionErrors.OutOfRange(identifier, $"{Count(step)} down from {Name(start)} to base"),
                [] => null,
                [var only] => only,
                var parents => throw RevisionErrors.Ambiguous(identifier, $"the merge {Name(node)} follows", parents, "Name the parent to go to by its id."),
            };
        }

        return node;
    }

    private static string Count(int steps) => steps switch
    {
        0 => "no step is possible",
        1 => "only 1 step is possible",
        _ => $"only {steps} steps are possible",
    };

    private static string Name(RevisionNode? node) => node is null ? "base" : $"'{node}'";
}
