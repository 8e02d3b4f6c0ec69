using System.Collections.Immutable;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Safety.Reading;

/// <summary>A column as CREATE TABLE and ADD COLUMN write it.</summary>
/// <param name="Name">Its name, unquoted.</param>
/// <param name="Type">Its type, in small letters, with blanks only where two words meet.</param>
internal sealed record ColumnText(string Name, string Type)
{
    private static readonly string[] Clauses = ["COLLATE", "CONSTRAINT", "NOT", "NULL", "CHECK", "DEFAULT", "GENERATED", "UNIQUE", "PRIMARY", "REFERENCES", "STORAGE", "COMPRESSION"];

    /// <summary>The tokens of its default; null where it has none.</summary>
    public (int Start, int End)? Default { get; private init; }

    /// <summary>Is it NOT NULL?</summary>
    public bool IsNotNull { get; private init; }

    /// <summary>Is it computed and stored, or numbered by an identity or a serial type? Each row of a table that is there gets a value of its own then.</summary>
    public bool IsStored { get; private init; }

    /// <summary>The constraints written with it.</summary>
    public ImmutableArray<ConstraintText> Constraints { get; private init; } = [];

    /// <summary>Reads a column.</summary>
    /// <param name="text">The statement.</param>
    /// <param name="start">Index of its name.</param>
    /// <param name="end">Index after its last token.</param>
    /// <returns>Null where no column stands there.</returns>
    public static ColumnText? Read(StatementText text, int start, int end)
    {
        var code = text.Code;
        if (code.Name(start) is not { } name || start + 1 >= end)
        {
            return null;
        }

        var index = NextClause(code, start + 1, end);
        var type = TypeText(code, start + 1, index);
        (int, int)? given = null;
        var (isNotNull, isStored) = (false, type is "serial" or "bigserial" or "smallserial" or "serial4" or "serial8" or "serial2");
        var constraints = ImmutableArray.CreateBuilder<ConstraintText>();
        while (index < end)
        {
            var next = NextClause(code, index + (code.IsAny(index, "NOT", "DEFAULT") ? 2 : code.Is(index, "CONSTRAINT") ? 3 : 1), end);
            if (code.Is(index, "DEFAULT"))
            {
                given = (index + 1, next);
            }
            else if (code.Follows(index, "NOT NULL"))
            {
                isNotNull = true;
            }
            else if (code.Is(index, "GENERATED"))
            {
                // VIRTUAL is the default from PostgreSQL 18 on; before, STORED had to be written.
                isStored |= Has(code, index, next, "IDENTITY") || Has(code, index, next, "STORED");
            }
            else if (ConstraintText.Read(text, index, next, name) is { } constraint)
            {
                constraints.Add(constraint);
            }

            index = next;
        }

        return new(name, type)
        {
            Default = given,
            IsNotNull = isNotNull || constraints.Any(static constraint => constraint.Kind == ConstraintKind.PrimaryKey),
            IsStored = isStored,
            Constraints = constraints.DrainToImmutable(),
        };
    }

    /// <summary>A type as it is compared: small letters, blanks only where two words meet, without <c>pg_catalog</c>, by its usual name.</summary>
    /// <param name="code">The statement.</param>
    /// <param name="start">Index of its first token.</param>
    /// <param name="end">Index after its last.</param>
    public static string TypeText(SqlCode code, int start, int end)
    {
        var text = new System.Text.StringBuilder();
        for (var index = start; index < end; index++)
        {
            if (code.Is(index, "pg_catalog") && code.Kind(index + 1) == SqlTokenKind.Dot)
            {
                index++;
                continue;
            }

            var isWord = code.Kind(index) is SqlTokenKind.Word && index > start && code.Kind(index - 1) is SqlTokenKind.Word or SqlTokenKind.CloseParenthesis && code.Kind(index) == SqlTokenKind.Word;
            text.Append(isWord ? " " : "").Append(code.Name(index) ?? code.Span(index).ToString());
        }

        return TypeNames.Usual(text.ToString());
    }

    private static int NextClause(SqlCode code, int index, int end)
    {
        for (; index < end; index++)
        {
            if (code.Kind(index) == SqlTokenKind.OpenParenthesis)
            {
                index = code.AfterParentheses(index, end) - 1;
            }
            else if (code.IsAny(index, Clauses) && !(code.Is(index, "NULL") && code.Is(index - 1, "NOT")) && !(code.Is(index, "NULL") && code.Is(index - 1, "SET")) && !(code.Is(index, "DEFAULT") && code.IsAny(index - 1, "SET", "BY")))
            {
                return index;
            }
        }

        return end;
    }

    private static bool Has(SqlCode code, int start, int end, string keyword)
    {
        for (var index = start; index < end; index++)
        {
            if (code.Is(index, keyword))
            {
                return true;
            }
        }

        return false;
    }
}
