using System.Globalization;

namespace Tenancy.LocalPostgres;

/// <content>A second server that follows this one.</content>
public sealed partial class LocalPostgresServer
{
    private const string BaseBackup = "pg_basebackup";

    /// <summary>Whether <see cref="StartStandbyAsync"/> can work: not all distributions of the server bring pg_basebackup.</summary>
    public bool CanMakeStandby => File.Exists(ServerBinaries.Tool(binaries.Directory, BaseBackup));

    /// <summary>Makes a streaming standby of this server, a server of its own in a folder of its own, and waits until it takes connections, which can only read.</summary>
    /// <param name="settings">Lines for its <c>postgresql.conf</c> that differ from this server's; null for none.</param>
    /// <param name="ct">Gives up; what was begun is removed.</param>
    /// <exception cref="LocalPostgresException">It cannot be made.</exception>
    public async Task<LocalPostgresServer> StartStandbyAsync(IReadOnlyDictionary<string, string>? settings = null, CancellationToken ct = default)
    {
        var place = ClusterFolder.Choose(account);
        var standby = new LocalPostgresServer(binaries, account, place, Watchdog.Start(place.Root, binaries, account), password);
        try
        {
            await place.CreateAsync(account, ct);
            standby.shareDirectories = shareDirectories;
            var copied = await ChildProcess.RunAsync(
                account.Command([ServerBinaries.Tool(binaries.Directory, BaseBackup), "-d", Conninfo(), "-D", place.Data, "-X", "stream", "--checkpoint=fast", "--no-sync", "--write-recovery-conf"]), ct);
            if (!copied.Succeeded)
            {
                throw new LocalPostgresException($"pg_basebackup of the throwaway server in {folder.Root} failed: {copied.Said}");
            }

            var changed = new Dictionary<string, string>(settings ?? new Dictionary<string, string>()) { ["unix_socket_directories"] = standby.SocketDirectory ?? "" };
            await File.AppendAllLinesAsync(Path.Combine(place.Data, "postgresql.conf"), ServerSettings.Lines(changed), ct);
            await standby.StartOnFreePortAsync(ct);
            return standby;
        }
        catch
        {
            await standby.DisposeAsync();
            throw;
        }
    }

    private string Conninfo() => string.Create(CultureInfo.InvariantCulture, $"host={Host} port={Port} user={SuperUser}{(password is null ? "" : $" password='{password.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)}'")}");
}
