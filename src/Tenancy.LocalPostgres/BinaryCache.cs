namespace Tenancy.LocalPostgres;

/// <summary>The folder that keeps downloaded binaries between runs.</summary>
internal static class BinaryCache
{
    private const UnixFileMode ForAllToRead = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    /// <summary>The first place that the server's account can reach: root's own cache folder usually is not one.</summary>
    internal static string Choose(string? given, ServerAccount account)
    {
        given ??= Environment.GetEnvironmentVariable(LocalPostgresOptions.CacheVariable);
        if (!string.IsNullOrEmpty(given))
        {
            return account.CanEnter(given)
                ? Path.GetFullPath(given)
                : throw new LocalPostgresException($"the user {account.User}, whom the server would run as, may not enter the cache folder {given}; set {LocalPostgresOptions.CacheVariable} to another.");
        }

        return UserCaches().Where(Path.IsPathFullyQualified).Select(c => Path.Combine(c, "tenancy-migrate", "postgres")).FirstOrDefault(account.CanEnter)
            ?? throw new LocalPostgresException($"there is no cache folder for the binaries; set {LocalPostgresOptions.CacheVariable} to one that the user {account.User ?? Environment.UserName} may enter.");
    }

    /// <summary>Makes a folder and those above it; where root makes them, others may read them whatever the umask is.</summary>
    internal static void Create(string folder)
    {
        try
        {
            if (Directory.Exists(folder))
            {
                return;
            }

            if (Path.GetDirectoryName(folder) is { } parent)
            {
                Create(parent);
            }

            Directory.CreateDirectory(folder);
            if (!OperatingSystem.IsWindows() && Environment.IsPrivilegedProcess)
            {
                File.SetUnixFileMode(folder, ForAllToRead);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LocalPostgresException($"the cache folder {folder} cannot be made ({e.Message}); set {LocalPostgresOptions.CacheVariable} to another.", e);
        }
    }

    /// <summary>Lets every user read what is in the folder, and run what its owner may run: the server's account may be another.</summary>
    internal static void OpenForAll(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        foreach (var path in Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories).Append(folder))
        {
            var mode = File.GetUnixFileMode(path);
            File.SetUnixFileMode(path, mode.HasFlag(UnixFileMode.UserExecute) ? mode | ForAllToRead : mode | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        }
    }

    /// <summary>Waits until no other process holds the lock file; it is free again when disposed, or when the process ends.</summary>
    internal static async Task<FileStream> LockAsync(string file, CancellationToken ct)
    {
        while (true)
        {
            try
            {
                return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (Directory.Exists(Path.GetDirectoryName(file)))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200), ct);
            }
        }
    }

    private static string[] UserCaches()
    {
        if (OperatingSystem.IsWindows())
        {
            return [Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)];
        }

        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        string[] all =
        [
            Environment.GetEnvironmentVariable("XDG_CACHE_HOME") ?? "",
            Path.Combine(home, OperatingSystem.IsMacOS() ? "Library/Caches" : ".cache"),
        ];
        return Environment.IsPrivilegedProcess ? [.. all, "/var/cache"] : all;
    }
}
