using System.Collections.Immutable;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Safety.Reading;

/// <summary>The kinds of constraints.</summary>
internal enum ConstraintKind
{
    /// <summary>CHECK.</summary>
    Check,

    /// <summary>FOREIGN KEY, or REFERENCES of a column.</summary>
    ForeignKey,

    /// <summary>UNIQUE.</summary>
    Unique,

    /// <summary>PRIMARY KEY.</summary>
    PrimaryKey,

    /// <summary>EXCLUDE.</summary>
    Exclude,

    /// <summary>NOT NULL as a constraint with a name (PostgreSQL 18).</summary>
    NotNull,
}

/// <summary>A constraint as CREATE TABLE, ADD CONSTRAINT or a column write it.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Name">Its name; null where it has none of its own.</param>
/// <param name="Columns">Its columns; empty for a check.</param>
internal sealed record ConstraintText(ConstraintKind Kind, string? Name, ImmutableArray<string> Columns)
{
    /// <summary>The table that a foreign key goes to; else null.</summary>
    public TableName? References { get; private init; }

    /// <summary>Is it NOT VALID?</summary>
    public bool IsNotValid { get; private init; }

    /// <summary>Does it take an index that is there (USING INDEX)?</summary>
    public bool UsesIndex { get; private init; }

    /// <summary>The columns that a check keeps from being null: <c>x IS NOT NULL</c>, and more with AND.</summary>
    public ImmutableArray<string> KeepsFromNull { get; private init; } = [];

    /// <summary>Reads a constraint.</summary>
    /// <param name="text">The statement.</param>
    /// <param name="start">Index of CONSTRAINT, or of its first keyword.</param>
    /// <param name="end">Index after its last token.</param>
    /// <param name="column">The column that it is written with; null for one of the table.</param>
    /// <returns>Null where no constraint stands there.</returns>
    public static ConstraintText? Read(StatementText text, int start, int end, string? column = null)
    {
        var code = text.Code;
        var name = code.Is(start, "CONSTRAINT") ? code.Name(start + 1) : null;
        var index = name is null ? start : start + 2;
        ConstraintKind? kind = code.Keyword(index) switch
        {
            "CHECK" => ConstraintKind.Check,
            "FOREIGN" or "REFERENCES" => ConstraintKind.ForeignKey,
            "UNIQUE" => ConstraintKind.Unique,
            "PRIMARY" => ConstraintKind.PrimaryKey,
            "EXCLUDE" => ConstraintKind.Exclude,
            "NOT" when column is null && code.Is(index + 1, "NULL") => ConstraintKind.NotNull,
            _ => null,
        };
        if (kind is null)
        {
            return null;
        }

        var references = Find(code, index, end, "REFERENCES");
        var at = references + 1;
        return new(kind.Value, name, column is not null ? [column] : kind == ConstraintKind.NotNull ? [code.Name(index + 2) ?? ""] : ReadColumns(code, kind.Value, index, end))
        {
            References = references < end ? TableName.Read(code, ref at, text.Tokens, text.Scope) : null,
            IsNotValid = Follows(code, index, end, "NOT VALID"),
            UsesIndex = Follows(code, index, end, "USING INDEX") && !Follows(code, index, end, "USING INDEX TABLESPACE"),
            KeepsFromNull = kind == ConstraintKind.Check ? NotNulls(code, index, end) : [],
        };
    }

    private static ImmutableArray<string> ReadColumns(SqlCode code, ConstraintKind kind, int start, int end)
    {
        var open = start;
        while (open < end && code.Kind(open) != SqlTokenKind.OpenParenthesis)
        {
            open++;
        }

        return kind is ConstraintKind.Check or ConstraintKind.Exclude || open >= end ? [] : StatementText.NamesIn(code, open, end);
    }

    private static int Find(SqlCode code, int start, int end, string keyword)
    {
        for (; start < end; start++)
        {
            if (code.Kind(start) == SqlTokenKind.OpenParenthesis)
            {
                start = code.AfterParentheses(start, end) - 1;
            }
            else if (code.Is(start, keyword))
            {
                return start;
            }
        }

        return end;
    }

    private static bool Follows(SqlCode code, int start, int end, string keywords)
    {
        for (; start < end; start++)
        {
            if (code.Kind(start) == SqlTokenKind.OpenParenthesis)
            {
                start = code.AfterParentheses(start, end) - 1;
            }
            else if (code.Follows(start, keywords))
            {
                return true;
            }
        }

        return false;
    }

    // With OR or NOT ( it proves nothing.
    private static ImmutableArray<string> NotNulls(SqlCode code, int start, int end)
    {
        var columns = ImmutableArray.CreateBuilder<string>();
        for (var index = start; index < end; index++)
        {
            if (code.Is(index, "OR") || (code.Is(index, "NOT") && !code.Is(index - 1, "IS") && !code.Is(index + 1, "VALID")))
            {
                return [];
            }

            if (code.Follows(index, "IS NOT NULL") && code.Name(index - 1) is { } column)
            {
                columns.Add(column);
            }
        }

        return columns.ToImmutable();
    }
}
