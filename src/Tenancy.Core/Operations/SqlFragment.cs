using System.Text.RegularExpressions;
using Tenancy.Core.Manifests.Forms;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Operations;

/// <summary>Checks pieces of SQL that typed operations put into statements of their own: a piece must not be able to end the statement around it, or add to it.</summary>
internal static partial class SqlFragment
{
    /// <summary>The names of storage parameters, for the JSON Schema.</summary>
    public const string ParameterPattern = "^[a-z_][a-z0-9_.]*$";

    /// <summary>What begins another clause of a column (manual, CREATE TABLE and ALTER TABLE); none is a word within a type. COLLATE, STORAGE and COMPRESSION are left: they say more about the type, and change nothing else.</summary>
    private static readonly HashSet<string> OtherClauses = new(StringComparer.OrdinalIgnoreCase)
    {
        "CONSTRAINT", "PRIMARY", "UNIQUE", "REFERENCES", "CHECK", "DEFAULT", "GENERATED", "NOT", "NULL", "USING",
    };

    /// <summary>What is wrong with a type, or null. It stands in the statement without parentheses, so a comma would begin another column or action, and some words another clause.</summary>
    public static TextFault? CheckType(string text)
    {
        if (Check(text) is { } fault)
        {
            return fault;
        }

        var depth = 0;
        var previous = SqlTokenKind.None;
        foreach (var token in SqlLexer.Tokenize(text, static (_, _) => { }).Where(static token => !token.IsTrivia))
        {
            depth += text[token.Start] switch { _ when token.Length != 1 => 0, '(' or '[' => 1, ')' or ']' => -1, _ => 0 };
            if (depth == 0 && token.Kind == SqlTokenKind.Comma)
            {
                return new TextFault("has a ','. It is one data type; write further columns and changes as entries of their own.", token.Start);
            }

            var word = text.Substring(token.Start, token.Length);
            if (depth == 0 && token.Kind == SqlTokenKind.Word && previous is not (SqlTokenKind.None or SqlTokenKind.Dot) && OtherClauses.Contains(word))
            {
                return new TextFault($"has '{word}', which is no part of a data type. Write it under its own key (nullable, default, unique, check, references, using, …).", token.Start);
            }

            previous = token.Kind;
        }

        return null;
    }

    /// <summary>What is wrong with an expression, or null. Whoever uses it puts parentheses around it.</summary>
    public static TextFault? Check(string text) => Check(text, "It is one expression, not a statement; use the operation 'sql' for statements.", allowsLineComments: false);

    /// <summary>What is wrong with a query that is followed by a line end, or null.</summary>
    public static TextFault? CheckQuery(string text) => Check(text, "It is one query, without a ';' at its end.", allowsLineComments: true);

    private static TextFault? Check(string text, string one, bool allowsLineComments)
    {
        TextFault? fault = null;
        var open = new Stack<int>();
        var isEmpty = true;
        foreach (var token in SqlLexer.Tokenize(text, (offset, message) => fault ??= new TextFault($"is no SQL expression: {message}", offset)))
        {
            isEmpty &= token.IsTrivia;
            fault ??= token.Kind switch
            {
                SqlTokenKind.Semicolon => new TextFault($"has a ';'. {one}", token.Start),
                SqlTokenKind.LineComment when !allowsLineComments => new TextFault("has a comment with '--', which would hide what follows. Write a YAML comment ('# …') beside it.", token.Start),
                _ => Balance(text, token, open),
            };
        }

        return fault ?? (open.TryPop(out var unclosed) ? new TextFault($"has a '{text[unclosed]}' that is not closed.", unclosed)
            : isEmpty ? new TextFault("holds nothing but a comment.")
            : null);
    }

    /// <summary>What is wrong with an operator, or null.</summary>
    public static TextFault? CheckOperator(string text) =>
        text.All(SqlCharacters.IsOperator) && !text.Contains("--", StringComparison.Ordinal) && !text.Contains("/*", StringComparison.Ordinal)
            ? null
            : new TextFault($"must be an operator such as && or =, not '{text}'.");

    /// <summary>What is wrong with the name of a storage parameter, or null.</summary>
    public static TextFault? CheckParameter(string text) =>
        Parameter().IsMatch(text) ? null : new TextFault($"must be a storage parameter such as fillfactor, not '{text}'.");

    private static TextFault? Balance(string text, SqlToken token, Stack<int> open)
    {
        if (token.Length != 1 || token.Kind is not (SqlTokenKind.OpenParenthesis or SqlTokenKind.CloseParenthesis or SqlTokenKind.Other))
        {
            return null;
        }

        switch (text[token.Start])
        {
            case '(' or '[':
                open.Push(token.Start);
                return null;
            case ')' or ']' when !open.TryPop(out var start) || (text[start] == '(') != (text[token.Start] == ')'):
                return new TextFault($"has a '{text[token.Start]}' that closes nothing.", token.Start);
            default:
                return null;
        }
    }

    [GeneratedRegex(@"^[a-z_][a-z0-9_.]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Parameter();
}
