using System.Globalization;
using System.Text.RegularExpressions;

namespace Tenancy.Core.Sql;

/// <summary>Values of the settings that limit how long something waits or runs, of which 0 switches the limit off (manual, 20.11.1).</summary>
internal static partial class SqlTimeLimit
{
    /// <summary>Units with their milliseconds, the longest first (manual, 20.1.1).</summary>
    private static readonly (string Name, double Milliseconds)[] Units = [("d", 86_400_000), ("h", 3_600_000), ("min", 60_000), ("s", 1_000), ("ms", 1), ("us", 0.001)];

    private static readonly string[] Names = ["lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout"];

    /// <summary>Why a value is refused for a setting, or null; null for a setting that is no such limit.</summary>
    /// <param name="setting">The setting.</param>
    /// <param name="code">The tokens.</param>
    /// <param name="value">Index of the value's token.</param>
    /// <param name="isAlone">True when the value is that token only.</param>
    public static string? Refusal(string setting, SqlCode code, int value, bool isAlone)
    {
        if (!Array.Exists(Names, name => name.Equals(setting, StringComparison.OrdinalIgnoreCase)))
        {
            return null;
        }

        var text = !isAlone ? null : code.Kind(value) switch
        {
            SqlTokenKind.Number => code.Span(value).ToString(),
            SqlTokenKind.String => SqlStringContent.Of(code.Text, code[value]).Text,
            _ => null,
        };
        return text is null || Milliseconds(text) is null ? $"{setting} needs a time that can be read here: a plain number with a unit, such as '30s'. Another value could switch the limit off."
            : Milliseconds(text) < 1 ? $"{setting} without a limit could stop every other session. Write a time above 0, such as '30s'."
            : null;
    }

    /// <summary>What PostgreSQL makes of a value: a fraction is rounded to the next smaller unit, the whole to milliseconds (<c>convert_to_base_unit</c>). Null for what it cannot read, and for other bases and exponents.</summary>
    private static double? Milliseconds(string text)
    {
        var match = Form().Match(text);
        if (!match.Success)
        {
            return null;
        }

        var number = double.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture);
        var unit = Array.FindIndex(Units, unit => unit.Name == match.Groups["unit"].Value);
        if (unit >= 0)
        {
            number *= Units[unit].Milliseconds;
            number = unit + 1 < Units.Length ? Math.Round(number / Units[unit + 1].Milliseconds) * Units[unit + 1].Milliseconds : number;
        }

        return Math.Round(number);
    }

    [GeneratedRegex(@"^\s*(?<number>[0-9]+(\.[0-9]*)?|\.[0-9]+)\s*(?<unit>d|h|min|s|ms|us)?\s*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
