using Tenancy.Core.Manifests;
using Tenancy.Core.Safety.Reading;
using Tenancy.Core.Sql;
using Tenancy.Model;

namespace Tenancy.Core.Safety.Rules;

/// <summary>Constraints.</summary>
internal static class Constraints
{
    /// <summary><c>constraint-without-not-valid</c>.</summary>
    public static readonly SafetyRule WithoutNotValid = new(
        "constraint-without-not-valid",
        "A constraint is checked under the lock that adds it",
        "Every row is read while nobody can write the table (a foreign key: neither of the two tables), and for a check not even read it.",
        "not_valid: true, and validate_constraint after it: the engine commits between the two, and validating lets others read and write.",
        SafetySeverity.Warning,
        JudgeValidity)
    {
        NoteBelow = TableSize.Small,
        ErrorFrom = TableSize.Large,
    };

    /// <summary><c>constraint-builds-index</c>.</summary>
    public static readonly SafetyRule BuildsIndex = new(
        "constraint-builds-index",
        "A constraint builds its index under the lock that adds it",
        "A primary key, a unique or an exclusion constraint builds an index while nobody can read or write the table.",
        "create_index with unique and concurrently first; then add_constraint with using_index, which takes an instant. An exclusion constraint cannot: add it in a window.",
        SafetySeverity.Warning,
        JudgeIndexes)
    {
        NoteBelow = TableSize.Small,
        ErrorFrom = TableSize.Large,
    };

    /// <summary><c>not-null-scan</c>.</summary>
    public static readonly SafetyRule NotNullScan = new(
        "not-null-scan",
        "NOT NULL is proved by reading the table",
        "Every row is read while nobody can read or write the table.",
        "Add the check 'x IS NOT NULL' with not_valid, validate it, then nullable: false: the server takes the check's word and reads nothing. Then drop the check. A new column gets a default, which costs nothing.",
        SafetySeverity.Warning,
        JudgeNotNull)
    {
        NoteBelow = TableSize.Small,
        ErrorFrom = TableSize.Large,
    };

    /// <summary><c>shared-foreign-key</c>.</summary>
    public static readonly SafetyRule SharedKey = new(
        "shared-foreign-key",
        "A key to a shared table is made in a long transaction",
        "Adding or dropping it locks the shared table, which all tenants use, until the transaction ends, and tenants wait for one another.",
        "Make it in a transaction that does nothing long: a revision of its own, with not_valid where the table has rows, and validate_constraint after it. Declare the table under 'touches'.",
        SafetySeverity.Warning,
        JudgeSharedKeys);

    private static IEnumerable<SafetyFault> JudgeValidity(JudgedStatement judged)
    {
        var text = judged.Text;
        if (text.Command == "ALTER DOMAIN" && text.Target is { } domain && judged.IsInUse(domain) && text.Code.Is(text.AfterTarget, "ADD") && !text.Code.Follows(text.Code.Count - 2, "NOT VALID"))
        {
            yield return ReadDomain(domain);
        }

        if (text is not { Command: "ALTER TABLE", Target: { } table } || !judged.IsInUse(table))
        {
            yield break;
        }

        // A key of columns that are added empty has no row to be proved for (PostgreSQL, parse_utilcmd.c, transformAlterTableStmt).
        var isEmpty = text.Actions.All(static action => (action.Column is null or { Default: null, IsStored: false })
            && (action.Kind != ActionKind.AddConstraint || ConstraintsOf(action).All(static constraint => constraint.Kind != ConstraintKind.ForeignKey)));
        foreach (var action in text.Actions)
        {
            foreach (var constraint in ConstraintsOf(action).Where(static constraint => constraint is { Kind: ConstraintKind.Check or ConstraintKind.ForeignKey, IsNotValid: false }))
            {
                var isKey = constraint.Kind == ConstraintKind.ForeignKey;
                if (isKey && isEmpty && action.Column is not null)
                {
                    continue;
                }

                yield return new($"{(isKey ? "the foreign key" : "the check")} {constraint.Name ?? ""}{(constraint.Name is null ? "" : " ")}of {judged.Show(table)} is proved for every row under the lock.", table)
                {
                    Lock = isKey && text.Actions.Length == 1 && action.Kind == ActionKind.AddConstraint ? TableLock.ShareRowExclusive : TableLock.AccessExclusive,
                    Effect = SafetyFault.Scan,
                };
            }
        }
    }

    private static IEnumerable<SafetyFault> JudgeIndexes(JudgedStatement judged)
    {
        if (judged.Text is not { Command: "ALTER TABLE", Target: { } table } || !judged.IsInUse(table))
        {
            yield break;
        }

        foreach (var constraint in judged.Text.Actions.SelectMany(ConstraintsOf).Where(static constraint => constraint is { Kind: ConstraintKind.Unique or ConstraintKind.PrimaryKey or ConstraintKind.Exclude, UsesIndex: false }))
        {
            yield return new($"the index of {constraint.Name ?? "the constraint"} is built while nobody can read or write {judged.Show(table)}.", table) { Lock = TableLock.AccessExclusive, Effect = SafetyFault.IndexBuild };
        }
    }

    private static IEnumerable<SafetyFault> JudgeNotNull(JudgedStatement judged)
    {
        if (judged.Text is { Command: "ALTER DOMAIN", Target: { } domain } text && judged.IsInUse(domain) && text.Code.Follows(text.AfterTarget, "SET NOT NULL"))
        {
            yield return ReadDomain(domain);
        }

        if (judged.Text is not { Command: "ALTER TABLE", Target: { } table } || !judged.IsInUse(table))
        {
            yield break;
        }

        foreach (var action in judged.Text.Actions)
        {
            if (action.Kind == ActionKind.SetNotNull && judged.Known[table]?.NotNull.Contains(action.Name!) != true)
            {
                yield return Fault($"each row of {judged.Show(table)} is read, to see that {action.Name} has a value.");
            }
            else if (action.Constraint is { Kind: ConstraintKind.NotNull, IsNotValid: false } constraint)
            {
                yield return Fault($"each row of {judged.Show(table)} is read, to see that {string.Join(", ", constraint.Columns)} has a value.");
            }
            else if (action.Column is { IsNotNull: true, Default: null, IsStored: false } column)
            {
                yield return Fault($"{column.Name} has no default, so this fails wherever {judged.Show(table)} has a row.") with { FailsOnRows = true };
            }
        }

        SafetyFault Fault(string message) => new(message, table) { Lock = TableLock.AccessExclusive, Effect = SafetyFault.Scan };
    }

    private static SafetyFault ReadDomain(TableName domain) =>
        new($"every table with a column of the domain {domain.Name} is read while nobody can write it.", null) { Lock = TableLock.Share, Effect = SafetyFault.Scan };

    private static IEnumerable<SafetyFault> JudgeSharedKeys(JudgedStatement judged)
    {
        if (judged is not { Manifest.Scope: MigrationScope.Tenant, Text: var text })
        {
            yield break;
        }

        var added = text.Constraints.Concat(text.Actions.SelectMany(ConstraintsOf)).Select(static constraint => constraint.References).OfType<TableName>();
        var dropped = text.Command == "DROP TABLE" ? text.Targets.SelectMany(table => judged.Known[table]?.SharedKeys.Values.AsEnumerable() ?? [])
            : text.Actions.Where(static action => action.Kind == ActionKind.DropConstraint).Select(action => judged.Known[text.Target!]?.SharedKeys.GetValueOrDefault(action.Name ?? "")).OfType<TableName>();
        foreach (var (shared, mode) in added.Where(table => table.Schema == text.Tokens.Shared).Select(static table => (table, TableLock.ShareRowExclusive))
            .Concat(dropped.Select(static table => (table, TableLock.AccessExclusive))).Distinct())
        {
            // What comes after holds it; what the statement itself reads, too.
            var isLong = text.Actions.SelectMany(ConstraintsOf).Any(constraint => constraint.References == shared && !constraint.IsNotValid) && judged.IsInUse(text.Target!);
            if (isLong || judged.After.FirstOrDefault(SlowStatements.Is) is not null)
            {
                yield return new($"{judged.Show(shared)} is locked{(mode == TableLock.AccessExclusive ? "" : " for writers")} until {(isLong ? "every row is checked" : $"line {judged.After.First(SlowStatements.Is).Planned.Statement.Position.Line} is done")}.", shared) { Lock = mode };
            }
        }
    }

    private static IEnumerable<ConstraintText> ConstraintsOf(TableAction action) => action.Column?.Constraints ?? (action.Constraint is { } constraint ? [constraint] : []);
}
