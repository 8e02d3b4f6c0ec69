using System.Diagnostics;
using Tenancy.Core.Authoring.Autogenerate;
using Tenancy.Core.Tests.Execution;
using Tenancy.Core.Tests.Manifests;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Authoring;

/// <summary>What the commands of docs/autogenerate.md print (Orm/: recorded of EF Core 10.0.15 and SQLAlchemy 1.4.46) is taken as a desired schema, and what comes of it is run.</summary>
public sealed class OrmTests
{
    private static string Folder { get; } = Path.Combine(ExampleProject.RepositoryRoot, "tests", "Tenancy.Core.Tests", "Authoring", "Orm");

    [Theory]
    [InlineData("ef_dbcontext.sql", "Customers", "Orders", 2)]
    [InlineData("ef_migrations.sql", "Customers", "Orders", 3)]
    [InlineData("sqlalchemy.sql", "customer", "order", 0)]
    public async Task What_an_ORM_prints_is_taken(string file, string customers, string orders, int rows) =>
        await RunAsync(await File.ReadAllTextAsync(Path.Combine(Folder, file)), customers, orders, rows);

    [SkippableFact]
    public async Task The_command_for_SQLAlchemy_prints_it()
    {
        var page = await File.ReadAllTextAsync(Path.Combine(ExampleProject.RepositoryRoot, "docs", "autogenerate.md"));
        var start = page.IndexOf("`python -c \"", StringComparison.Ordinal) + "`python -c \"".Length;
        var code = page[start..page.IndexOf("\" > schema.sql`", start, StringComparison.Ordinal)];
        using var folder = new FleetFolder();
        Directory.CreateDirectory(Path.Combine(folder.Path, "app"));
        File.Copy(Path.Combine(Folder, "models.py"), Path.Combine(folder.Path, "app", "models.py"));

        var (has, _) = await PythonAsync(folder.Path, "import sqlalchemy");
        Skip.IfNot(has, "There is no SQLAlchemy.");
        var (printed, sql) = await PythonAsync(folder.Path, code);

        Assert.True(printed, sql);
        await RunAsync(sql, "customer", "order", 0);
    }

    private static async Task RunAsync(string sql, string customers, string orders, int rows)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync(extensions: true);
        await database.ExecuteAsync("CREATE SCHEMA acme");
        using var project = new FleetProject(database);

        var result = await AutogenerateTests.GenerateAsync(project, sql, static request => request with { Excluded = ["table:__EFMigrationsHistory"] });

        Assert.Equal(GeneratedMigrationStatus.Proved, result.Status);
        Assert.Empty(result.Inexpressible);
        Assert.Equal(rows > 0, result.Notes.Any(note => note.StartsWith($"{(rows == 3 ? 2 : 1)} statement", StringComparison.Ordinal)));
        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("acme")));
        Assert.Equal($"{customers} {orders}", await database.ScalarAsync<string>("SELECT string_agg(relname, ' ' ORDER BY relname COLLATE \"C\") FROM pg_class WHERE relnamespace = 'acme'::regnamespace AND relkind = 'r'"));
        Assert.Equal(GeneratedMigrationStatus.Same, (await AutogenerateTests.GenerateAsync(project, sql, static request => request with { Excluded = ["table:__EFMigrationsHistory"] })).Status);
    }

    // Debian's packages are for its own Python, which is not always the first.
    private static async Task<(bool Succeeded, string Output)> PythonAsync(string folder, string code)
    {
        var output = "";
        foreach (var program in new[] { "python3", "/usr/bin/python3" })
        {
            try
            {
                using var process = Process.Start(new ProcessStartInfo(program, ["-c", code]) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true })!;
                var errors = process.StandardError.ReadToEndAsync();
                output = await process.StandardOutput.ReadToEndAsync();
                await process.WaitForExitAsync();
                if (process.ExitCode == 0)
                {
                    return (true, output);
                }

                output = await errors;
            }
            catch (System.ComponentModel.Win32Exception)
            {
                // There is no such program.
            }
        }

        return (false, output);
    }

    private sealed class FleetFolder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("tenancy-orm-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
