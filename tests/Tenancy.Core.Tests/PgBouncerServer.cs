using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Tenancy.LocalPostgres;
using Xunit;

namespace Tenancy.Core.Tests;

/// <summary>
/// A PgBouncer in transaction mode before a test server, gone when disposed or when this process ends in whatever way.
/// It hands transactions to its server connections in turn, so that what leaks from one session to the next is seen.
/// <code>await using var pooler = await PgBouncerServer.StartAsync(database.Server);</code>
/// </summary>
internal sealed class PgBouncerServer : IAsyncDisposable
{
    private readonly Process process;
    private readonly string folder;

    private PgBouncerServer(Process process, string folder, int port)
    {
        this.process = process;
        this.folder = folder;
        Port = port;
    }

    internal string Host { get; } = "127.0.0.1";

    internal int Port { get; }

    /// <summary>Starts a PgBouncer; needs <c>[SkippableFact]</c>: where the program is missing the test is skipped.</summary>
    /// <param name="server">The server behind.</param>
    /// <param name="poolSize">Server connections for each database and role.</param>
    /// <param name="user">A role that may log in, beside the superuser.</param>
    /// <param name="elsewhere">A database that is not on that server, as a line of its configuration.</param>
    internal static Task<PgBouncerServer> StartAsync(LocalPostgresServer server, int poolSize = 20, string? user = null, string? elsewhere = null) => StartAsync(server, server.Port, poolSize, user, elsewhere);

    /// <summary>The same before a proxy of the server's.</summary>
    /// <inheritdoc cref="StartAsync(LocalPostgresServer, int, string, string)"/>
    internal static async Task<PgBouncerServer> StartAsync(LocalPostgresServer server, int serverPort, int poolSize, string? user = null, string? elsewhere = null)
    {
        var program = Find();
        Skip.If(program is null, "There is no pgbouncer on PATH or in /usr/sbin (Debian: install pgbouncer).");
        var account = await ServerAccount.GetAsync();
        for (var attempt = 1; ; attempt++)
        {
            var port = FindFreePort();
            var folder = WriteConfiguration(server, serverPort, port, poolSize, user, elsewhere);

            // The shell holds the other end of a pipe: when this process ends, it reads the end of file and takes PgBouncer with it.
            var info = account.StartInfo("/bin/sh", "-c", "\"$1\" \"$2\" >\"$3\" 2>&1 & child=$!; read -r ignored; kill \"$child\"; wait", "sh", program!, Path.Combine(folder, "pgbouncer.ini"), Path.Combine(folder, "log"));
            info.RedirectStandardInput = true;
            info.WorkingDirectory = "/";
            var pooler = new PgBouncerServer(Process.Start(info)!, folder, port);
            if (await pooler.IsListeningAsync())
            {
                return pooler;
            }

            // Another process may have taken the port between the choice and its use.
            var log = await File.ReadAllTextAsync(Path.Combine(folder, "log"));
            await pooler.DisposeAsync();
            if (attempt == 5)
            {
                throw new InvalidOperationException($"PgBouncer did not start:{Environment.NewLine}{log}");
            }
        }
    }

    /// <summary>For Npgsql, as superuser; without what makes a connection safe behind a pooler.</summary>
    internal string ConnectionString(string database) =>
        string.Create(CultureInfo.InvariantCulture, $"Host={Host};Port={Port};Username=postgres;Database={database}");

    public async ValueTask DisposeAsync()
    {
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        process.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private static string? Find() =>
        OperatingSystem.IsWindows()
            ? null
            : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Append("/usr/sbin").Select(static at => Path.Combine(at, "pgbouncer")).FirstOrDefault(File.Exists);

    private static int FindFreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string WriteConfiguration(LocalPostgresServer server, int serverPort, int port, int poolSize, string? user, string? elsewhere)
    {
        var folder = Directory.CreateTempSubdirectory("tenancy-pgbouncer-").FullName;
        var userFile = Path.Combine(folder, "users");
        File.WriteAllLines(userFile, new[] { server.SuperUser, user }.OfType<string>().Select(static name => $"\"{name}\" \"\""));
        File.WriteAllText(Path.Combine(folder, "pgbouncer.ini"), string.Create(CultureInfo.InvariantCulture, $"""
            [databases]
            {elsewhere}
            * = host={server.Host} port={serverPort}
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = {port}
            unix_socket_dir =
            auth_type = trust
            auth_file = {userFile}
            pool_mode = transaction
            default_pool_size = {poolSize}
            max_client_conn = 500
            server_round_robin = 1
            server_login_retry = 1

            """));
        File.WriteAllText(Path.Combine(folder, "log"), "");
        if (!OperatingSystem.IsWindows())
        {
            // It runs under another account where this process is root.
            const UnixFileMode All = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
            File.SetUnixFileMode(folder, All | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
            File.SetUnixFileMode(Path.Combine(folder, "log"), All);
        }

        return folder;
    }

    private async Task<bool> IsListeningAsync()
    {
        var deadline = Stopwatch.StartNew();
        while (deadline.Elapsed < TimeSpan.FromSeconds(10) && !LogSays("FATAL"))
        {
            if (LogSays($"listening on {Host}:{Port.ToString(CultureInfo.InvariantCulture)}"))
            {
                return true;
            }

            await Task.Delay(20);
        }

        return false;
    }

    private bool LogSays(string text)
    {
        using var log = new StreamReader(new FileStream(Path.Combine(folder, "log"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite), Encoding.UTF8);
        return log.ReadToEnd().Contains(text, StringComparison.Ordinal);
    }
}
