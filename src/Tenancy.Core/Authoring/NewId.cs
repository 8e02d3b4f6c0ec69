using System.Buffers;
using System.Security.Cryptography;
using Tenancy.Core.Revisions;

namespace Tenancy.Core.Authoring;

/// <summary>Ids for new revisions: eight random hexadecimal digits, so that two people who write at the same time do not meet.</summary>
internal static class NewId
{
    private const int Length = 8;

    /// <summary>The beginning that should be its own: as much as one types.</summary>
    private const int Typed = 4;

    private const int Attempts = 1000;

    // Without one of these it might be a number to YAML, 12345678 or 1234e567.
    private static readonly SearchValues<char> NeverInNumbers = SearchValues.Create("abcdf");

    /// <summary>An id whose first four digits begin no other id or label, where there are such still; else one that begins no other, and that no other begins.</summary>
    public static string For(RevisionGraph graph)
    {
        var taken = graph.Names.ToList();
        var beginnings = taken.Select(static name => name[..Math.Min(name.Length, Typed)]).ToHashSet(StringComparer.OrdinalIgnoreCase);
        for (var attempt = 0; ; attempt++)
        {
            var id = RandomNumberGenerator.GetHexString(Length, lowercase: true);
            if (id.AsSpan().ContainsAny(NeverInNumbers) && (attempt < Attempts
                ? !beginnings.Contains(id[..Typed])
                : !taken.Exists(name => name.StartsWith(id, StringComparison.OrdinalIgnoreCase) || id.StartsWith(name, StringComparison.OrdinalIgnoreCase))))
            {
                return id;
            }
        }
    }
}
