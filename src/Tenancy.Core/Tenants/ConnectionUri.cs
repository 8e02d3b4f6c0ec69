using Tenancy.Model;

namespace Tenancy.Core.Tenants;

/// <summary>Reads <c>postgresql://user:password@host:port/database?sslmode=…</c> (PostgreSQL manual, 34.1.1.2). No error repeats the text: it may hold a password.</summary>
internal static class ConnectionUri
{
    private const string Form = "Write postgresql://user@host:port/database, with special characters percent-encoded; for a socket folder, add ?host=/folder.";

    public static bool IsUri(string text) =>
        text.StartsWith("postgresql://", StringComparison.OrdinalIgnoreCase) || text.StartsWith("postgres://", StringComparison.OrdinalIgnoreCase);

    /// <exception cref="TenancyException"><c>InvalidConnection</c>.</exception>
    public static ConnectionSettings Parse(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri))
        {
            throw new TenancyException("InvalidConnection", "The connection URI cannot be read.", Form);
        }

        var settings = new ConnectionSettings
        {
            Host = NullIfEmpty(uri.Host.Trim('[', ']')),
            Port = uri.Port > 0 ? uri.Port : null,
            Database = NullIfEmpty(Uri.UnescapeDataString(uri.AbsolutePath.TrimStart('/'))),
        };
        var (user, password) = Cut(uri.UserInfo, ':');
        settings = settings with { Username = NullIfEmpty(Uri.UnescapeDataString(user)) };
        if (password is not null)
        {
            settings = settings.WithPassword(Uri.UnescapeDataString(password));
        }

        foreach (var pair in uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (key, value) = Cut(pair, '=');
            settings = With(settings, key, Uri.UnescapeDataString(value ?? ""));
        }

        return settings;
    }

    private static ConnectionSettings With(ConnectionSettings settings, string key, string value) => key switch
    {
        "host" => settings with { Host = value },
        "port" => settings with { Port = ServerAddress.ParsePort(value, "port= of the URI") },
        "dbname" => settings with { Database = value },
        "user" => settings with { Username = value },
        "password" => settings.WithPassword(value),
        "service" => settings with { ServiceName = value },
        "sslmode" => settings with { SslMode = ConnectionWords.ParseSslMode(value, "The connection URI") },
        "sslrootcert" => settings with { RootCertificate = value },
        "application_name" => settings with { ApplicationName = value },
        "connect_timeout" => settings with { ConnectTimeout = ConnectionWords.ParseTimeout(value, "The connection URI") },
        _ => throw new TenancyException("InvalidConnection", $"The connection URI has the parameter '{key}', which is not used here.", "Take it out; host, port, dbname, user, password, service, sslmode, sslrootcert, application_name and connect_timeout are."),
    };

    private static (string Before, string? After) Cut(string text, char at)
    {
        var index = text.IndexOf(at, StringComparison.Ordinal);
        return index < 0 ? (text, null) : (text[..index], text[(index + 1)..]);
    }

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
