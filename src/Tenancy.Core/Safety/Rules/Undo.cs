using Tenancy.Core.Safety.Reading;
using Tenancy.Model;

namespace Tenancy.Core.Safety.Rules;

/// <summary>What an undo costs.</summary>
internal static class Undo
{
    /// <summary><c>down-loses-data</c>.</summary>
    public static readonly SafetyRule LosesData = new(
        "down-loses-data",
        "An undo loses data",
        "What tenants have written since goes with the tables and columns that an undo drops, and nothing brings it back.",
        "Where rows must outlive an undo, move them to another table in 'down', or write down: {irreversible: why}. Where they may go, suppress this rule with that reason.",
        SafetySeverity.Warning,
        static judged => judged.IsDown ? Losses(judged, judged.Text) : OfRevision(judged))
    {
        NoteBelow = TableSize.AnyRow,
    };

    // Of a revision that is to be applied: once, at its first statement. What it made itself can be empty; what it did not make holds what was there before.
    private static IEnumerable<SafetyFault> OfRevision(JudgedStatement judged)
    {
        if (judged.Number > 0 && judged.Plan.Statements[judged.Number - 1].Stage.Revision == judged.Stage.Revision)
        {
            yield break;
        }

        HashSet<TableName> made = [];
        HashSet<(TableName, string)> madeColumns = [];
        foreach (var text in Read(judged, judged.Manifest.Up))
        {
            if (text.IsCreateTable && text.Target is { } table)
            {
                made.Add(table);
            }

            madeColumns.UnionWith(text.Target is { } altered ? text.Actions.Where(static action => action.Kind is ActionKind.AddColumn or ActionKind.RenameColumn).Select(action => (altered, action.NewName ?? action.Name ?? "")) : []);
            made.UnionWith(text.Target is { } renamed ? text.Actions.Where(static action => action is { Kind: ActionKind.RenameTable, NewName: not null }).Select(action => renamed with { Name = action.NewName! }) : []);
        }

        List<string> own = [];
        foreach (var text in Read(judged, judged.Manifest.Down))
        {
            foreach (var (what, table, column) in Dropped(text))
            {
                if (made.Contains(table) || (column is not null && madeColumns.Contains((table, column))))
                {
                    own.Add(judged.Show(table) + (column is null ? "" : "." + column));
                }
                else
                {
                    yield return new($"down {what}, which this revision did not make.", table);
                }
            }
        }

        if (own.Count > 0)
        {
            yield return new($"an undo drops {string.Join(", ", own.Distinct())}, with what was written there since.") { Severity = SafetySeverity.Note };
        }
    }

    private static IEnumerable<SafetyFault> Losses(JudgedStatement judged, StatementText text) =>
        Dropped(text).Where(dropped => judged.IsInUse(dropped.Table)).Select(static dropped => new SafetyFault($"this {dropped.What}, with what is in it.", dropped.Table));

    private static IEnumerable<(string What, TableName Table, string? Column)> Dropped(StatementText text)
    {
        foreach (var table in text.Command is "DROP TABLE" or "TRUNCATE" ? text.Targets : [])
        {
            yield return ($"{(text.Command == "TRUNCATE" ? "empties" : "drops")} {table.Show(text.Tokens)}", table, null);
        }

        if (text is { Command: "DELETE", Target: { } emptied } && !Enumerable.Range(0, text.Code.Count).Any(index => text.Code.Is(index, "WHERE")))
        {
            yield return ($"empties {emptied.Show(text.Tokens)}", emptied, null);
        }

        if (text is { Command: "ALTER TABLE", Target: { } altered })
        {
            foreach (var action in text.Actions.Where(static action => action.Kind == ActionKind.DropColumn))
            {
                yield return ($"drops {altered.Show(text.Tokens)}.{action.Name}", altered, action.Name);
            }
        }
    }

    private static IEnumerable<StatementText> Read(JudgedStatement judged, IEnumerable<Manifests.CompiledOperation> operations) =>
        operations.SelectMany(static operation => operation.Statements).Select(statement => StatementText.Read(statement, judged.Text.Tokens, judged.Manifest.Scope));
}
