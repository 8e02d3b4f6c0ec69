using System.Collections.Immutable;
using Tenancy.Core.Manifests;
using Tenancy.Core.Revisions;
using Tenancy.Model;

namespace Tenancy.Core.Reports;

/// <summary>How a schema stands to each revision, as a character.</summary>
/// <param name="graph">The revisions.</param>
/// <param name="scope">The scope.</param>
/// <param name="revisions">Those of the scope, in the order of the cells.</param>
internal sealed class GridCells(RevisionGraph graph, MigrationScope scope, ImmutableArray<RevisionNode> revisions)
{
    /// <summary>It has the revision.</summary>
    public const char Applied = 'a';

    /// <summary>The revision is to come.</summary>
    public const char Pending = 'p';

    /// <summary>It is in the middle of the revision.</summary>
    public const char InProgress = 'i';

    /// <summary>The run failed at the revision.</summary>
    public const char Failed = 'f';

    /// <summary>Nobody can say.</summary>
    public const char Unknown = 'u';

    /// <summary>The cells of a schema.</summary>
    /// <param name="schema">The schema.</param>
    public string Of(GridSchema schema)
    {
        var revision = schema.Revision;
        // What the history has of a schema that is missing or was made again says nothing of the one that is there.
        var isKnown = revision.Status is not (TenantRevisionStatus.Missing or TenantRevisionStatus.Recreated or TenantRevisionStatus.UnknownRevision or FleetGrid.NotRead);
        var applied = isKnown ? graph.Applied(scope, revision.Heads) : new HashSet<string>();
        var pending = revision.Pending.ToHashSet(StringComparer.Ordinal);
        var (step, failed) = (StepOf(schema), FailedOf(schema));
        return string.Create(revisions.Length, 0, (cells, _) =>
        {
            for (var at = 0; at < cells.Length; at++)
            {
                var id = revisions[at].Id;
                cells[at] = !isKnown ? Unknown : id == failed ? Failed : id == step ? InProgress : applied.Contains(id) ? Applied : pending.Contains(id) ? Pending : Unknown;
            }
        });
    }

    /// <summary>The revision in whose middle it is; null for none. A step begins with it.</summary>
    /// <param name="schema">The schema.</param>
    public static string? StepOf(GridSchema schema) => schema.Revision is { Status: TenantRevisionStatus.InProgress, Step: { } step } ? step.Split(' ')[0] : null;

    /// <summary>The revision at which the run failed on it; null for none, and where it has been brought beyond since.</summary>
    /// <param name="schema">The schema.</param>
    public static string? FailedOf(GridSchema schema) =>
        schema.Work is { Failure.Revision: { } failed } work && !(schema.Revision.Changed > work.Ended)
            && (schema.Revision.Pending.Contains(failed) || schema.Revision.Heads.Contains(failed) || StepOf(schema) == failed)
            ? failed : null;
}
