using System.Globalization;
using Npgsql;

namespace Tenancy.Core.Execution;

/// <summary>The server's lock table, which all sessions share (<c>lock_capacity.sql</c>).</summary>
/// <param name="Processes">For how many processes it has room.</param>
/// <param name="LocksEach"><c>max_locks_per_transaction</c>: how many locks for each of them.</param>
/// <param name="Used">How many entries others use now.</param>
internal sealed record LockTable(long Processes, long LocksEach, long Used)
{
    // Rounded up as one would write it.
    private const int Step = 64;

    /// <summary>How many locks are free; 0 where it is full.</summary>
    public long Free => Math.Max(0, (Processes * LocksEach) - Used);

    /// <summary>What there is, in words: <c>the lock table has room for …, of which … are in use</c>.</summary>
    public string Figures => string.Create(
        CultureInfo.InvariantCulture, $"the lock table has room for {Processes * LocksEach} ({Processes} processes x max_locks_per_transaction = {LocksEach}), of which {Used} are in use");

    /// <summary>The setting with which so many locks fit, such as <c>max_locks_per_transaction = 128</c>.</summary>
    /// <param name="locks">The locks.</param>
    public string SettingFor(long locks) => string.Create(CultureInfo.InvariantCulture, $"max_locks_per_transaction = {(((locks + Used) / Processes / Step) + 1) * Step}");

    /// <summary>True where so many locks fit.</summary>
    /// <param name="locks">The locks.</param>
    public bool Fits(long locks) => locks + Used <= Processes * LocksEach;

    /// <summary>Reads what the query gave.</summary>
    /// <param name="reader">At its result.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<LockTable> ReadAsync(NpgsqlDataReader reader, CancellationToken cancellation)
    {
        await reader.ReadAsync(cancellation);
        return new(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2));
    }
}
