using System.Text;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Catalog.Diffs;

/// <summary>
/// Turns SQL that a server printed into SQL that a manifest may hold and that means the same: nothing in its strings is taken for a substitution or a token. A string that PostgreSQL reads as a name gets
/// <c>${tenant.quoted}</c> for the token in it; any other string that would be mistaken goes into dollar quotes.
/// </summary>
/// <param name="own">The token of the schema that the diff is of.</param>
/// <param name="placeholder">Its placeholder: <c>tenant</c> or <c>shared</c>.</param>
internal sealed class SqlForManifest(string own, string placeholder)
{
    /// <summary>The text as a manifest may hold it.</summary>
    public string Of(string sql)
    {
        sql = ComparedArrays.Of(sql);
        if (!MayBeMistaken(sql))
        {
            return sql;
        }

        var text = new StringBuilder();
        foreach (var token in SqlLexer.Tokenize(sql))
        {
            var piece = sql.Substring(token.Start, token.Length);
            text.Append(token.Kind is SqlTokenKind.String or SqlTokenKind.EscapeString && MayBeMistaken(piece) ? String(sql, token) : piece);
        }

        return text.ToString();
    }

    /// <summary>True where a text holds what a manifest takes for a substitution.</summary>
    public static bool HasPlaceholder(string text) => text.Contains("${", StringComparison.Ordinal);

    private bool MayBeMistaken(string text) => HasPlaceholder(text) || text.Contains(own, StringComparison.OrdinalIgnoreCase);

    private string String(string sql, SqlToken token)
    {
        var content = SqlStringContent.Of(sql, token).Text;
        if (content.StartsWith(own + ".", StringComparison.Ordinal) && IsName(sql, token.End))
        {
            return SqlLiteral.Quote($"${{{placeholder}.quoted}}{content[own.Length..]}");
        }

        var tag = "$q$";
        for (var number = 1; (content + "$").Contains(tag, StringComparison.Ordinal); number++)
        {
            tag = $"$q{number}$";
        }

        return tag + content + tag;
    }

    // What the server prints of a name: 'a.b'::regclass.
    private static bool IsName(string sql, int end) => sql.AsSpan(end).StartsWith("::reg", StringComparison.Ordinal);
}
