using System.Globalization;
using Tenancy.Core.Execution;
using Tenancy.Core.Manifests;
using Tenancy.Core.Revisions;
using Tenancy.Core.Sql;
using Tenancy.Model;

namespace Tenancy.Core.Reports;

/// <summary>A run as history has it: a row for each revision of each schema, and for each failure.</summary>
internal static class RunFromHistory
{
    /// <summary>The run; null where history has no row of it.</summary>
    /// <param name="entries">Its rows in whatever databases; those of one database oldest first.</param>
    /// <param name="graph">The revisions, in whose manifests the statements of failures are.</param>
    public static RunFacts? Read(IReadOnlyList<TenantHistoryEntry> entries, RevisionGraph graph)
    {
        if (entries.Count == 0)
        {
            return null;
        }

        return new()
        {
            Id = entries[0].RunId,
            Direction = entries.FirstOrDefault(static entry => entry.Direction is "up" or "down")?.Direction ?? entries[0].Direction,
            Who = [.. entries.Select(static entry => entry.Who).Distinct().Order(StringComparer.Ordinal)],
            IsFromHistory = true,
            Work = [.. entries.GroupBy(static entry => new SchemaKey(entry.Server, entry.Database, entry.Scope, entry.Schema)).Select(group => Describe(group.Key, [.. group], graph))],
        };
    }

    // A run that went on after it was stopped has the rows of both: the last says how it ended.
    private static RunWork Describe(SchemaKey key, List<TenantHistoryEntry> rows, RevisionGraph graph)
    {
        var last = rows[^1];
        return new()
        {
            Key = key,
            Name = last.Name,
            Status = last switch
            {
                { Outcome: "failed" } => MigrationStatus.Failed,
                { Outcome: "skipped" } => MigrationStatus.Skipped,
                { Outcome: "started" } or { Step: not null } => MigrationStatus.InProgress,
                _ => MigrationStatus.Migrated,
            },
            Started = rows.Min(static row => row.Started),
            Ended = rows.Max(static row => row.Started.AddSeconds(row.Seconds)),
            Seconds = rows.Sum(static row => row.Seconds),
            RevisionCount = rows.Count(static row => row is { Outcome: "done", Step: null, Revision: not null }),
            Failure = last.Outcome == "failed" ? Failure(last, graph) : null,
        };
    }

    private static MigrationFailure Failure(TenantHistoryEntry row, RevisionGraph graph)
    {
        var (manifest, line) = Place(row.Position);
        var (operation, statement) = row.Revision is { } id && line is { } at && graph.Find(id) is { } node ? Statement(node, row.Direction, manifest!, at) : default;
        return new()
        {
            ErrorId = row.SqlState is { } state ? FailureDescriber.IdOf(state) : "Failed",
            Message = row.Message ?? "",
            SqlState = row.SqlState,
            Revision = row.Revision,
            Manifest = manifest,
            Line = line,
            Operation = operation,
            Statement = statement,
        };
    }

    private static (string? Manifest, int? Line) Place(string? position) =>
        position is not null && position.LastIndexOf(':') is > 0 and var colon && int.TryParse(position.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var line)
            ? (position[..colon], line)
            : (position, null);

    // History has the line on which it failed, which may be inside the statement; the text is the manifest's, as it is now.
    private static (string? Operation, string? Statement) Statement(RevisionNode node, string direction, string file, int line)
    {
        (CompiledOperation Operation, SqlStatement Statement)? best = null;
        foreach (var operation in direction == "down" ? node.Manifest.Down : node.Manifest.Up)
        {
            foreach (var statement in operation.Statements.Where(statement => statement.Position.File == file && statement.Position.Line <= line && statement.Position.Line >= (best?.Statement.Position.Line ?? 0)))
            {
                // Of several statements that one operation makes on one line, which it was is not known: the operation says it.
                best = best?.Statement.Position.Line == statement.Position.Line ? best : (operation, statement);
            }
        }

        return best is { } found ? (found.Operation.Operation.Name, found.Statement.Template.Source) : default;
    }
}
