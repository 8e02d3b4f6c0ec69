using Tenancy.Core.Sql;

namespace Tenancy.Core.Safety.Reading;

/// <summary>What an action of ALTER TABLE does, as far as rules care.</summary>
internal enum ActionKind
{
    /// <summary>Something else, which changes the catalog only.</summary>
    Other,

    /// <summary>ADD COLUMN.</summary>
    AddColumn,

    /// <summary>ADD CONSTRAINT, with or without a name.</summary>
    AddConstraint,

    /// <summary>ALTER COLUMN … TYPE.</summary>
    AlterType,

    /// <summary>ALTER COLUMN … SET NOT NULL.</summary>
    SetNotNull,

    /// <summary>ALTER COLUMN … SET STATISTICS, or SET (…) of a column or the table, CLUSTER ON, SET WITHOUT CLUSTER.</summary>
    Tune,

    /// <summary>DROP COLUMN.</summary>
    DropColumn,

    /// <summary>DROP CONSTRAINT.</summary>
    DropConstraint,

    /// <summary>VALIDATE CONSTRAINT.</summary>
    Validate,

    /// <summary>RENAME of the table, SET SCHEMA.</summary>
    RenameTable,

    /// <summary>RENAME of a column.</summary>
    RenameColumn,

    /// <summary>SET LOGGED, SET UNLOGGED, SET ACCESS METHOD, SET TABLESPACE.</summary>
    Rewrite,

    /// <summary>ENABLE or DISABLE TRIGGER.</summary>
    SetTrigger,

    /// <summary>ATTACH PARTITION.</summary>
    Attach,

    /// <summary>DETACH PARTITION, not CONCURRENTLY.</summary>
    Detach,

    /// <summary>DETACH PARTITION … CONCURRENTLY.</summary>
    DetachConcurrently,
}

/// <summary>An action of ALTER TABLE.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="Start">Index of its first token.</param>
/// <param name="End">Index after its last.</param>
internal sealed record TableAction(ActionKind Kind, int Start, int End)
{
    /// <summary>The column, constraint or partition that it names; null where it names none.</summary>
    public string? Name { get; private init; }

    /// <summary>The new name; null unless it renames.</summary>
    public string? NewName { get; private init; }

    /// <summary>The column that it adds; else null.</summary>
    public ColumnText? Column { get; private init; }

    /// <summary>The constraint that it adds; else null.</summary>
    public ConstraintText? Constraint { get; private init; }

    /// <summary>The type that it gives, by its usual name; null unless it does.</summary>
    public string? Type { get; private init; }

    /// <summary>Is a USING expression there that is more than the column, or the column in the new type?</summary>
    public bool IsComputed { get; private init; }

    /// <summary>Does it give the column a collation?</summary>
    public bool IsCollated { get; private init; }

    /// <summary>Reads an action.</summary>
    /// <param name="text">The statement.</param>
    /// <param name="start">Index of its first token.</param>
    /// <param name="end">Index after its last.</param>
    public static TableAction Read(StatementText text, int start, int end)
    {
        var code = text.Code;
        return code.Keyword(start) switch
        {
            "ADD" => Add(text, start, end),
            "ALTER" => Alter(code, code.Is(start + 1, "COLUMN") ? start + 2 : start + 1, start, end),
            "DROP" when code.Is(start + 1, "CONSTRAINT") => Named(ActionKind.DropConstraint, start + 2),
            "DROP" => Named(ActionKind.DropColumn, code.Is(start + 1, "COLUMN") ? start + 2 : start + 1),
            "VALIDATE" => Named(ActionKind.Validate, start + 2),
            "RENAME" => Rename(code, start, end),
            "SET" when code.Is(start + 1, "SCHEMA") => new(ActionKind.RenameTable, start, end) { NewName = code.Name(start + 2) },
            "SET" when code.IsAny(start + 1, "LOGGED", "UNLOGGED", "TABLESPACE") || code.Follows(start + 1, "ACCESS METHOD") => new(ActionKind.Rewrite, start, end),
            "SET" when code.Is(start + 1, "WITHOUT") || code.Kind(start + 1) == SqlTokenKind.OpenParenthesis => new(ActionKind.Tune, start, end),
            "RESET" or "CLUSTER" => new(ActionKind.Tune, start, end),
            "ENABLE" or "DISABLE" when code.Is(start + 1, "TRIGGER") || (code.IsAny(start + 1, "ALWAYS", "REPLICA") && code.Is(start + 2, "TRIGGER")) => new(ActionKind.SetTrigger, start, end),
            "ATTACH" => new(ActionKind.Attach, start, end),
            "DETACH" => new(code.Is(end - 1, "CONCURRENTLY") ? ActionKind.DetachConcurrently : ActionKind.Detach, start, end),
            _ => new(ActionKind.Other, start, end),
        };

        TableAction Named(ActionKind kind, int at) => new(kind, start, end) { Name = code.Name(code.Follows(at, "IF EXISTS") ? at + 2 : at) };
    }

    private static TableAction Add(StatementText text, int start, int end)
    {
        var code = text.Code;
        if (ConstraintText.Read(text, start + 1, end) is { } constraint)
        {
            return new(ActionKind.AddConstraint, start, end) { Name = constraint.Name, Constraint = constraint };
        }

        var column = code.Is(start + 1, "COLUMN") ? start + 2 : start + 1;
        column += code.Follows(column, "IF NOT EXISTS") ? 3 : 0;
        return ColumnText.Read(text, column, end) is { } added ? new(ActionKind.AddColumn, start, end) { Name = added.Name, Column = added } : new(ActionKind.Other, start, end);
    }

    private static TableAction Alter(SqlCode code, int name, int start, int end)
    {
        var what = name + 1;
        if (code.Follows(what, "SET NOT NULL"))
        {
            return new(ActionKind.SetNotNull, start, end) { Name = code.Name(name) };
        }

        if (code.Follows(what, "SET STATISTICS") || (code.IsAny(what, "SET", "RESET") && code.Kind(what + 1) == SqlTokenKind.OpenParenthesis))
        {
            return new(ActionKind.Tune, start, end) { Name = code.Name(name) };
        }

        var type = code.Is(what, "TYPE") ? what + 1 : code.Follows(what, "SET DATA TYPE") ? what + 3 : 0;
        if (type == 0)
        {
            return new(ActionKind.Other, start, end) { Name = code.Name(name) };
        }

        var typeEnd = type;
        while (typeEnd < end && !code.IsAny(typeEnd, "USING", "COLLATE"))
        {
            typeEnd++;
        }

        var given = ColumnText.TypeText(code, type, typeEnd);
        var expression = typeEnd;
        while (expression < end && !code.Is(expression, "USING"))
        {
            expression++;
        }

        return new(ActionKind.AlterType, start, end) { Name = code.Name(name), Type = given, IsComputed = IsMore(code, expression + 1, end, code.Name(name), given), IsCollated = code.Is(typeEnd, "COLLATE") };
    }

    // USING x, USING (x) and USING x::type say what is done anyway.
    private static bool IsMore(SqlCode code, int start, int end, string? column, string type)
    {
        while (code.Kind(start) == SqlTokenKind.OpenParenthesis && code.AfterParentheses(start, end) == end)
        {
            (start, end) = (start + 1, end - 1);
        }

        return start < end && !(code.Name(start) == column && (end == start + 1 || (code.Kind(start + 1) == SqlTokenKind.Cast && ColumnText.TypeText(code, start + 2, end) == type)));
    }

    private static TableAction Rename(SqlCode code, int start, int end)
    {
        if (code.Is(start + 1, "TO"))
        {
            return new(ActionKind.RenameTable, start, end) { NewName = code.Name(start + 2) };
        }

        if (code.Is(start + 1, "CONSTRAINT"))
        {
            return new(ActionKind.Other, start, end);
        }

        var column = code.Is(start + 1, "COLUMN") ? start + 2 : start + 1;
        return new(ActionKind.RenameColumn, start, end) { Name = code.Name(column), NewName = code.Name(column + 2) };
    }
}
