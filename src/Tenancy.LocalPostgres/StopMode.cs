namespace Tenancy.LocalPostgres;

/// <summary>How the server ends; the names and meanings of <c>pg_ctl stop --mode</c>.</summary>
public enum StopMode
{
    /// <summary>Rolls back what is open, disconnects everybody, writes a checkpoint.</summary>
    Fast,

    /// <summary>Ends at once, as in a crash: the next start recovers from the write-ahead log.</summary>
    Immediate,
}
