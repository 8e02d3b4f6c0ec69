using System.Globalization;

namespace Tenancy.LocalPostgres;

/// <summary>Removes what earlier runs left whose watchdog was killed too.</summary>
internal static class StaleFolders
{
    /// <summary>A folder that is younger may belong to a process that has yet to lock it.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(2);

    internal static async Task SweepAsync(ServerBinaries binaries, ServerAccount account)
    {
        foreach (var folder in ClusterFolder.Places().Where(Directory.Exists).SelectMany(p => Directory.EnumerateDirectories(p, ClusterFolder.Prefix + "*")))
        {
            if (IsAbandoned(folder))
            {
                // It runs under the server's account, so it cannot harm what another user put there under such a name.
                await Watchdog.Start(folder, binaries, account).DisposeAsync();
            }
        }
    }

    private static bool IsAbandoned(string folder)
    {
        try
        {
            var info = new DirectoryInfo(folder);
            if (info.LinkTarget is not null || DateTime.UtcNow - info.LastWriteTimeUtc < Grace)
            {
                return false;
            }

            var owner = Path.Combine(folder, "owner");
            if (!File.Exists(owner))
            {
                return true;
            }

            // Locked as long as the process lives. Its number is asked too, since locks may be switched off or missing (network file systems).
            using var file = new FileStream(owner, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            using var reader = new StreamReader(file);
            return !int.TryParse(reader.ReadToEnd(), NumberStyles.None, CultureInfo.InvariantCulture, out var id) || !IsAlive(id);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // in use, somebody else's, or just being removed
        }
    }

    private static bool IsAlive(int processId)
    {
        try
        {
            using var process = System.Diagnostics.Process.GetProcessById(processId);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
