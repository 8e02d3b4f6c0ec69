using System.Data.Common;
using System.Globalization;

namespace Tenancy.LocalPostgres;

/// <summary>
/// A PostgreSQL server in a temporary folder, for this process alone. It is gone, with its folder, once it is disposed or the process has ended in
/// whatever way. It listens on 127.0.0.1 and, except on Windows, on a socket.
/// </summary>
public sealed partial class LocalPostgresServer : IAsyncDisposable
{
    private const int PortAttempts = 5;

    private readonly ServerBinaries binaries;
    private readonly ServerAccount account;
    private readonly ClusterFolder folder;
    private readonly Watchdog watchdog;
    private readonly string? password;
    private IReadOnlyList<string> shareDirectories = [];
    private bool disposed;

    private LocalPostgresServer(ServerBinaries binaries, ServerAccount account, ClusterFolder folder, Watchdog watchdog, string? password)
    {
        this.binaries = binaries;
        this.account = account;
        this.folder = folder;
        this.watchdog = watchdog;
        this.password = password;
    }

    /// <summary>The address that it listens on: 127.0.0.1.</summary>
    public string Host { get; } = "127.0.0.1";

    /// <summary>The TCP port, also part of the socket's name.</summary>
    public int Port { get; private set; }

    /// <summary>The folder of the socket (what libpq and Npgsql take for a host), or null on Windows.</summary>
    public string? SocketDirectory => OperatingSystem.IsWindows() ? null : folder.Sockets;

    /// <summary>The name of the superuser.</summary>
    public string SuperUser { get; } = "postgres";

    /// <summary>The version as the server says it, such as <c>15.18</c>.</summary>
    public string Version => binaries.Version;

    /// <summary>The major version, such as 15.</summary>
    public int MajorVersion => binaries.MajorVersion;

    /// <summary>The folder of the server's binaries. Client programs (psql, pg_dump) may be in it, or not.</summary>
    public string BinDirectory => binaries.Directory;

    /// <summary>The cluster's data folder.</summary>
    public string DataDirectory => folder.Data;

    /// <summary>Whether its data is in memory: see <see cref="LocalPostgresOptions.PreferMemory"/>.</summary>
    public bool IsInMemory => folder.IsInMemory;

    /// <summary>The server's log.</summary>
    public string LogFile => folder.Log;

    /// <summary>Finds binaries, makes a cluster, starts it and waits until it takes connections: one to two seconds, more when npm must bring binaries.</summary>
    /// <param name="options">What to start; null for the defaults.</param>
    /// <param name="ct">Gives up; what was begun is removed.</param>
    /// <returns>The running server.</returns>
    /// <exception cref="LocalPostgresException">No server can be started; the message says why, and what to install.</exception>
    public static async Task<LocalPostgresServer> StartAsync(LocalPostgresOptions? options = null, CancellationToken ct = default)
    {
        options ??= new LocalPostgresOptions();
        var account = await ServerAccount.GetAsync();
        var binaries = await BinaryFinder.FindAsync(options, account, ct);
        await StaleFolders.SweepAsync(binaries, account);
        var folder = ClusterFolder.Choose(account, options.PreferMemory);
        var server = new LocalPostgresServer(binaries, account, folder, Watchdog.Start(folder.Root, binaries, account), options.Password);
        try
        {
            await folder.CreateAsync(account, ct);
            server.shareDirectories = await binaries.ShareDirectoriesAsync(ct);
            await server.InitializeAsync(options, ct);
            await server.StartOnFreePortAsync(ct);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>A connection string for Npgsql, over TCP.</summary>
    /// <param name="database">The database's name.</param>
    /// <param name="user">A role, or null for the superuser; only the superuser's password is known here.</param>
    public string ConnectionString(string database = "postgres", string? user = null)
    {
        var builder = new DbConnectionStringBuilder { ["Host"] = Host, ["Port"] = Port, ["Username"] = user ?? SuperUser, ["Database"] = database };
        if (password is not null && user is null)
        {
            builder["Password"] = password;
        }

        return builder.ConnectionString;
    }

    /// <summary>Whether <c>CREATE EXTENSION</c> can find it: the contrib extensions are a package of their own in some distributions.</summary>
    /// <param name="name">Such as <c>citext</c>.</param>
    public bool HasExtension(string name) => shareDirectories.Any(share => File.Exists(Path.Combine(share, "extension", name + ".control")));

    /// <summary>Stops the server; its folder stays for <see cref="StartAgainAsync"/>.</summary>
    /// <param name="mode">How.</param>
    /// <param name="ct">Stops waiting for the end.</param>
    public async Task StopAsync(StopMode mode = StopMode.Fast, CancellationToken ct = default)
    {
        var stopped = await PgCtlAsync(["stop", "-m", mode == StopMode.Fast ? "fast" : "immediate"], ct);
        if (!stopped.Succeeded)
        {
            throw new LocalPostgresException($"The throwaway server in {folder.Root} did not stop: {stopped.Said}");
        }
    }

    /// <summary>Starts a stopped server, on the same port and data.</summary>
    /// <param name="ct">Stops waiting.</param>
    public async Task StartAgainAsync(CancellationToken ct = default)
    {
        var started = await PgCtlAsync(["start", "-l", folder.Log, "-o", $"-p {Port.ToString(CultureInfo.InvariantCulture)}"], ct);
        if (!started.Succeeded)
        {
            throw new LocalPostgresException($"PostgreSQL {Version} of {BinDirectory} did not start: {started.Said}{Environment.NewLine}{folder.LogTail()}");
        }
    }

    /// <summary>Stops and starts the server, on the same port and data.</summary>
    /// <param name="mode">How it stops.</param>
    /// <param name="ct">Stops waiting.</param>
    public async Task RestartAsync(StopMode mode = StopMode.Fast, CancellationToken ct = default)
    {
        await StopAsync(mode, ct);
        await StartAgainAsync(ct);
    }

    /// <summary>Ends the server at once and removes its folder.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!disposed)
        {
            disposed = true;
            folder.Dispose();
            await watchdog.DisposeAsync();
        }
    }

    private async Task InitializeAsync(LocalPostgresOptions options, CancellationToken ct)
    {
        var passwordFile = Path.Combine(folder.Root, "password");
        if (password is not null)
        {
            await ClusterFolder.WriteAsync(passwordFile, password, account, ct);
        }

        string[] authentication = password is null ? ["--auth=trust"] : ["--auth=scram-sha-256", $"--pwfile={passwordFile}"];
        var made = await ChildProcess.RunAsync(
            account.Command([binaries.InitDb, "-D", folder.Data, "-U", SuperUser, "-E", "UTF8", "--locale=C", "--no-sync", .. authentication]), ct);
        File.Delete(passwordFile);
        if (!made.Succeeded)
        {
            throw new LocalPostgresException($"initdb of PostgreSQL {Version} in {BinDirectory} failed:{Environment.NewLine}{made.Said}");
        }

        await File.AppendAllLinesAsync(Path.Combine(folder.Data, "postgresql.conf"), ServerSettings.Lines(options, SocketDirectory), ct);
    }

    /// <summary>Between the choice of a port and its use another process may take it: then another is tried.</summary>
    private async Task StartOnFreePortAsync(CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            Port = ClusterFolder.FreePort();
            try
            {
                await StartAgainAsync(ct);
                return;
            }
            catch (LocalPostgresException e) when (attempt < PortAttempts && e.Message.Contains("could not bind", StringComparison.Ordinal))
            {
                // taken in the meantime: another
            }
        }
    }

    private Task<ProcessOutput> PgCtlAsync(string[] arguments, CancellationToken ct) =>
        ChildProcess.RunAsync(account.Command([binaries.PgCtl, .. arguments, "-D", folder.Data, "-w", "-t", "60"]), ct);
}
