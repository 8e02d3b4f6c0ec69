namespace Tenancy.Core.Tenants;

/// <summary>What the machine says about connections: <c>PG*</c> variables, the home folder, the user, the usual socket folders. A value, so tests need not change the process.</summary>
public sealed class ConnectionEnvironment
{
    private readonly Func<string, string?> readVariable;
    private readonly string? home;

    /// <summary>Makes an environment.</summary>
    /// <param name="readVariable">Gives a variable's value, or null.</param>
    /// <param name="home">The folder of <c>.pgpass</c> and <c>.pg_service.conf</c>; null where there is none.</param>
    /// <param name="userName">The operating system's user, PostgreSQL's default role.</param>
    /// <param name="socketFolders">Folders where a local server's socket may be, best first.</param>
    public ConnectionEnvironment(Func<string, string?> readVariable, string? home, string userName, IReadOnlyList<string> socketFolders)
    {
        this.readVariable = readVariable;
        this.home = home;
        UserName = userName;
        SocketFolders = socketFolders;
    }

    /// <summary>The environment of this process.</summary>
    public static ConnectionEnvironment OfProcess()
    {
        var isWindows = OperatingSystem.IsWindows();
        var appData = Environment.GetEnvironmentVariable("APPDATA");
        var home = isWindows
            ? appData is null ? null : Path.Combine(appData, "postgresql")
            : Environment.GetEnvironmentVariable("HOME");
        return new(Environment.GetEnvironmentVariable, home, Environment.UserName, isWindows ? [] : ["/var/run/postgresql", "/tmp"]);
    }

    /// <summary>The operating system's user.</summary>
    public string UserName { get; }

    /// <summary>Folders where a local server's socket may be, best first.</summary>
    public IReadOnlyList<string> SocketFolders { get; }

    /// <summary>A variable's value; null when unset or empty, as libpq takes it.</summary>
    /// <param name="name">The name, such as <c>PGHOST</c>.</param>
    public string? Variable(string name) => readVariable(name) is { Length: > 0 } value ? value : null;

    /// <summary>The password file (PostgreSQL manual, 34.16), or null where there is no home folder.</summary>
    public string? PasswordFile => Variable("PGPASSFILE") ?? InHome(OperatingSystem.IsWindows() ? "pgpass.conf" : ".pgpass");

    /// <summary>Service files in the order they are searched (PostgreSQL manual, 34.17); they need not exist.</summary>
    public IEnumerable<string> ServiceFiles
    {
        get
        {
            if ((Variable("PGSERVICEFILE") ?? InHome(".pg_service.conf")) is { } own)
            {
                yield return own;
            }

            // libpq's system folder is fixed when it is built; Debian's and Red Hat's stand here for it.
            string[] folders = Variable("PGSYSCONFDIR") is { } folder ? [folder] : OperatingSystem.IsWindows() ? [] : ["/etc/postgresql-common", "/etc/sysconfig/pgsql", "/etc"];
            foreach (var system in folders)
            {
                yield return Path.Combine(system, "pg_service.conf");
            }
        }
    }

    private string? InHome(string file) => home is null ? null : Path.Combine(home, file);
}
