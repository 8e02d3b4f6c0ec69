namespace Tenancy.Core.Sql;

/// <summary>Names a statement's command for messages.</summary>
internal static class SqlCommand
{
    private static readonly HashSet<string> Skipped =
    [
        "OR", "REPLACE", "TEMP", "TEMPORARY", "UNLOGGED", "GLOBAL", "LOCAL", "UNIQUE", "RECURSIVE", "TRUSTED", "PROCEDURAL", "CONSTRAINT", "DEFAULT",
    ];

    private static readonly Dictionary<string, string[]> Pairs = new()
    {
        ["MATERIALIZED"] = ["VIEW"],
        ["FOREIGN"] = ["TABLE", "DATA", "SCHEMA"],
        ["EVENT"] = ["TRIGGER"],
        ["TEXT"] = ["SEARCH"],
        ["USER"] = ["MAPPING"],
        ["ACCESS"] = ["METHOD"],
        ["OPERATOR"] = ["CLASS", "FAMILY"],
        ["LARGE"] = ["OBJECT"],
    };

    /// <summary>The command in capitals, such as <c>CREATE INDEX</c> or <c>INSERT</c>; a query that begins with WITH has the name of its main part.</summary>
    public static string Of(SqlCode code)
    {
        var first = code.Keyword(0);
        return first switch
        {
            "CREATE" or "ALTER" or "DROP" or "IMPORT" or "REFRESH" or "SECURITY" => Object(code, first),
            "WITH" => Main(code),
            "SET" when code.Is(1, "CONSTRAINTS") => "SET CONSTRAINTS",
            "" when code.Kind(0) == SqlTokenKind.OpenParenthesis => "SELECT",
            "" => "statement",
            _ => first,
        };
    }

    private static string Object(SqlCode code, string verb)
    {
        if (code.Follows(1, "DEFAULT PRIVILEGES"))
        {
            return verb + " DEFAULT PRIVILEGES";
        }

        var index = 1;
        while (Skipped.Contains(code.Keyword(index)))
        {
            index++;
        }

        var kind = code.Keyword(index);
        var second = code.Keyword(index + 1);
        return Pairs.TryGetValue(kind, out var pairs) && pairs.Contains(second) ? $"{verb} {kind} {second}" : $"{verb} {kind}".TrimEnd();
    }

    private static string Main(SqlCode code)
    {
        for (var index = 1; index < code.Count; index++)
        {
            if (code.Kind(index) == SqlTokenKind.OpenParenthesis)
            {
                index = code.AfterParentheses(index, code.Count) - 1;
            }
            else if (code.IsAny(index, "SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "VALUES"))
            {
                return code.Keyword(index);
            }
        }

        return "WITH";
    }
}
