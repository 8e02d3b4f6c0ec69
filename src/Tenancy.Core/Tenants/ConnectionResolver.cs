using Tenancy.Model;

namespace Tenancy.Core.Tenants;

/// <summary>
/// Fills the gaps of settings as libpq does: what is given, then the service, then the <c>PG*</c> variables, then defaults
/// (PostgreSQL manual, 34.1.2, 34.15 to 34.17). Npgsql reads only some variables and no service file.
/// </summary>
internal sealed class ConnectionResolver
{
    private static readonly TimeSpan DefaultConnectTimeout = TimeSpan.FromSeconds(10);

    // libpq's word for the authorities of the operating system; it makes verify-full the default (PostgreSQL manual, 34.1.2, sslrootcert).
    private const string SystemRoots = "system";

    // Keywords of a service that change nothing that could surprise; any other one earns a warning.
    private static readonly HashSet<string> UsedKeywords =
    [
        "host", "hostaddr", "port", "dbname", "user", "password", "passfile", "sslmode", "sslrootcert", "sslcert", "sslkey", "application_name", "connect_timeout",
    ];

    private readonly ConnectionSettings settings;
    private readonly ConnectionEnvironment environment;
    private readonly IReadOnlyDictionary<string, string> service;
    private readonly string? serviceOrigin;
    private readonly List<string> warnings = [];

    private ConnectionResolver(ConnectionSettings settings, ConnectionEnvironment environment)
    {
        this.settings = settings;
        this.environment = environment;
        var name = settings.ServiceName ?? environment.Variable("PGSERVICE");
        service = name is null ? new Dictionary<string, string>() : ServiceFile.Read(name, environment.ServiceFiles);
        serviceOrigin = $"The service '{name}'";
    }

    /// <exception cref="TenancyException"><c>InvalidConnection</c> or <c>ServiceNotFound</c>.</exception>
    public static ResolvedConnection Resolve(ConnectionSettings settings, ConnectionEnvironment environment) => new ConnectionResolver(settings, environment).Resolve();

    private ResolvedConnection Resolve()
    {
        var server = FindServer();
        var username = settings.Username ?? Find("user", "PGUSER") ?? environment.UserName;
        var password = Find("password", "PGPASSWORD");
        var provider = settings.PasswordProvider ?? (password is null ? null : _ => new(password));
        var rootCertificate = settings.RootCertificate ?? Find("sslrootcert", "PGSSLROOTCERT");
        var sslMode = settings.SslMode ?? Find("sslmode", "PGSSLMODE", ConnectionWords.ParseSslMode) ?? (rootCertificate == SystemRoots ? ConnectionSslMode.VerifyFull : null);
        WarnOfUnused();
        WarnOfListeners(server, sslMode);
        return new()
        {
            Server = server,
            Database = settings.Database ?? Find("dbname", "PGDATABASE") ?? username,
            Username = username,
            OtherPort = environment.Variable("PGPORT") is { } port ? ServerAddress.ParsePort(port, "PGPORT") : ServerAddress.DefaultPort,
            PasswordProvider = provider,
            PasswordFile = provider is null ? FindPasswordFile() : null,
            SocketFolders = environment.SocketFolders,
            SslMode = sslMode,
            RootCertificate = rootCertificate == SystemRoots ? null : rootCertificate,
            UsesSystemRoots = rootCertificate == SystemRoots,
            ClientCertificate = service.GetValueOrDefault("sslcert"),
            ClientKey = service.GetValueOrDefault("sslkey"),
            DirectServer = FindDirectServer(server),
            ApplicationName = settings.ApplicationName ?? Find("application_name", "PGAPPNAME") ?? "TenancyMigrate",
            ConnectTimeout = settings.ConnectTimeout ?? FindTimeout() ?? DefaultConnectTimeout,
            UsesGssEncryption = environment.Variable("PGGSSENCMODE") is not (null or "disable"),
            HidesOptions = environment.Variable("PGOPTIONS") is not null,
            Warnings = [.. warnings],
        };
    }

    private ServerAddress FindServer()
    {
        var port = settings.Port ?? (Find("port", "PGPORT") is { } text ? ServerAddress.ParsePort(text, service.ContainsKey("port") ? serviceOrigin! : "PGPORT") : ServerAddress.DefaultPort);
        var host = settings.Host ?? Find("host", "PGHOST");
        var numeric = Find("hostaddr", "PGHOSTADDR");
        if (host is not null && settings.Host is null && numeric is not null)
        {
            warnings.Add($"The address {numeric} (hostaddr) is not used: the connection goes to the host '{host}'.");
        }

        host ??= numeric ?? environment.SocketFolders.FirstOrDefault(folder => File.Exists(Path.Combine(folder, $".s.PGSQL.{port}"))) ?? "localhost";
        if (host.Contains(',', StringComparison.Ordinal))
        {
            throw new TenancyException("InvalidConnection", $"The host '{host}' names several servers.", "Name one server: the primary, where changes are made.");
        }

        return ServerAddress.Of(host, port);
    }

    private ServerAddress? FindDirectServer(ServerAddress server)
    {
        if (settings.DirectServer is null)
        {
            return null;
        }

        // Beside a pooler on 6432 the server itself is on its usual port, so the pooler's port is no default here.
        var (host, port) = ServerAddress.Split(settings.DirectServer);
        var direct = ServerAddress.Of(host, port ?? ServerAddress.DefaultPort);
        return direct != server
            ? direct
            : throw new TenancyException("InvalidConnection", $"The direct server {direct} is the server itself.", "Name the PostgreSQL server behind the pooler, or leave the direct server out.");
    }

    private string? FindPasswordFile()
    {
        var file = service.GetValueOrDefault("passfile") ?? environment.PasswordFile;
        if (file is null || !File.Exists(file))
        {
            return null;
        }

        if (PasswordFile.FindFault(file) is { } fault)
        {
            warnings.Add(fault);
            return null;
        }

        return file;
    }

    private void WarnOfUnused()
    {
        if (environment.Variable("PGOPTIONS") is not null)
        {
            warnings.Add("PGOPTIONS is not used: the engine sets what its transactions need. Unset it if a pooler refuses the startup parameter 'options'.");
        }

        foreach (var keyword in service.Keys.Where(static keyword => !UsedKeywords.Contains(keyword)).Order(StringComparer.Ordinal))
        {
            warnings.Add($"{serviceOrigin} sets '{keyword}', which is not used here.");
        }
    }

    // Whoever stands in between can say that the server has no TLS, and ask for the password itself (PostgreSQL manual, 34.19.3).
    private void WarnOfListeners(ServerAddress server, ConnectionSslMode? mode)
    {
        if (!server.IsLocal && mode is (ConnectionSslMode.Disable or ConnectionSslMode.Allow or ConnectionSslMode.Prefer))
        {
            warnings.Add($"With sslmode {mode} the connection to {server} can be read by whoever is in between, the password or token too. Use VerifyFull, or Require where the server's certificate cannot be checked.");
        }
    }

    private TimeSpan? FindTimeout() =>
        service.TryGetValue("connect_timeout", out var own) ? ConnectionWords.ParseTimeout(own, serviceOrigin!)
        : environment.Variable("PGCONNECT_TIMEOUT") is { } text ? ConnectionWords.ParseTimeout(text, "PGCONNECT_TIMEOUT")
        : null;

    private string? Find(string keyword, string variable) => service.TryGetValue(keyword, out var value) ? value : environment.Variable(variable);

    private T? Find<T>(string keyword, string variable, Func<string, string, T> parse)
        where T : struct =>
        service.TryGetValue(keyword, out var value) ? parse(value, serviceOrigin!)
        : environment.Variable(variable) is { } text ? parse(text, variable)
        : null;
}
