using System.Globalization;
using System.Text.RegularExpressions;

namespace Tenancy.LocalPostgres;

/// <summary>A version of an embedded-postgres package, such as <c>18.4.0-beta.17</c>: PostgreSQL's own, and a counter of the packaging.</summary>
internal sealed partial record PackageVersion(string Text, int Major, int Minor, int Patch, int Packaging) : IComparable<PackageVersion>
{
    public int CompareTo(PackageVersion? other) =>
        other is null ? 1 : (Major, Minor, Patch, Packaging).CompareTo((other.Major, other.Minor, other.Patch, other.Packaging));

    /// <summary>Reads a version; null for alphas and whatever else is not of this form.</summary>
    internal static PackageVersion? TryParse(string? text)
    {
        var match = Form().Match(text ?? "");
        return match.Success ? new PackageVersion(text!, Number(1), Number(2), Number(3), match.Groups[4].Success ? Number(4) : int.MaxValue) : null;

        int Number(int group) => int.Parse(match.Groups[group].ValueSpan, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"^(\d+)\.(\d+)\.(\d+)(?:-beta\.(\d+))?$")]
    private static partial Regex Form();
}
