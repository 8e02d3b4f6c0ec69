using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Revisions;

namespace Tenancy.Core.Safety;

/// <summary>Judges a revision by itself, as it is reviewed: all that it follows was applied long ago, and its tables are full.</summary>
internal static class RevisionJudgement
{
    /// <summary>Judges.</summary>
    /// <param name="project">The project.</param>
    /// <param name="graph">The revisions.</param>
    /// <param name="node">The revision.</param>
    /// <param name="target">What is known of where it will run.</param>
    public static List<JudgedFault> Judge(TenancyProject project, RevisionGraph graph, RevisionNode node, JudgedTarget target)
    {
        var before = Before(node);
        var step = new RevisionStep { Manifest = node.Manifest, Direction = RevisionDirection.Up, Heads = HeadChange.Of([], [node.Id]) };
        return PlanJudgement.Judge(
            project,
            graph.All.Where(before.Contains).Select(static other => other.Manifest),
            StageSplitter.Join([StageSplitter.Split(step, project.Timeouts)], TransactionMode.PerRevision, new(new HashSet<string>(), [])),
            target);
    }

    private static HashSet<RevisionNode> Before(RevisionNode node)
    {
        HashSet<RevisionNode> before = [];
        var open = new Stack<RevisionNode>([node]);
        while (open.TryPop(out var next))
        {
            foreach (var below in next.Parents.Concat(next.Dependencies).Concat(next.OtherScopeDependencies).Where(before.Add))
            {
                open.Push(below);
            }
        }

        return before;
    }
}
