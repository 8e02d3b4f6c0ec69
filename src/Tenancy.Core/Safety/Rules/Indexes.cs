using Tenancy.Core.Safety.Reading;
using Tenancy.Model;

namespace Tenancy.Core.Safety.Rules;

/// <summary>Indexes.</summary>
internal static class Indexes
{
    /// <summary><c>index-not-concurrent</c>.</summary>
    public static readonly SafetyRule NotConcurrent = new(
        "index-not-concurrent",
        "An index is built or dropped without CONCURRENTLY",
        "Until the index is built nobody can write the table. Dropping one takes an instant, but waits for everybody who reads the table, and all others wait behind.",
        "concurrently: true. It is a step outside any transaction then, which a run resumes. On a divided table build an index on each partition concurrently, then one on the table, which takes them.",
        SafetySeverity.Warning,
        JudgeConcurrency)
    {
        NoteBelow = TableSize.Small,
        ErrorFrom = TableSize.Large,
    };

    /// <summary><c>missing-index</c>.</summary>
    public static readonly SafetyRule Missing = new(
        "missing-index",
        "A foreign key without an index",
        "The server makes no index for the columns of a foreign key. Without one each delete, or change of the key, on the other table reads this whole table.",
        "Create an index that begins with the key's columns, in the same revision or before.",
        SafetySeverity.Warning,
        JudgeKeys)
    {
        NoteBelow = TableSize.Small,
    };

    private static IEnumerable<SafetyFault> JudgeConcurrency(JudgedStatement judged)
    {
        var text = judged.Text;
        if (text is { Command: "CREATE INDEX", IsConcurrent: false, Target: { } table } && judged.IsInUse(table))
        {
            yield return new($"nobody can write {judged.Show(table)} until {text.Index ?? "the index"} is built.", table) { Lock = TableLock.Share, Effect = SafetyFault.IndexBuild };
        }

        foreach (var index in text is { Command: "DROP INDEX", IsConcurrent: false } ? text.Targets : [])
        {
            var indexed = judged.Known.TableOf(index.Name);
            if (indexed is null || judged.IsInUse(indexed))
            {
                yield return new($"the drop of {index.Name} waits for whoever uses {(indexed is null ? "its table" : judged.Show(indexed))}, and all others wait behind it.", indexed)
                {
                    Lock = TableLock.AccessExclusive,
                    Severity = SafetySeverity.Note,
                };
            }
        }
    }

    private static IEnumerable<SafetyFault> JudgeKeys(JudgedStatement judged)
    {
        if (judged is not { IsDown: false, Text: { Target: { } table, Command: "CREATE TABLE" or "ALTER TABLE" } text })
        {
            yield break;
        }

        foreach (var key in text.Constraints.Concat(text.Actions.SelectMany(static action => action.Column?.Constraints ?? (action.Constraint is { } added ? [added] : []))).Where(static constraint => constraint.Kind == ConstraintKind.ForeignKey && !constraint.Columns.IsEmpty))
        {
            if (!HasIndex(judged, table, key))
            {
                yield return new($"no index of {judged.Show(table)} begins with {string.Join(", ", key.Columns)}, which refer to {(key.References is { } other ? judged.Show(other) : "another table")}.", table);
            }
        }
    }

    // One that is there, or that the same plan makes.
    private static bool HasIndex(JudgedStatement judged, TableName table, ConstraintText key)
    {
        if (judged.Known[table]?.HasIndexOn(key.Columns) == true)
        {
            return true;
        }

        var later = new KnownSchema(judged.Text.Tokens);
        foreach (var other in judged.Plan.Statements.Skip(judged.Number))
        {
            later.Apply(other.Text, isNew: true);
        }

        return later[table]?.HasIndexOn(key.Columns) == true;
    }
}
