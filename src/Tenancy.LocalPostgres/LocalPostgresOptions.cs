namespace Tenancy.LocalPostgres;

/// <summary>What kind of throwaway server to start. What is left null comes from the environment.</summary>
public sealed record LocalPostgresOptions
{
    /// <summary>Names the folder of <c>postgres</c>, <c>initdb</c> and <c>pg_ctl</c>; no other place is looked at.</summary>
    public const string BinVariable = "TENANCY_POSTGRES_BIN";

    /// <summary>Picks the major version, such as <c>18</c>.</summary>
    public const string VersionVariable = "TENANCY_POSTGRES_VERSION";

    /// <summary>Names the folder that keeps server binaries brought through npm.</summary>
    public const string CacheVariable = "TENANCY_POSTGRES_CACHE";

    /// <summary>The major version, or null: that of <see cref="VersionVariable"/>, else whichever is found first.</summary>
    public int? MajorVersion { get; init; }

    /// <summary>The only folder to look at for binaries, or null: that of <see cref="BinVariable"/>, else all usual places.</summary>
    public string? BinDirectory { get; init; }

    /// <summary>The folder for downloaded binaries, or null: that of <see cref="CacheVariable"/>, else the user's cache folder.</summary>
    public string? CacheDirectory { get; init; }

    /// <summary>The superuser's password (SCRAM is then demanded everywhere), or null: every local connection is trusted.</summary>
    public string? Password { get; init; }

    /// <summary>True to keep fsync and full page writes on, as a measurement wants it; false (default) for tests.</summary>
    public bool Durable { get; init; }

    /// <summary>
    /// True to lay the server in a file system in memory (<c>/dev/shm</c>) where there is one with room to spare, else in the temporary folder; false (default): always there.
    /// Databases are made and dropped in a third of the time.
    /// </summary>
    public bool PreferMemory { get; init; }

    /// <summary>More lines for <c>postgresql.conf</c>, name to value; they win over those set here.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();
}
