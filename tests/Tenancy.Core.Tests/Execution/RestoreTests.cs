using System.Diagnostics;
using System.Globalization;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>Databases that were restored from a dump, or copied: every schema has a new OID, or none has.</summary>
public sealed class RestoreTests
{
    private const string Differing = "SELECT count(*) FROM tenancy.head h JOIN pg_namespace n ON n.nspname = h.schema WHERE n.oid <> h.schema_oid";

    [SkippableFact]
    public async Task A_database_restored_elsewhere_goes_on_where_it_was()
    {
        await using var source = await CreateAsync();
        await using var target = await PostgresFixture.CreateDatabaseAsync();
        await RestoreAsync(target, await DumpAsync(source));
        await AssertGoesOnAsync(target);
    }

    [SkippableFact]
    public async Task A_database_restored_in_place_goes_on_where_it_was()
    {
        await using var database = await CreateAsync();
        var dump = await DumpAsync(database);
        await database.ExecuteAsync("DROP SCHEMA t1 CASCADE; DROP SCHEMA t2 CASCADE; DROP SCHEMA tenancy CASCADE");
        await RestoreAsync(database, dump);
        await AssertGoesOnAsync(database);
    }

    [SkippableFact]
    public async Task A_tenant_recreated_after_the_restore_is_still_noticed()
    {
        await using var source = await CreateAsync();
        await using var target = await PostgresFixture.CreateDatabaseAsync();
        await RestoreAsync(target, await DumpAsync(source));
        await AssertGoesOnAsync(target);
        await target.ExecuteAsync("DROP SCHEMA t1 CASCADE; CREATE SCHEMA t1");
        using var project = new FleetProject(target).WithCountedRevisions();

        var results = await project.MigrateAsync(FleetProject.Tenants("t1", "t2"));

        Assert.Equal([MigrationStatus.Recreated, MigrationStatus.UpToDate], results.Select(static result => result.Status));
    }

    [Fact]
    public async Task A_copy_of_a_database_does_not_hide_a_recreated_tenant()
    {
        await using var source = await CreateAsync();
        await source.ExecuteAsync("DROP SCHEMA t1 CASCADE; CREATE SCHEMA t1");
        await source.DataSource.DisposeAsync();
        var name = source.Name + "_copy";
        await PostgresFixture.ExecuteAsync($"SELECT pg_terminate_backend(pid, 30000) FROM pg_stat_activity WHERE datname = '{source.Name}'");
        await PostgresFixture.ExecuteAsync($"CREATE DATABASE {name} TEMPLATE {source.Name}");
        await using var copy = new TestDatabase(source.Server, name);
        using var project = new FleetProject(copy).WithCountedRevisions();

        for (var run = 0; run < 2; run++)
        {
            var results = await project.MigrateAsync(FleetProject.Tenants("t1", "t2"));
            Assert.Equal([MigrationStatus.Recreated, MigrationStatus.UpToDate], results.Select(static result => result.Status));
        }
    }

    // Two tenants at head.
    private static async Task<TestDatabase> CreateAsync()
    {
        var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA t1; CREATE SCHEMA t2");
        using var project = new FleetProject(database).WithCountedRevisions();
        Assert.All(await project.MigrateAsync(FleetProject.Tenants("t1", "t2")), static result => Assert.Null(result.Error));
        return database;
    }

    private static async Task AssertGoesOnAsync(TestDatabase database)
    {
        using var project = new FleetProject(database).WithCountedRevisions();
        Assert.Equal(2L, await database.ScalarAsync<long>(Differing));

        var results = await project.MigrateAsync(FleetProject.Tenants("t1", "t2"));

        Assert.All(results, static result => Assert.Null(result.Error));
        Assert.All(results, static result => Assert.Equal(MigrationStatus.UpToDate, result.Status));
        Assert.Equal(0L, await database.ScalarAsync<long>(Differing));
        await database.AssertAtHeadOnceAsync(["t1", "t2"]);
    }

    private static Task<string> DumpAsync(TestDatabase database) => RunAsync(database, "pg_dump", "");

    private static Task<string> RestoreAsync(TestDatabase database, string dump) => RunAsync(database, "psql", dump, "-q", "-X", "-v", "ON_ERROR_STOP=1");

    private static async Task<string> RunAsync(TestDatabase database, string program, string input, params string[] arguments)
    {
        var file = program == "pg_dump" ? await DatabaseDump.PgDumpAsync(database.Server)
            : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Prepend(database.Server.BinDirectory).Select(at => Path.Combine(at, program)).FirstOrDefault(File.Exists);
        Skip.If(file is null, $"There is no {program} here that knows PostgreSQL {database.Server.MajorVersion}.");
        var info = new ProcessStartInfo(file, [.. arguments, "-h", database.Server.Host, "-p", database.Server.Port.ToString(CultureInfo.InvariantCulture), "-U", "postgres", "-d", database.Name])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(info)!;
        var output = process.StandardOutput.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
        return await output;
    }
}
