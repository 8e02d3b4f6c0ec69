using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Tenancy.LocalPostgres;

/// <summary>The temporary folder of one server: <c>data</c>, <c>s</c> (the socket), <c>log</c>, and <c>owner</c>, which its process keeps locked as long as it lives.</summary>
internal sealed class ClusterFolder : IDisposable
{
    internal const string Prefix = "tenancy-pg-";

    /// <summary>The shortest of the limits of <c>sun_path</c> (macOS: 104 with the final zero).</summary>
    private const int SocketPathLimit = 103;

    private FileStream? owner;

    private ClusterFolder(string path) => Root = path;

    internal string Root { get; }

    internal string Data => Path.Combine(Root, "data");

    internal string Sockets => Path.Combine(Root, "s");

    internal string Log => Path.Combine(Root, "log");

    internal bool IsInMemory => Path.GetDirectoryName(Root) == MemoryFolder.Path;

    private string OwnerFile => Path.Combine(Root, "owner");

    /// <summary>Chooses a place; nothing is made yet.</summary>
    internal static ClusterFolder Choose(ServerAccount account, bool preferMemory = false)
    {
        var name = Prefix + RandomNumberGenerator.GetHexString(12, lowercase: true);
        var places = (preferMemory && MemoryFolder.HasRoom() ? [MemoryFolder.Path, .. TemporaryFolders()] : TemporaryFolders()).Where(p => Directory.Exists(p) && account.CanEnter(p) && Fits(p, name)).ToArray();
        return places.Length > 0
            ? new ClusterFolder(Path.Combine(places[0], name))
            : throw new LocalPostgresException($"No temporary folder for a server: of {string.Join(", ", TemporaryFolders())} none exists, lets the server's user in, and is short enough for a socket's path. Set TMPDIR to such a folder.");
    }

    /// <summary>All folders where servers of earlier runs may lie.</summary>
    internal static IEnumerable<string> Places() => TemporaryFolders().Append(MemoryFolder.Path);

    /// <summary>Makes the folder; it belongs to the server's account, and nobody else may enter.</summary>
    internal async Task CreateAsync(ServerAccount account, CancellationToken ct)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(Root);
        }
        else
        {
            var made = await ChildProcess.RunAsync(account.Command("/bin/sh", "-c", "umask 077 && mkdir \"$0\" \"$0/s\"", Root), ct);
            if (!made.Succeeded)
            {
                throw new LocalPostgresException($"The server's temporary folder {Root} cannot be made: {made.Said}");
            }
        }

        owner = new FileStream(OwnerFile, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
        owner.Write(System.Text.Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
        owner.Flush();
    }

    /// <summary>Writes a file that only the server's account may read.</summary>
    internal static async Task WriteAsync(string file, string text, ServerAccount account, CancellationToken ct)
    {
        if (OperatingSystem.IsWindows())
        {
            await File.WriteAllTextAsync(file, text, ct);
            return;
        }

        var written = await ChildProcess.RunAsync(account.Command("/bin/sh", "-c", "umask 077 && cat > \"$0\"", file), ct, input: text);
        if (!written.Succeeded)
        {
            throw new LocalPostgresException($"{file} cannot be written: {written.Said}");
        }
    }

    /// <summary>The end of the server's log, for an error message.</summary>
    internal string LogTail() =>
        File.Exists(Log) ? string.Join(Environment.NewLine, File.ReadLines(Log).TakeLast(20)) : "(the server wrote no log)";

    /// <summary>
    /// A TCP port that nobody listens on. It is outside the range from which systems take the ports of outgoing connections, so that it is still free
    /// after a restart.
    /// </summary>
    internal static int FreePort()
    {
        for (var attempt = 0; attempt < 100; attempt++)
        {
            var port = RandomNumberGenerator.GetInt32(20000, 32000);
            using var listener = new TcpListener(IPAddress.Loopback, port);
            try
            {
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // taken: another
            }
        }

        throw new LocalPostgresException("No free TCP port between 20000 and 32000 on 127.0.0.1 in a hundred attempts.");
    }

    public void Dispose() => owner?.Dispose();

    private static IEnumerable<string> TemporaryFolders() =>
        OperatingSystem.IsWindows() ? [Path.GetTempPath()] : new[] { Path.GetTempPath(), "/tmp", "/var/tmp" }.Select(Path.TrimEndingDirectorySeparator).Distinct(StringComparer.Ordinal);

    private static bool Fits(string place, string name) =>
        OperatingSystem.IsWindows() || System.Text.Encoding.UTF8.GetByteCount(Path.Combine(place, name, "s", ".s.PGSQL.65535")) <= SocketPathLimit;
}
