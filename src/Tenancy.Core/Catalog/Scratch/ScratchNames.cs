using System.Globalization;
using Tenancy.Core.Tenants;

namespace Tenancy.Core.Catalog.Scratch;

/// <summary>The names of scratch schemas, <c>tenancy_scratch_</c>, the run's id in 32 hexadecimal digits, <c>_</c> and what it is for: a name that occurs in nobody's definitions.</summary>
internal static class ScratchNames
{
    /// <summary>How long a suffix may be: the rest of the 63 bytes of a name.</summary>
    public const int LongestSuffix = 14;

    private const int RunLength = 32;

    /// <summary>The name of a run's scratch schema.</summary>
    /// <param name="run">The run.</param>
    /// <param name="suffix">What it is for: small ASCII letters, digits and <c>_</c>.</param>
    public static string Of(Guid run, string suffix)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(suffix.Length, LongestSuffix);
        return string.Create(CultureInfo.InvariantCulture, $"{ReservedSchemas.ScratchPrefix}{run:N}_{suffix}");
    }

    /// <summary>The run that a scratch schema belongs to; null where the name is none that a run gives.</summary>
    /// <param name="schema">The schema's name.</param>
    public static Guid? RunOf(string schema)
    {
        var rest = schema.StartsWith(ReservedSchemas.ScratchPrefix, StringComparison.Ordinal) ? schema.AsSpan(ReservedSchemas.ScratchPrefix.Length) : [];
        return rest.Length > RunLength && rest[RunLength] == '_' && Guid.TryParseExact(rest[..RunLength], "N", out var run) ? run : null;
    }

    /// <summary>What a run that commits scratch schemas locks for as long as it lives.</summary>
    /// <param name="run">The run.</param>
    public static string LockName(Guid run) => string.Create(CultureInfo.InvariantCulture, $"tenancy scratch {run:N}");

    /// <summary>What the server shows of a session that works in scratch schemas.</summary>
    /// <param name="run">The run.</param>
    public static string ApplicationName(Guid run) => $"tenancy {run.ToString("N", CultureInfo.InvariantCulture)[..8]} scratch";
}
