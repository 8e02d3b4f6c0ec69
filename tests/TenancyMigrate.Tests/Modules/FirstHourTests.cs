using System.Globalization;
using Npgsql;
using Tenancy.LocalPostgres;
using TenancyMigrate.Tests.Hosting;
using Xunit;

namespace TenancyMigrate.Tests.Modules;

/// <summary>docs/first-hour.md shows what PowerShell shows. With TENANCY_WRITE_TRANSCRIPT=1 what is otherwise by now is written into the page instead.</summary>
public sealed class FirstHourTests
{
    [SkippableFact]
    public async Task Each_command_shows_what_the_page_has_below_it()
    {
        var path = Path.Combine(Repository.Root, "docs", "first-hour.md");
        var page = new Transcript(path);
        await using var server = await LocalPostgresServer.StartAsync();
        Skip.IfNot(File.Exists(Path.Combine(server.BinDirectory, OperatingSystem.IsWindows() ? "psql.exe" : "psql")) || Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator).Any(static folder => File.Exists(Path.Combine(folder, "psql"))), "There is no psql beside the server or on PATH.");
        await using (var connection = new NpgsqlConnection(server.ConnectionString()))
        {
            await connection.OpenAsync();
            await using var command = new NpgsqlCommand("CREATE DATABASE app", connection);
            await command.ExecuteNonQueryAsync();
        }

        // A table shows its path whole only where it is short, whatever TMPDIR says.
        var folder = Directory.Exists("/tmp") ? Directory.CreateDirectory("/tmp/hour-" + Path.GetRandomFileName()[..6]).FullName : Directory.CreateTempSubdirectory("hour-").FullName;
        try
        {
            Copy(InstalledModule.Folder, folder);
            Copy(Path.Combine(Repository.Root, "examples", "saas"), Path.Combine(folder, "saas"));
            var shown = (await page.RunAsync(
                new Dictionary<string, string?>
                {
                    // Modules go to the user's folder, which is this one.
                    ["XDG_DATA_HOME"] = Path.Combine(folder, "home"),
                    ["PGHOST"] = server.Host,
                    ["PGPORT"] = server.Port.ToString(CultureInfo.InvariantCulture),
                    ["PGUSER"] = server.SuperUser,
                    ["PGDATABASE"] = "app",
                    ["PATH"] = server.BinDirectory + Path.PathSeparator + Environment.GetEnvironmentVariable("PATH"),
                },
                folder)).Select(text => AsOnThePage(text, server, folder)).ToList();
            if (Environment.GetEnvironmentVariable("TENANCY_WRITE_TRANSCRIPT") == "1")
            {
                await File.WriteAllTextAsync(path, page.With(shown));
            }

            foreach (var (command, expected, now) in page.Commands.Zip(new Transcript(path).Shown, shown))
            {
                Assert.True(Transcript.IsSame(expected, now), $"PS> {command}\n{now}\n\nThe page has\n{expected}\n\nIf that is right, set TENANCY_WRITE_TRANSCRIPT=1, run this test again, read the page and commit it.");
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // Where the server and the folder are is otherwise each time too; what follows in a table stays where it was.
    private static string AsOnThePage(string text, LocalPostgresServer server, string folder)
    {
        var address = string.Create(CultureInfo.InvariantCulture, $"{server.Host}:{server.Port}");
        return text.Replace(address + " ", "db1:5432 ".PadRight(address.Length + 1), StringComparison.Ordinal).Replace(address, "db1:5432", StringComparison.Ordinal).Replace(folder, "/home/dba", StringComparison.Ordinal);
    }

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }
}
