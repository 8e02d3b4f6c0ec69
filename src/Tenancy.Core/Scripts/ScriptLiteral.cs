using System.Globalization;
using Tenancy.Core.Execution;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Scripts;

/// <summary>Values of commands as a script writes them.</summary>
internal static class ScriptLiteral
{
    /// <summary>The SQL of a value: a constant of its type, or the expression that looks it up.</summary>
    /// <param name="value">The value, or null.</param>
    public static string Of(object? value) => value switch
    {
        null => "NULL",
        LookedUp known => $"({known.Expression})",
        string text => SqlLiteral.Quote(text),
        string[] texts => SqlLiteral.Array(texts),
        bool boolean => boolean ? "true" : "false",
        int number => number.ToString(CultureInfo.InvariantCulture),
        Guid id => $"'{id}'::pg_catalog.uuid",
        _ => throw new NotSupportedException($"A script cannot write a {value.GetType().Name}."),
    };

    /// <summary>A command's SQL with its values written in.</summary>
    /// <param name="command">The command.</param>
    public static string Fill(SessionCommand command)
    {
        if (command.Values.IsDefaultOrEmpty)
        {
            return command.Text;
        }

        var filled = new System.Text.StringBuilder();
        foreach (var token in SqlLexer.Tokenize(command.Text))
        {
            var text = command.Text.AsSpan(token.Start, token.Length);
            if (token.Kind == SqlTokenKind.Parameter)
            {
                filled.Append(Of(command.Values[int.Parse(text[1..], CultureInfo.InvariantCulture) - 1]));
            }
            else
            {
                filled.Append(text);
            }
        }

        return filled.ToString();
    }
}
