using System.Collections.Immutable;
using Tenancy.Core.Manifests;
using Tenancy.Core.Revisions;

namespace Tenancy.Core.History;

/// <summary>Where one schema is, as history and catalog have it.</summary>
internal sealed record SchemaState
{
    /// <summary>What the schema holds.</summary>
    public required MigrationScope Scope { get; init; }

    /// <summary>The schema's name.</summary>
    public required string Schema { get; init; }

    /// <summary>The schema's OID; null where it does not exist.</summary>
    public uint? Oid { get; init; }

    /// <summary>The OID that history has recorded; null at base.</summary>
    public uint? RecordedOid { get; init; }

    /// <summary>The head revisions, in ordinal order.</summary>
    public ImmutableArray<string> Heads { get; init; } = [];

    /// <summary>The stages so far of a revision that is in progress, in order; empty otherwise.</summary>
    public ImmutableArray<StageMark> Stages { get; init; } = [];

    /// <summary>Applied revisions whose checksum is not the manifest's, in ordinal order.</summary>
    public ImmutableArray<string> Mismatched { get; init; } = [];

    /// <summary>When a removal of this very schema was begun that is not at its end, UTC; null where none was.</summary>
    public DateTime? RemovalBegun { get; init; }

    /// <summary>When the heads last moved, UTC; null at base.</summary>
    public DateTime? Changed { get; init; }

    /// <summary>True when the schema was dropped and made again since it was recorded.</summary>
    public bool IsRecreated => Oid is { } oid && RecordedOid is { } recorded && oid != recorded;

    /// <summary>Revisions that it is at or in the middle of, and that are none of the scope's; in ordinal order.</summary>
    /// <param name="graph">The revisions.</param>
    public ImmutableArray<string> UnknownRevisions(RevisionGraph graph) =>
        [.. Heads.Concat(Stages.Select(static mark => mark.Revision)).Where(revision => graph.Find(revision)?.Scope != Scope).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Heads that another of its heads needs: rows too many, which no path can start from. Unknown revisions aside.</summary>
    /// <param name="graph">The revisions.</param>
    public ImmutableArray<string> OverlappedHeads(RevisionGraph graph) =>
        Heads.Length < 2 ? [] : [.. graph.Overlapped([.. KnownHeads(graph).Select(head => graph[head])]).Select(static head => head.Id)];

    /// <summary>Its heads without unknown revisions.</summary>
    /// <param name="graph">The revisions.</param>
    public ImmutableArray<string> KnownHeads(RevisionGraph graph) => Heads.RemoveAll(head => graph.Find(head)?.Scope != Scope);

    /// <summary>Equal for schemas that need the same plan.</summary>
    public string PlanKey => $"{Scope}|{string.Join(' ', Heads)}|{string.Join(' ', Stages.Select(static mark => mark.Key))}";
}

/// <summary>A stage of a revision that takes several transactions, as marked in the database.</summary>
/// <param name="Revision">The revision.</param>
/// <param name="Direction">Which way it is taken.</param>
/// <param name="Number">The stage, from 1.</param>
/// <param name="IsDone">False when it was only started: its outcome is unknown.</param>
/// <param name="Description">What it does, in a few words.</param>
/// <param name="Checksum">The manifest's checksum when it was marked.</param>
internal sealed record StageMark(string Revision, RevisionDirection Direction, int Number, bool IsDone, string Description, string Checksum)
{
    /// <summary>How far a stage has come that commits in batches: the key of the last row, as a JSON array; null for any other, and before its first row.</summary>
    public string? Position { get; init; }

    /// <summary>The stage as a person reads it.</summary>
    public string Step => $"{Revision} step {Number}: {Description}{(Position is null ? "" : $", done up to {Position}")}";

    /// <summary>The stage without the place in it: what a plan depends on.</summary>
    public string Key => $"{Revision}:{(Direction == RevisionDirection.Up ? "up" : "down")}:{Number}:{(IsDone ? "done" : "started")}";

    /// <summary>The form that <c>enter</c> compares.</summary>
    public override string ToString() => Position is null ? Key : $"{Key} at {Position}";
}
