using System.Diagnostics;

namespace Tenancy.LocalPostgres.Tests;

/// <summary>A folder like /tmp, for one test: anybody may make files in it. It is short, as a socket's path must be.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    internal TemporaryFolder()
    {
        Path = Directory.CreateTempSubdirectory("lp").FullName;
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(Path, (UnixFileMode)0b1_111_111_111);
        }
    }

    internal string Path { get; }

    /// <summary>Waits until nothing is in the folder and no process works on what was in it.</summary>
    internal async Task AssertEmptiedAsync()
    {
        var clock = Stopwatch.StartNew();
        while (Remains() is { Length: > 0 } remains)
        {
            if (clock.Elapsed > TimeSpan.FromSeconds(30))
            {
                throw new InvalidOperationException("Still there: " + remains);
            }

            await Task.Delay(50);
        }
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);

    private string Remains() => string.Join(", ", Directory.GetFileSystemEntries(Path).Concat(Processes("cmdline").Select(id => $"process {id}")));

    /// <summary>The processes that name the folder in their command line or environment; on Linux only, elsewhere the folder alone tells.</summary>
    internal IEnumerable<int> Processes(string what)
    {
        foreach (var folder in Directory.Exists("/proc/self") ? Directory.GetDirectories("/proc") : [])
        {
            if (int.TryParse(System.IO.Path.GetFileName(folder), out var id) && Read(System.IO.Path.Combine(folder, what)).Contains(Path + "/tenancy-pg-", StringComparison.Ordinal))
            {
                yield return id;
            }
        }

        static string Read(string file)
        {
            try
            {
                return File.ReadAllText(file);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return ""; // gone in the meantime, or another user's
            }
        }
    }
}
