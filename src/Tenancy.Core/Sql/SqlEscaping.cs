using System.Collections.Immutable;

namespace Tenancy.Core.Sql;

/// <summary>Makes a value safe for the place where it stands.</summary>
internal static class SqlEscaping
{
    /// <summary>The value after all its escapes, innermost first.</summary>
    /// <exception cref="Tenancy.Model.TenancyException"><c>InvalidName</c> or <c>InvalidValue</c>: PostgreSQL cannot have the value.</exception>
    public static string Apply(string value, ImmutableArray<SqlEscape> escapes)
    {
        SqlLiteral.Check(value);
        foreach (var escape in escapes)
        {
            value = escape switch
            {
                SqlEscape.Identifier => SqlIdentifier.Quote(value),
                SqlEscape.Literal => SqlLiteral.Quote(value),
                SqlEscape.InsideIdentifier => Double(value, "\""),
                SqlEscape.InsideLiteral => Double(value, "'"),
                SqlEscape.InsideEscapeLiteral => Double(Double(value, "\\"), "'"),
                _ => value, // Dollar quotes change nothing; the template checks their tags once all is joined.
            };
        }

        return value;
    }

    private static string Double(string value, string character) => value.Replace(character, character + character, StringComparison.Ordinal);
}
