using System.Globalization;

namespace Tenancy.LocalPostgres;

/// <summary>Linux's file system in memory, where it is large and the machine has memory to spare: containers often have one of 64 MB.</summary>
internal static class MemoryFolder
{
    internal const string Path = "/dev/shm";

    /// <summary>In bytes: a gigabyte of write-ahead log, and some hundred databases.</summary>
    private const long Needed = 4L << 30;

    internal static bool HasRoom()
    {
        try
        {
            return OperatingSystem.IsLinux() && Directory.Exists(Path)
                && new DriveInfo(Path) is { DriveFormat: "tmpfs", AvailableFreeSpace: >= Needed } && AvailableMemory() >= Needed;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>In bytes; what the kernel can give without swapping (proc_meminfo(5)), or less where a container may have less.</summary>
    private static long AvailableMemory()
    {
        var line = File.ReadLines("/proc/meminfo").FirstOrDefault(static line => line.StartsWith("MemAvailable:", StringComparison.Ordinal));
        var free = line is null ? 0 : long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
        return Math.Min(free, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
    }
}
