namespace Tenancy.Core.Safety;

/// <summary>How large a table is over many schemas.</summary>
/// <param name="LargestBytes">Where it is largest, bytes of the table and its TOAST table; of a divided table all partitions.</param>
/// <param name="LargestSchema">That schema; null where it has no row anywhere.</param>
/// <param name="WithRows">How many schemas have rows in it.</param>
internal sealed record TableSize(long LargestBytes, string? LargestSchema, int WithRows)
{
    /// <summary>One byte: below it a table is empty.</summary>
    public const long AnyRow = 1;

    /// <summary>10 MB: read in a tenth of a second, written in a second, on any disk.</summary>
    public const long Small = 10L << 20;

    /// <summary>1 GB: read in some seconds, written in a minute or more; nobody's lock_timeout waits as long.</summary>
    public const long Large = 1L << 30;

    /// <summary>In no schema.</summary>
    public static TableSize None { get; } = new(0, null, 0);

    /// <summary>Both together, of different schemas.</summary>
    public TableSize And(TableSize other) => (LargestBytes >= other.LargestBytes ? this : other) with { WithRows = WithRows + other.WithRows };

    /// <summary>A size as people write it.</summary>
    /// <param name="bytes">Bytes.</param>
    public static string Show(long bytes) => bytes switch
    {
        >= 1L << 30 => FormattableString.Invariant($"{bytes / (double)(1L << 30):0.0} GB"),
        >= 1L << 20 => FormattableString.Invariant($"{bytes / (double)(1L << 20):0} MB"),
        _ => FormattableString.Invariant($"{(bytes + 1023) / 1024} kB"),
    };
}
