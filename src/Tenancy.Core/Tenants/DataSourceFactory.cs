using System.Security.Cryptography.X509Certificates;
using Npgsql;
using Tenancy.Model;

namespace Tenancy.Core.Tenants;

/// <summary>Builds the pool of connections of one database, the way the engine needs them.</summary>
internal static class DataSourceFactory
{
    /// <summary>The connection string, without any secret.</summary>
    public static NpgsqlConnectionStringBuilder Describe(ResolvedConnection connection, DatabaseAddress address) => new()
    {
        Host = address.Server.Host,
        Port = address.Server.Port,
        Database = address.Database,
        Username = connection.Username,
        ApplicationName = connection.ApplicationName,
        SslMode = ChooseSslMode(connection, address.Server),
        RootCertificate = connection.RootCertificate,
        SslCertificate = connection.ClientCertificate,
        SslKey = connection.ClientKey,

        // A blank keeps Npgsql from sending PGOPTIONS, which could set anything; an empty text would be lost on the way.
        Options = connection.HidesOptions ? " " : null,

        // .NET complains on stderr where libgssapi is missing, so Kerberos encryption only on demand. Kerberos log-in is not touched by this.
        GssEncryptionMode = connection.UsesGssEncryption ? GssEncryptionMode.Prefer : GssEncryptionMode.Disable,

        // Behind PgBouncer in transaction mode DISCARD ALL would hit another session, and startup options are refused.
        // Nothing has to be reset: the ordinary path sets only what ends with its transaction.
        NoResetOnClose = true,
        MaxAutoPrepare = 0,
        Enlist = false,
        Pooling = true,

        // The throttle of a run is the limit, not the pool. A backend keeps a cache entry of every relation it has met, so none lives long (see ConnectionCare).
        MaxPoolSize = 1000,
        ConnectionIdleLifetime = 60,
        ConnectionLifetime = 600,

        // The server's statement_timeout rules. No Keepalive: its messages would restart idle_in_transaction_session_timeout.
        CommandTimeout = 0,
        Timeout = (int)Math.Clamp(Math.Ceiling(connection.ConnectTimeout.TotalSeconds), 1, 1024),
        CancellationTimeout = 1000,
        TcpKeepAlive = !address.Server.IsSocket,
        TcpKeepAliveTime = address.Server.IsSocket ? 0 : 30,
        TcpKeepAliveInterval = address.Server.IsSocket ? 0 : 10,

        // The detail of a unique violation shows values of the row; what failed in a batch shows no more than the plan does.
        IncludeErrorDetail = false,
        IncludeFailedBatchedCommand = true,
        LogParameters = false,
        PersistSecurityInfo = false,
    };

    /// <summary>Builds the pool.</summary>
    public static NpgsqlDataSource Build(ResolvedConnection connection, DatabaseAddress address)
    {
        var builder = new NpgsqlDataSourceBuilder(Describe(connection, address).ConnectionString);

        // Npgsql's query for types reads pg_type whole, which has two rows for each table of each tenant. The built-in types are enough;
        // a column of type "char", regclass or the like is cast in SQL.
        builder.ConfigureTypeLoading(static types => types.EnableTypeLoading(false));
        builder.UsePasswordProvider(
            _ => throw new NotSupportedException("Connections are opened asynchronously."),
            (_, cancellation) => GetPasswordAsync(connection, address, cancellation));
        if (connection.UsesSystemRoots)
        {
            builder.UseRootCertificatesCallback(LoadSystemRoots);
        }

        return builder.Build();
    }

    private static X509Certificate2Collection LoadSystemRoots()
    {
        using var store = new X509Store(StoreName.Root, StoreLocation.LocalMachine, OpenFlags.ReadOnly);
        return store.Certificates;
    }

    // Asked only when the server wants a password. Never null: Npgsql would then read PGPASSWORD and the password file by rules of its own.
    private static async ValueTask<string> GetPasswordAsync(ResolvedConnection connection, DatabaseAddress address, CancellationToken cancellation)
    {
        if (connection.PasswordProvider is { } provider)
        {
            return await provider(cancellation);
        }

        return (connection.PasswordFile is { } file ? PasswordFile.Find(file, address, connection.Username, connection.SocketFolders) : null)
            ?? throw new TenancyException(
                "AuthenticationFailed",
                $"The server wants a password for user '{connection.Username}' to {address}, and none is given.",
                "Give -Credential or -AccessToken, set PGPASSWORD, or add a line to the password file (PGPASSFILE or ~/.pgpass, permissions 0600).");
    }

    // A socket is never encrypted, whatever is asked for (PostgreSQL manual, 34.1.2, sslmode).
    private static SslMode ChooseSslMode(ResolvedConnection connection, ServerAddress server)
    {
        if (server.IsSocket)
        {
            return SslMode.Disable;
        }

        return (connection.SslMode ?? (server.IsLocal ? ConnectionSslMode.Prefer : ConnectionSslMode.VerifyFull)) switch
        {
            ConnectionSslMode.Disable => SslMode.Disable,
            ConnectionSslMode.Allow => SslMode.Allow,
            ConnectionSslMode.Prefer => SslMode.Prefer,
            ConnectionSslMode.Require => SslMode.Require,
            ConnectionSslMode.VerifyCA => SslMode.VerifyCA,
            _ => SslMode.VerifyFull,
        };
    }
}
