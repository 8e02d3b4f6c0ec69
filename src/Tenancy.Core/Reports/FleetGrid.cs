using System.Collections.Immutable;
using Tenancy.Core.Manifests;
using Tenancy.Core.Revisions;
using Tenancy.Model;

namespace Tenancy.Core.Reports;

/// <summary>The schemas of one scope by revision. Those that are alike are one row, so a fleet of whatever size is a few.</summary>
internal sealed class FleetGrid
{
    /// <summary>The status of a tenant that could not be read; beside those of <see cref="TenantRevisionStatus"/>.</summary>
    public const string NotRead = nameof(NotRead);

    private FleetGrid(ImmutableArray<RevisionNode> revisions, ImmutableArray<GridRow> rows) => (Revisions, Rows) = (revisions, rows);

    /// <summary>The scope's revisions, in an order in which they can be applied.</summary>
    public ImmutableArray<RevisionNode> Revisions { get; }

    /// <summary>The rows: those that need a hand first, those at the latest revision last; the larger before the smaller.</summary>
    public ImmutableArray<GridRow> Rows { get; }

    /// <summary>How many schemas there are.</summary>
    public int Count => Rows.Sum(static row => row.Schemas.Count);

    /// <summary>How many schemas have a status.</summary>
    /// <param name="status">The status.</param>
    public int CountOf(string status) => Rows.Where(row => row.Status == status).Sum(static row => row.Schemas.Count);

    /// <summary>The grid of a scope.</summary>
    /// <param name="facts">What was collected.</param>
    /// <param name="scope">The scope.</param>
    public static FleetGrid Of(ReportFacts facts, MigrationScope scope)
    {
        var name = RevisionLinks.Name(scope);
        var work = (facts.Run?.Work ?? []).ToDictionary(static work => work.Key);
        var comparisons = (facts.Comparisons ?? []).GroupBy(static item => new SchemaKey(item.Server, item.Database, "tenant", item.Schema)).ToDictionary(static group => group.Key, static group => group.Last());
        ImmutableArray<RevisionNode> revisions = [.. facts.Graph.All.Where(node => node.Scope == scope)];
        var cells = new GridCells(facts.Graph, scope, revisions);
        var schemas = facts.Revisions.Where(revision => revision.Scope == name).Concat(scope == MigrationScope.Tenant ? facts.Unread.Select(Stand) : [])
            .Select(revision =>
            {
                var key = new SchemaKey(revision.Server, revision.Database, revision.Scope, revision.Schema);
                return new GridSchema(revision, work.GetValueOrDefault(key), comparisons.GetValueOrDefault(key));
            });
        var rows = schemas
            .GroupBy(static schema => (schema.Revision.Status, Heads: string.Join(' ', schema.Revision.Heads), Step: GridCells.StepOf(schema), Failed: GridCells.FailedOf(schema)))
            .Select(group => new GridRow(group.Key.Status, [.. group.First().Revision.Heads], group.First().Revision.BehindBy, cells.Of(group.First()), [.. group]))
            .OrderBy(static row => Rank(row)).ThenByDescending(static row => row.Schemas.Count).ThenBy(static row => row.Cells, StringComparer.Ordinal);
        return new(revisions, [.. rows]);
    }

    private static TenantRevision Stand(UnreadTenant tenant) => new()
    {
        Name = tenant.Tenant.Name,
        Schema = tenant.Tenant.Schema,
        Database = tenant.Address.Database,
        Server = tenant.Address.Server.ToString(),
        Status = NotRead,
        Labels = tenant.Tenant.Labels,
    };

    private static int Rank(GridRow row) => row.Cells.Contains(GridCells.Failed, StringComparison.Ordinal) ? 0 : row.Status switch
    {
        TenantRevisionStatus.AtHead => 3,
        TenantRevisionStatus.Behind => 2,
        _ => 1,
    };
}

/// <summary>Schemas that are alike.</summary>
/// <param name="Status">One of <see cref="TenantRevisionStatus"/>, or <see cref="FleetGrid.NotRead"/>.</param>
/// <param name="Heads">The revisions that they are at.</param>
/// <param name="BehindBy">How many revisions they are behind; null where nobody can say.</param>
/// <param name="Cells">How they stand to each revision, a character each: those of <see cref="GridCells"/>.</param>
/// <param name="Schemas">They.</param>
internal sealed record GridRow(string Status, ImmutableArray<string> Heads, int? BehindBy, string Cells, IReadOnlyList<GridSchema> Schemas);

/// <summary>A schema of the grid.</summary>
/// <param name="Revision">Where it is.</param>
/// <param name="Work">What the run did on it; null where it was not in the run.</param>
/// <param name="Comparison">What it is like; null where it was not compared.</param>
internal sealed record GridSchema(TenantRevision Revision, RunWork? Work, SchemaComparison? Comparison);
