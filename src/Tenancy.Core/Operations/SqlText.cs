using System.Text;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Operations;

/// <summary>Pieces of SQL that typed operations put together.</summary>
internal static class SqlText
{
    /// <summary>Quoted identifiers with commas between them.</summary>
    public static string QuoteAll(IEnumerable<string> names) => string.Join(", ", names.Select(SqlIdentifier.Quote));

    /// <summary>A name that the search path resolves (collations, operator classes): quoted, with its schema only where one is written.</summary>
    public static string QuoteResolved(ObjectName name) =>
        name.Schema is null ? SqlIdentifier.Quote(name.Name) : SqlIdentifier.Quote(name.Schema, name.Name);

    /// <summary>Roles with commas between them; <c>public</c> is everybody.</summary>
    public static string Roles(IEnumerable<string> names) => string.Join(", ", names.Select(static name => name == "public" ? "PUBLIC" : SqlIdentifier.Quote(name)));

    /// <summary>Actions of ALTER TABLE on one column, with commas between them.</summary>
    public static string AlterColumn(string column, IEnumerable<string> actions) => string.Join(", ", actions.Select(action => $"ALTER COLUMN {SqlIdentifier.Quote(column)} {action}"));

    /// <summary>COMMENT ON.</summary>
    /// <param name="target">The kind and the name in SQL, such as <c>TABLE "a"."b"</c>.</param>
    /// <param name="text">The comment; null for none.</param>
    public static string Comment(string target, string? text) => $"COMMENT ON {target} IS {(text is null ? "NULL" : SqlLiteral.Quote(text))}";

    /// <summary>The name that PostgreSQL would choose for a constraint (<c>makeObjectName</c>): the parts with underscores, the longer of the first two cut until all fits in 63 bytes.</summary>
    /// <param name="table">The table.</param>
    /// <param name="columns">Its columns, if the constraint is named after them.</param>
    /// <param name="suffix"><c>pkey</c>, <c>key</c>, <c>fkey</c>, <c>check</c> or <c>excl</c>.</param>
    /// <param name="taken">Names that are taken; the result is added. A number makes a name unique.</param>
    public static string ConstraintName(string table, IEnumerable<string> columns, string suffix, ISet<string> taken)
    {
        var middle = string.Join('_', columns);
        for (var number = 0; ; number++)
        {
            var ending = number == 0 ? suffix : $"{suffix}{number}";
            var room = SqlIdentifier.MaxBytes - Encoding.UTF8.GetByteCount(ending) - 1 - (middle.Length > 0 ? 1 : 0);
            int first = Encoding.UTF8.GetByteCount(table), second = Encoding.UTF8.GetByteCount(middle);
            while (first + second > room)
            {
                _ = first > second ? first-- : second--;
            }

            var name = middle.Length > 0 ? $"{Cut(table, first)}_{Cut(middle, second)}_{ending}" : $"{Cut(table, first)}_{ending}";
            if (taken.Add(name))
            {
                return name;
            }
        }
    }

    private static string Cut(string text, int bytes)
    {
        var length = 0;
        var used = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (used + rune.Utf8SequenceLength > bytes)
            {
                break;
            }

            used += rune.Utf8SequenceLength;
            length += rune.Utf16SequenceLength;
        }

        return text[..length];
    }
}
