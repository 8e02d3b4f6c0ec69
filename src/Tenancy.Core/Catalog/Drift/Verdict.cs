using Tenancy.Core.Revisions;
using Tenancy.Model;

namespace Tenancy.Core.Catalog.Drift;

/// <summary>What a tenant's state says of a comparison.</summary>
internal static class Verdict
{
    /// <summary>Why nothing is expected of a tenant's shape; null where something is.</summary>
    /// <param name="where">Where it is.</param>
    /// <param name="graph">The revisions.</param>
    public static string? OfState(DriftState where, RevisionGraph graph) => where.State switch
    {
        { Oid: null } => SchemaComparisonStatus.Missing,
        { IsRecreated: true } => SchemaComparisonStatus.Recreated,
        var state when !state.UnknownRevisions(graph).IsEmpty => SchemaComparisonStatus.UnknownRevision,
        var state when !state.OverlappedHeads(graph).IsEmpty => SchemaComparisonStatus.OverlappingHeads,
        { Stages.IsEmpty: false } => SchemaComparisonStatus.InProgress,
        _ => where.IsKnown ? null : SchemaComparisonStatus.NoHistory,
    };

    /// <summary>What a difference from the shape of its revisions is.</summary>
    /// <param name="where">Where the tenant is.</param>
    public static string OfDifference(DriftState where) => where.State.Mismatched.IsEmpty ? SchemaComparisonStatus.Drifted : SchemaComparisonStatus.ChecksumMismatch;

    /// <summary>What a difference from a reference is.</summary>
    /// <param name="where">Where the tenant is.</param>
    /// <param name="reference">Where the reference is.</param>
    public static string OfDifference(DriftState where, DriftState reference) => where.State switch
    {
        { Stages.IsEmpty: false } => SchemaComparisonStatus.InProgress,
        var state => where.IsKnown && reference.IsKnown && !state.Heads.SequenceEqual(reference.State.Heads) ? SchemaComparisonStatus.OtherRevision : SchemaComparisonStatus.Drifted,
    };
}
