using Npgsql;
using Tenancy.Model;

namespace Tenancy.Core.Tenants;

/// <summary>What the engine must know of a server before it changes anything there.</summary>
public sealed record ServerFacts
{
    /// <summary>The oldest version that is supported, as <c>server_version_num</c> counts.</summary>
    public const int OldestVersion = 150_000;

    /// <summary><c>server_version_num</c>, such as 150004.</summary>
    public required int VersionNumber { get; init; }

    /// <summary>The version as people write it, such as <c>15.4</c>.</summary>
    public required string Version { get; init; }

    /// <summary>True on a standby, which takes no changes.</summary>
    public required bool IsInRecovery { get; init; }

    /// <summary>True where the role passes every permission check.</summary>
    public required bool IsSuperuser { get; init; }

    /// <summary>The role in effect.</summary>
    public required string Role { get; init; }

    /// <summary>The encoding of the database, such as <c>UTF8</c>.</summary>
    public required string Encoding { get; init; }

    /// <summary>True where a pooler stands between: the process that greeted is not the one that answers. Session state and session locks are unsafe there.</summary>
    public required bool IsBehindPooler { get; init; }

    /// <summary>Differs once the server was started anew, or recovered from a crash.</summary>
    public required ServerLife Life { get; init; }

    /// <summary>True where the database has the extension Citus.</summary>
    public required bool HasCitus { get; init; }

    /// <summary>The query that <see cref="Read"/> reads.</summary>
    internal const string Query =
        """
        SELECT pg_catalog.current_setting('server_version_num')::pg_catalog.int4, pg_catalog.current_setting('server_version'), pg_catalog.pg_is_in_recovery(),
          pg_catalog.current_setting('is_superuser') = 'on', current_user::pg_catalog.text, pg_catalog.current_setting('server_encoding'), pg_catalog.pg_backend_pid(),
          pg_catalog.pg_postmaster_start_time(), (SELECT w.stats_reset FROM pg_catalog.pg_stat_wal w),
          ARRAY(SELECT a.pid FROM pg_catalog.pg_stat_get_activity(NULL) a WHERE a.datid IS NULL), EXISTS (SELECT FROM pg_catalog.pg_extension x WHERE x.extname = 'citus')
        """;

    /// <summary>Asks the server, in one round trip.</summary>
    /// <param name="connection">An open connection.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<ServerFacts> ReadAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(connection);
        await using var command = new NpgsqlCommand(Query, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        return Read(connection, reader);
    }

    /// <summary>Reads what the server told.</summary>
    /// <param name="connection">The connection that it was asked over.</param>
    /// <param name="reader">At the row.</param>
    internal static ServerFacts Read(NpgsqlConnection connection, NpgsqlDataReader reader) => new()
    {
        VersionNumber = reader.GetInt32(0),
        Version = reader.GetString(1),
        IsInRecovery = reader.GetBoolean(2),
        IsSuperuser = reader.GetBoolean(3),
        Role = reader.GetString(4),
        Encoding = reader.GetString(5),
        IsBehindPooler = reader.GetInt32(6) != connection.ProcessID,
        Life = new(reader.GetDateTime(7), reader.IsDBNull(8) ? null : reader.GetDateTime(8), reader.GetFieldValue<int[]>(9)),
        HasCitus = reader.GetBoolean(10),
    };

    /// <summary>Refuses a server that is too old.</summary>
    /// <param name="address">The database, for the error.</param>
    /// <exception cref="TenancyException"><c>ServerTooOld</c>.</exception>
    public void EnsureSupported(DatabaseAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (VersionNumber < OldestVersion)
        {
            throw new TenancyException("ServerTooOld", $"{address} is PostgreSQL {Version}; this tool needs 15 or later.", "Upgrade the server, or migrate it with another tool.");
        }
    }
}
