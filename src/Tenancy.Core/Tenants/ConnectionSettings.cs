using System.Globalization;
using Tenancy.Model;

namespace Tenancy.Core.Tenants;

/// <summary>
/// What the user says about the connection. What is null comes from the service file and the <c>PG*</c> variables, as in psql.
/// Holds a secret only inside <see cref="PasswordProvider"/>, so its text never shows one.
/// </summary>
public sealed record ConnectionSettings
{
    /// <summary>Host name, address or socket folder.</summary>
    public string? Host { get; init; }

    /// <summary>TCP port, or the number of the socket.</summary>
    public int? Port { get; init; }

    /// <summary>The database that holds tenants which name none.</summary>
    public string? Database { get; init; }

    /// <summary>The role that logs in.</summary>
    public string? Username { get; init; }

    /// <summary>Gives the password or access token. Asked again for each new connection to the server, because an Entra token lives about an hour.</summary>
    public Func<CancellationToken, ValueTask<string>>? PasswordProvider { get; init; }

    /// <summary>Null means <see cref="ConnectionSslMode.VerifyFull"/> where the host is not local, else <see cref="ConnectionSslMode.Prefer"/>.</summary>
    public ConnectionSslMode? SslMode { get; init; }

    /// <summary>A PEM file with the authorities to trust, or <c>system</c>; null means <c>PGSSLROOTCERT</c>, <c>~/.postgresql/root.crt</c>, then those of the operating system.</summary>
    public string? RootCertificate { get; init; }

    /// <summary>Where non-transactional steps go when <see cref="Host"/> is a pooler: host, <c>host:port</c> or socket folder.</summary>
    public string? DirectServer { get; init; }

    /// <summary>A service of the service file (PostgreSQL manual, 34.17).</summary>
    public string? ServiceName { get; init; }

    /// <summary>The name that the server shows for idle connections, and the start of the name it shows during a run.</summary>
    public string? ApplicationName { get; init; }

    /// <summary>How long to wait for a new connection.</summary>
    public TimeSpan? ConnectTimeout { get; init; }

    /// <summary>Settings from what a user types as a server: host, <c>host:port</c>, socket folder, or <c>postgresql://</c> URI.</summary>
    /// <param name="server">The text. A password in a URI is used and never shown.</param>
    /// <exception cref="TenancyException"><c>InvalidConnection</c>: the text is none of these.</exception>
    public static ConnectionSettings FromServer(string server)
    {
        ArgumentNullException.ThrowIfNull(server);
        if (ConnectionUri.IsUri(server))
        {
            return ConnectionUri.Parse(server);
        }

        var (host, port) = ServerAddress.Split(server);
        return new() { Host = host, Port = port };
    }

    /// <summary>The same settings with a fixed password.</summary>
    /// <param name="password">The password.</param>
    public ConnectionSettings WithPassword(string password) => this with { PasswordProvider = _ => new(password) };

    /// <summary>Host, port, database and user as far as they are set. No secret.</summary>
    public override string ToString()
    {
        string?[] parts =
        [
            ServiceName is null ? null : $"service={ServiceName}",
            Host is null ? null : $"host={Host}",
            Port is { } port ? string.Create(CultureInfo.InvariantCulture, $"port={port}") : null,
            Database is null ? null : $"database={Database}",
            Username is null ? null : $"user={Username}",
            SslMode is null ? null : $"sslmode={SslMode}",
        ];
        return string.Join(' ', parts.OfType<string>());
    }
}
