using Tenancy.Model;

namespace Tenancy.Core.Sql;

/// <summary>String constants in SQL.</summary>
public static class SqlLiteral
{
    /// <summary>The value as a string constant: <c>'…'</c>, or <c>E'…'</c> when it holds a backslash, so that it means the same whatever <c>standard_conforming_strings</c> is.</summary>
    /// <param name="value">The value.</param>
    /// <exception cref="TenancyException"><c>InvalidValue</c>: it holds NUL.</exception>
    public static string Quote(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        Check(value);
        var doubled = value.Replace("'", "''", StringComparison.Ordinal);
        return value.Contains('\\', StringComparison.Ordinal)
            ? "E'" + doubled.Replace("\\", "\\\\", StringComparison.Ordinal) + "'"
            : "'" + doubled + "'";
    }

    /// <summary>The values as an array of text.</summary>
    /// <param name="values">The values.</param>
    /// <exception cref="TenancyException"><c>InvalidValue</c>: one holds NUL.</exception>
    internal static string Array(IEnumerable<string> values) => $"ARRAY[{string.Join(", ", values.Select(Quote))}]::pg_catalog.text[]";

    /// <summary>Checks that PostgreSQL can have this text. The value is not named: it may be a secret.</summary>
    /// <exception cref="TenancyException"><c>InvalidValue</c>: it holds NUL.</exception>
    internal static void Check(string value)
    {
        if (value.Contains('\0', StringComparison.Ordinal))
        {
            throw new TenancyException("InvalidValue", "A value holds a NUL character, which PostgreSQL cannot store.", "Remove the character.");
        }
    }
}
