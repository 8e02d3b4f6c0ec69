using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Tenancy.Core.Execution;

namespace Tenancy.Core.Reports.Page;

/// <summary>Makes texts from manifests and databases fit to be shown: without secrets, and with nothing in them that is not seen.</summary>
/// <param name="secrets">The secrets.</param>
internal sealed class ReportText(ImmutableArray<string> secrets)
{
    private readonly SecretMask mask = new(secrets);

    /// <summary>The text: secrets masked; what could hide or turn round what stands beside it (control characters, marks of direction, line separators) as its code.</summary>
    /// <param name="text">The text.</param>
    public string Clean(string text)
    {
        text = mask.Apply(text).Replace("\r\n", "\n", StringComparison.Ordinal);
        var clean = new StringBuilder(text.Length);
        for (var at = 0; at < text.Length; at++)
        {
            if (char.IsSurrogatePair(text, at))
            {
                clean.Append(text, at++, 2);
            }
            else if (IsShown(text[at]))
            {
                clean.Append(text[at]);
            }
            else
            {
                clean.Append(CultureInfo.InvariantCulture, $"\\u{(int)text[at]:x4}");
            }
        }

        return clean.ToString();
    }

    /// <summary>How long something took, as people read it.</summary>
    /// <param name="time">The time.</param>
    public static string Describe(TimeSpan time) => time switch
    {
        { TotalSeconds: < 10 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.00} s"),
        { TotalSeconds: < 100 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0} s"),
        { TotalHours: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalMinutes} min {time.Seconds} s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours} h {time.Minutes} min"),
    };

    private static bool IsShown(char character) => character is '\n' or '\t' || char.GetUnicodeCategory(character) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate or UnicodeCategory.OtherNotAssigned);
}
