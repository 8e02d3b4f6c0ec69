using System.Globalization;
using System.Numerics;

namespace Tenancy.Core.Adoption;

/// <summary>Flyway's order of versions: numbers between dots or underscores, compared one by one; <c>1.0</c> is <c>1</c>.</summary>
internal sealed class FlywayVersion : IEqualityComparer<string>, IComparer<string>
{
    /// <summary>The comparer.</summary>
    public static readonly FlywayVersion Comparer = new();

    /// <inheritdoc/>
    public int Compare(string? x, string? y)
    {
        var (left, right) = (Parts(x ?? ""), Parts(y ?? ""));
        for (var index = 0; index < Math.Max(left.Length, right.Length); index++)
        {
            var order = Part(left, index).CompareTo(Part(right, index));
            if (order != 0)
            {
                return order;
            }
        }

        return 0;
    }

    /// <inheritdoc/>
    public bool Equals(string? x, string? y) => Compare(x, y) == 0;

    /// <inheritdoc/>
    public int GetHashCode(string obj)
    {
        var parts = Parts(obj);
        var hash = new HashCode();
        foreach (var part in parts.AsSpan(0, Array.FindLastIndex(parts, static part => !part.IsZero) + 1))
        {
            hash.Add(part);
        }

        return hash.ToHashCode();
    }

    private static BigInteger Part(BigInteger[] parts, int index) => index < parts.Length ? parts[index] : BigInteger.Zero;

    // Flyway takes nothing but digits between the separators; whatever else is there counts as nothing.
    private static BigInteger[] Parts(string version) =>
        [.. version.Split('.', '_').Select(static part => BigInteger.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : BigInteger.Zero)];
}
