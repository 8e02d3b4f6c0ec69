using System.Globalization;
using System.Text.RegularExpressions;
using Tenancy.Core.Manifests.Forms;

namespace Tenancy.Core.Manifests;

/// <summary>Lengths of time in PostgreSQL's units (manual, 20.1.1).</summary>
public static partial class Durations
{
    /// <summary>The form, for the JSON Schema.</summary>
    internal const string Pattern = "^[0-9]+ ?(ms|s|min|h|d)$";

    private static readonly Dictionary<string, double> Units = new(StringComparer.Ordinal)
    {
        ["ms"] = 1,
        ["s"] = 1_000,
        ["min"] = 60_000,
        ["h"] = 3_600_000,
        ["d"] = 86_400_000,
    };

    /// <summary>What is wrong with a duration, or null.</summary>
    internal static TextFault? Check(string text)
    {
        var match = Form().Match(text);
        if (!match.Success)
        {
            return new TextFault($"must be a number and a unit (ms, s, min, h, d) such as 500ms, 5s or 10min, not '{text}'.");
        }

        var milliseconds = Milliseconds(match);
        return milliseconds switch
        {
            0 => new TextFault("is 0, which PostgreSQL takes for 'no limit'. Nothing runs without a limit: write a duration above 0."),
            > int.MaxValue => new TextFault("is longer than PostgreSQL allows (24 days). Write a shorter duration."),
            _ => null,
        };
    }

    /// <summary>The length of a duration that has been checked.</summary>
    internal static TimeSpan Parse(string text) => TimeSpan.FromMilliseconds(Milliseconds(Form().Match(text)));

    /// <summary>The length of a duration such as 500ms, 5s, 10min or 4h; null where the text is none.</summary>
    /// <param name="text">The text.</param>
    public static TimeSpan? TryParse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Check(text) is null ? Parse(text) : null;
    }

    private static double Milliseconds(Match match) =>
        double.Parse(match.Groups["count"].Value, CultureInfo.InvariantCulture) * Units[match.Groups["unit"].Value];

    [GeneratedRegex(@"^(?<count>[0-9]+) ?(?<unit>ms|s|min|h|d)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
