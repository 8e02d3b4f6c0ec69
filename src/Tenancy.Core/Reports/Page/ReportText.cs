using System.Collections.Immutable;
using System.Globalization;
using Tenancy.Core.Execution;
using Tenancy.Model;

namespace Tenancy.Core.Reports.Page;

/// <summary>Makes texts from manifests and databases fit to be shown: without secrets, and with nothing in them that is not seen.</summary>
/// <param name="secrets">The secrets.</param>
internal sealed class ReportText(ImmutableArray<string> secrets)
{
    private readonly SecretMask mask = new(secrets);

    /// <summary>The text: secrets masked; what could hide or turn round what stands beside it (control characters, marks of direction, line separators) as its code.</summary>
    /// <param name="text">The text.</param>
    public string Clean(string text) => PrintableText.Of(mask.Apply(text).Replace("\r\n", "\n", StringComparison.Ordinal));

    /// <summary>How long something took, as people read it.</summary>
    /// <param name="time">The time.</param>
    public static string Describe(TimeSpan time) => time switch
    {
        { TotalSeconds: < 10 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.00} s"),
        { TotalSeconds: < 100 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0} s"),
        { TotalHours: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalMinutes} min {time.Seconds} s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours} h {time.Minutes} min"),
    };
}
