using System.Net.Sockets;
using System.Security.Authentication;
using Npgsql;
using Tenancy.Core.Sql;
using Tenancy.Model;

namespace Tenancy.Core.Tenants;

/// <summary>Says what went wrong when a connection was opened, and what to do. Names server, database and user, never a password.</summary>
internal static class ConnectionErrors
{
    public static TenancyException Describe(Exception error, DatabaseAddress address, string username)
    {
        var chain = Unwrap(error).ToList();
        if (chain.OfType<TenancyException>().FirstOrDefault() is { } own)
        {
            return own;
        }

        if (chain.OfType<PostgresException>().FirstOrDefault() is { } refused)
        {
            return DescribeRefusal(refused, address, username);
        }

        if (chain.OfType<AuthenticationException>().FirstOrDefault() is { } tls)
        {
            return new(
                "ConnectionFailed",
                $"No trusted TLS connection to {address}: {tls.Message}",
                "Name the file with the server's authority (PGSSLROOTCERT, or ?sslrootcert=file in a postgresql:// address) and use the host name of its certificate. -SslMode Require encrypts without checking whom you talk to.",
                error);
        }

        // Npgsql throws this as its own exception around what a password provider threw.
        if (error is NpgsqlException { InnerException: { } provider and not (SocketException or TimeoutException or IOException) } && error.Message.Contains("password provider", StringComparison.Ordinal))
        {
            return new("AuthenticationFailed", $"The password or access token for user '{username}' to {address} could not be had: {provider.Message}", "Run what gives the password or token by itself and mend it.", error);
        }

        var cause = chain.OfType<SocketException>().FirstOrDefault()?.Message
            ?? (chain.OfType<TimeoutException>().Any() ? "no answer in time" : chain[^1].Message);
        var action = address.Server.IsSocket
            ? "Is the server running, and is this the folder of its socket (unix_socket_directories) and its port?"
            : "Is the server running, are host and port right (Connect-TenantDatabase, or PGHOST and PGPORT), and does a firewall let you through? 'pg_isready -h host -p port' tells.";
        return new("ConnectionFailed", $"No connection to {address} as user '{username}': {cause}", action, error);
    }

    private static TenancyException DescribeRefusal(PostgresException error, DatabaseAddress address, string username)
    {
        // PgBouncer gives its own words, and those of the server it asked, with SQLSTATE 08P01.
        var isPoolers = error.SqlState == PostgresErrorCodes.ProtocolViolation;
        if (error.SqlState == PostgresErrorCodes.InvalidCatalogName || (isPoolers && (Says(error, "no such database") || Says(error, $"database \"{address.Database}\" does not exist"))))
        {
            return new("DatabaseNotFound", $"There is no {address}.", "Check the database's name (-Database or PGDATABASE); letters' case counts.", error);
        }

        if (error.SqlState.StartsWith("28", StringComparison.Ordinal) || (isPoolers && (Says(error, "no such user") || Says(error, "authentication failed"))))
        {
            return new(
                "AuthenticationFailed",
                $"{address} refuses user '{username}': {error.MessageText}",
                "Check the user (-Credential or PGUSER) and the password or token; an access token lives about an hour. The server's pg_hba.conf says which way of log-in it wants.",
                error);
        }

        return new(
            "ConnectionFailed",
            $"{address} refuses user '{username}': {error.MessageText}",
            Says(error, "startup parameter") ? "The pooler takes no startup options: unset PGOPTIONS and PGTZ." :
            error.SqlState == PostgresErrorCodes.InsufficientPrivilege && !isPoolers ? $"GRANT CONNECT ON DATABASE {SqlIdentifier.Quote(address.Database)} TO {SqlIdentifier.Quote(username)}." :
            error.SqlState == PostgresErrorCodes.TooManyConnections ? "Lower -ThrottleLimit, or raise the server's max_connections." : "The server's log says more.",
            error);
    }

    private static bool Says(PostgresException error, string words) => error.MessageText.Contains(words, StringComparison.Ordinal);

    private static IEnumerable<Exception> Unwrap(Exception error)
    {
        for (var current = error; current is not null; current = current.InnerException)
        {
            yield return current;
        }
    }
}
