using Tenancy.Core.Safety.Reading;
using Tenancy.Core.Sql;
using Tenancy.Model;

namespace Tenancy.Core.Safety.Rules;

/// <summary>What does not go together in a transaction, or cannot be gone on with.</summary>
internal static class Transactions
{
    /// <summary><c>after-access-exclusive</c>.</summary>
    public static readonly SafetyRule AfterLock = new(
        "after-access-exclusive",
        "More is done while a table is locked against everybody",
        "A lock is held to the end of its transaction: what comes after it, and what that waits for, keeps everybody from the table.",
        "Put what takes long into a revision of its own, or before the lock; change rows in batches (update with batch), which are transactions of their own.",
        SafetySeverity.Warning,
        JudgeAfterLock);

    /// <summary><c>enum-value-in-transaction</c>.</summary>
    public static readonly SafetyRule EnumValue = new(
        "enum-value-in-transaction",
        "An enum value is used in the transaction that adds it",
        "PostgreSQL refuses a value that is not committed (55P04), so the revision fails on every tenant.",
        "Add the value with add_enum_value, or ALTER TYPE … ADD VALUE as a statement of its own: the engine commits after it. Not in a DO block, and not with -Transaction AllTenants.",
        SafetySeverity.Error,
        JudgeEnumValues);

    /// <summary><c>cannot-resume</c>.</summary>
    public static readonly SafetyRule CannotResume = new(
        "cannot-resume",
        "A revision that cannot be gone on with after it was cut off",
        "A run that died between two steps goes on behind the last that is done. That needs a step that can be repeated or looked at, and nothing that only the transaction before knew.",
        "REINDEX INDEX CONCURRENTLY, one index a step, which the engine looks after; a done_when that looks whether the work is done; no temporary table across steps.",
        SafetySeverity.Warning,
        JudgeResuming);

    private static IEnumerable<SafetyFault> JudgeAfterLock(JudgedStatement judged)
    {
        var locked = judged.Before.SelectMany(static before => before.Locks.Select(held => (Held: held, By: before)))
            .Where(held => held.Held.Mode == TableLock.AccessExclusive && held.By.Stage.Batch is null && WasInUse(judged, held.By, held.Held.Table))
            .ToList();
        if (locked.Count == 0)
        {
            yield break;
        }

        var (first, by) = locked[0];
        if (SlowStatements.Is(judged))
        {
            yield return new($"{judged.Text.Command} runs while {judged.Show(first.Table)} is locked against everybody, since line {by.Planned.Statement.Position.Line}.", first.Table) { Lock = TableLock.AccessExclusive };
        }
        else if (judged.Locks.FirstOrDefault(held => held.Mode == TableLock.AccessExclusive && judged.IsInUse(held.Table) && locked.TrueForAll(before => before.Held.Table != held.Table)) is { } second)
        {
            yield return new($"waits for {judged.Show(second.Table)} while {judged.Show(first.Table)} is locked against everybody, since line {by.Planned.Statement.Position.Line}.", first.Table) { Lock = TableLock.AccessExclusive, Severity = SafetySeverity.Note };
        }
    }

    // The schema is known as it is before the statement that is judged: what was dropped meanwhile was there.
    private static bool WasInUse(JudgedStatement judged, JudgedStatement by, TableName table) =>
        judged.IsInUse(table) && !judged.Plan.IsMadeBefore(table, by.Number);

    private static IEnumerable<SafetyFault> JudgeEnumValues(JudgedStatement judged)
    {
        List<string> added = [.. judged.Before.SelectMany(static before => before.AddedEnumValues).Distinct(StringComparer.Ordinal)];
        List<string> own = judged.Text.Command is "DO" ? [.. judged.AddedEnumValues] : [];
        // In a block: once where it is added, and again where it is used.
        var used = added.Find(value => Mentions(judged.Text, value) > 0 && !judged.AddedEnumValues.Contains(value)) ?? own.Find(value => Mentions(judged.Text, value) > 1);
        if (used is not null)
        {
            yield return new($"'{used}' is used before it is committed.");
        }
    }

    private static int Mentions(StatementText text, string value) => SqlBodies.Of(text.Code, withStrings: text.Command == "DO").Sum(code =>
        Enumerable.Range(0, code.Count).Count(index => code[index].IsString && SqlStringContent.Of(code.Text, code[index]).Text == value));

    private static IEnumerable<SafetyFault> JudgeResuming(JudgedStatement judged)
    {
        var text = judged.Text;
        if (text.Command.StartsWith("REINDEX", StringComparison.Ordinal) && text.IsConcurrent && judged.Planned.Statement.ConcurrentIndex is null)
        {
            yield return new("cut off, it leaves invalid indexes (…_ccnew) that no repetition takes away, because nobody knows their names.");
        }

        if (judged.Planned.Statement.DoneWhen is { } done && !LooksAtSomething(done.Source))
        {
            yield return new($"done_when is always the same ({done.Source.Trim()}), so a step that was cut off is {(done.Source.Contains("true", StringComparison.OrdinalIgnoreCase) ? "taken as done" : "never done")}.");
        }

        if (text.IsTemporary && text.Target is { } table
            && judged.Plan.Statements.Skip(judged.Number + 1).FirstOrDefault(later => later.Stage.Revision == judged.Stage.Revision && later.Stage.Number != judged.Stage.Number && Names(later.Text.Code, table.Name)) is { } user)
        {
            yield return new($"the temporary table {table.Name} is gone where line {user.Planned.Statement.Position.Line} needs it, which is in another transaction.") { Severity = SafetySeverity.Error };
        }
    }

    private static bool LooksAtSomething(string query)
    {
        new SqlSplitter(query).Next(out var piece);
        return Enumerable.Range(0, piece.Code.Count).Any(index => piece.Code.Is(index, "FROM") || (piece.Code[index].IsName && piece.Code.Kind(index + 1) == SqlTokenKind.OpenParenthesis));
    }

    private static bool Names(SqlCode code, string name) => Enumerable.Range(0, code.Count).Any(index => code[index].IsName && code.Name(index) == name);
}
