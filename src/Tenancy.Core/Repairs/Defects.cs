using Tenancy.Core.History;
using Tenancy.Core.Revisions;
using Tenancy.Model;

namespace Tenancy.Core.Repairs;

/// <summary>Finds what is wrong in a state. Without I/O, so the same finds it again under the lock.</summary>
internal static class Defects
{
    /// <summary>What is wrong.</summary>
    /// <param name="state">Where the schema is.</param>
    /// <param name="graph">The revisions.</param>
    /// <param name="isRegistered">True when the registry has it.</param>
    public static IEnumerable<Defect> Of(SchemaState state, RevisionGraph graph, bool isRegistered)
    {
        if (state.Oid is null)
        {
            return state.Heads.IsEmpty && state.Stages.IsEmpty && !isRegistered ? [] : [Gone(state)];
        }

        return state.IsRecreated
            ? [Recreated(state)]
            : [.. Unknown(state, graph), .. Overlapping(state, graph), .. Mismatched(state, graph), .. Marks(state, graph)];
    }

    private static Defect Gone(SchemaState state) => new(
        RepairKind.Orphan,
        RepairProblem.SchemaGone,
        null,
        $"Schema {state.Schema} does not exist, but history has it at {(state.Heads.IsEmpty ? "base" : string.Join(", ", state.Heads))}.",
        "Forget it: its heads and marks go, and it is no tenant of the registry any more. What happened to it stays in history.");

    private static Defect Recreated(SchemaState state) => new(
        RepairKind.Orphan,
        RepairProblem.Recreated,
        null,
        $"Schema {state.Schema} was dropped and made again since history recorded it{(state.Heads.IsEmpty ? "" : $" at {string.Join(", ", state.Heads)}")}: what it holds now is unknown.",
        "Find out which revision it is at and say so with Set-TenantRevision.",
        IsMendable: false);

    private static IEnumerable<Defect> Unknown(SchemaState state, RevisionGraph graph) =>
        from revision in state.UnknownRevisions(graph)
        select new Defect(
            RepairKind.Orphan,
            RepairProblem.UnknownRevision,
            revision,
            $"Schema {state.Schema} is {(state.Heads.Contains(revision) ? "at" : "in the middle of")} {revision}, which no manifest has.",
            "Deploy the manifest; or undo it as history keeps it, with Undo-TenantMigration; or say where the schema is with Set-TenantRevision -Purge.",
            IsMendable: false);

    private static IEnumerable<Defect> Overlapping(SchemaState state, RevisionGraph graph) =>
        from head in state.OverlappedHeads(graph)
        select new Defect(
            RepairKind.Orphan,
            RepairProblem.OverlappingHead,
            head,
            $"Schema {state.Schema} has the head {head} beside another head that follows or needs it.",
            $"Clear the row of {head}: the other head says that it is applied.");

    private static IEnumerable<Defect> Mismatched(SchemaState state, RevisionGraph graph) =>
        from revision in state.Mismatched
        select new Defect(
            RepairKind.Checksum,
            RepairProblem.ChecksumMismatch,
            revision,
            $"Schema {state.Schema} has applied {revision} from a manifest that has changed since: {graph[revision].Manifest.Path}.",
            "Take the manifest as it is now for what was applied: its checksum goes into history. The schema is not changed.");

    private static IEnumerable<Defect> Marks(SchemaState state, RevisionGraph graph)
    {
        if (state.Stages is not [.., { } mark] || graph.Find(mark.Revision)?.Scope != state.Scope)
        {
            return [];
        }

        var isApplied = graph.Applied(state.Scope, state.KnownHeads(graph)).Contains(mark.Revision);
        if (isApplied == (mark.Direction == RevisionDirection.Up))
        {
            return [StaleMark(state, mark, isApplied)];
        }

        return mark.IsDone ? [] : [Interrupted(state, mark, graph)];
    }

    private static Defect StaleMark(SchemaState state, StageMark mark, bool isApplied) => new(
        RepairKind.Orphan,
        RepairProblem.StaleMark,
        mark.Revision,
        $"Schema {state.Schema} is marked as in the middle of {mark.Revision}, which is {(isApplied ? "applied" : "undone")} already.",
        "Clear the mark.");

    private static Defect Interrupted(SchemaState state, StageMark mark, RevisionGraph graph)
    {
        var what = $"Schema {state.Schema}: revision {mark.Revision}, step {mark.Number} ({mark.Description}) was started, and how it ended is unknown";
        var manifest = graph[mark.Revision].Manifest;
        return manifest.Checksum == mark.Checksum
            ? new(RepairKind.Step, RepairProblem.InterruptedStep, mark.Revision, what + ".", "")
            : new(
                RepairKind.Step,
                RepairProblem.ChecksumMismatch,
                mark.Revision,
                $"{what}; its manifest {manifest.Path} has changed since.",
                "Put back the manifest as it was begun; or do by hand what is left of it, and record that with Set-TenantRevision.",
                IsMendable: false);
    }
}
