using System.Globalization;
using System.IO.Compression;
using Tenancy.Core.Tests;
using Tenancy.LocalPostgres;
using TenancyMigrate.Tests.Hosting;
using Xunit;

namespace TenancyMigrate.Tests.Runbooks;

/// <summary>The runbook of Azure Automation, with its endpoints on this machine and a server that wants the token as the role's password.</summary>
public sealed class AzureTests
{
    private const string Role = "job";
    private const long MemoryLimit = 400L << 20;

    [SkippableFact]
    public async Task Tokens_are_fetched_anew_and_a_tenant_that_fails_fails_the_job()
    {
        await using var azure = await World.CreateAsync(4, "SELECT pg_sleep(3)");
        await azure.Database.ExecuteAsync("CREATE TABLE c2.orders (x int)");
        using var job = azure.Start("-ThrottleLimit", "1", "-MaxFailures", "1");

        // The identity has another token; the old one opens no connection any more, and those that are open end.
        await azure.UntilAsync("SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'");
        azure.Endpoints.Token = "token-2";
        await azure.Database.ExecuteAsync($"ALTER ROLE {Role} PASSWORD 'token-2'");
        await Task.Delay(TimeSpan.FromSeconds(1.5));
        await azure.Database.ExecuteAsync($"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{Role}'");
        var end = await job.WaitAsync(TimeSpan.FromMinutes(5));

        Assert.Equal(["token-1", "token-2"], azure.Endpoints.Given.Distinct());
        Assert.True(end.ExitCode == 1 && end.ErrorText.Contains("FAILED: 1 of 4 failed (3 Migrated, 1 Failed).", StringComparison.Ordinal), end.Output + end.Error);
        Assert.DoesNotContain("token-", end.Output + end.Error, StringComparison.Ordinal);
        var report = Assert.Single(azure.Endpoints.Reports);
        Assert.StartsWith("/reports/tenants-", report.Key, StringComparison.Ordinal);
        Assert.Contains("already exists", report.Value, StringComparison.Ordinal);
        Assert.DoesNotContain("token-", report.Value, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_job_that_is_stopped_goes_on_and_stays_within_400_MB()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Only Linux tells how much memory a process had at the most.");
        await using var azure = await World.CreateAsync(2000, "SELECT 1");
        long peak;
        using (var first = azure.Start())
        {
            await azure.UntilAsync("SELECT to_regclass('tenancy.head') IS NOT NULL");
            await azure.UntilAsync("SELECT count(*) > 100 FROM tenancy.head");
            first.Signal(9);
            await first.WaitAsync();
        }

        Assert.InRange(await azure.Database.ScalarAsync<long>("SELECT count(*) FROM tenancy.head"), 100, 1999);
        using (var second = azure.Start())
        {
            peak = await PeakAsync(second.Id);
            var end = Runbook.Check(await second.WaitAsync(TimeSpan.FromMinutes(5)), 0, "OK: ");
            Assert.StartsWith("Goes on with run ", end.Lines[1], StringComparison.Ordinal);
            Assert.Matches(@"^OK: \d+ (Migrated|UpToDate), \d+ (Migrated|UpToDate)\.$", end.Lines[^1]);
        }

        Assert.Equal(2000L, await azure.Database.ScalarAsync<long>("SELECT count(*) FROM tenancy.head WHERE revision = 'a001'"));
        Assert.InRange(peak, 1, MemoryLimit);
    }

    // The most memory that it ever had, bytes: proc(5), VmHWM.
    private static async Task<long> PeakAsync(int process)
    {
        long peak = 0;
        try
        {
            while (true)
            {
                var line = (await File.ReadAllLinesAsync(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/status"))).FirstOrDefault(static line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
                if (line is null)
                {
                    return peak;
                }

                peak = long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) << 10;
                await Task.Delay(100);
            }
        }
        catch (IOException)
        {
            return peak;
        }
    }

    private sealed class World : IAsyncDisposable
    {
        private readonly LocalPostgresServer server;

        private World(LocalPostgresServer server, AzureEndpoints endpoints)
        {
            this.server = server;
            Endpoints = endpoints;
            Database = new(server, "app");
        }

        public AzureEndpoints Endpoints { get; }

        public TestDatabase Database { get; }

        public static async Task<World> CreateAsync(int tenants, string sql)
        {
            var folder = Directory.CreateTempSubdirectory("tenancy-azure-").FullName;
            try
            {
                await File.WriteAllTextAsync(Path.Combine(folder, "tenancy.yaml"), "fleet: app\ntenants: {schema_pattern: c*}\n");
                Directory.CreateDirectory(Path.Combine(folder, "manifests"));
                await File.WriteAllTextAsync(Path.Combine(folder, "manifests", "a001.yaml"), $"revision: a001\nup:\n  - create_table: {{name: orders, columns: [{{name: id, type: bigint, primary_key: true}}]}}\n  - {{sql: {sql}, undo: SELECT 1}}\n");
                using var zip = new MemoryStream();
                ZipFile.CreateFromDirectory(folder, zip);
                var server = await LocalPostgresServer.StartAsync(new() { Password = "of the administrator" });
                var world = new World(server, new(zip.ToArray()));
                await using (var admin = new TestDatabase(server, "postgres").DataSource)
                {
                    foreach (var statement in (string[])[$"CREATE ROLE {Role} LOGIN PASSWORD 'token-1'", $"CREATE DATABASE app OWNER {Role}"])
                    {
                        await using var command = admin.CreateCommand(statement);
                        await command.ExecuteNonQueryAsync();
                    }
                }

                await world.Database.ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $"DO $$ BEGIN FOR number IN 1..{tenants} LOOP EXECUTE format('CREATE SCHEMA c%s AUTHORIZATION {Role}', number); END LOOP; END $$"));
                return world;
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        }

        // No more than half of what the sandbox has may be objects of .NET: the heap's limit is in hexadecimal bytes.
        public PwshProcess Start(params string[] arguments)
        {
            var environment = InstalledModule.Environment();
            foreach (var (name, value) in Endpoints.Environment)
            {
                environment[name] = value;
            }

            environment["DOTNET_GCHeapHardLimit"] = (MemoryLimit / 2).ToString("X", CultureInfo.InvariantCulture);
            return PwshProcess.StartIn(environment, null, [
                "-File", Path.Combine(Runbook.Folder, "Start-AzureMigration.ps1"), "-Server", string.Create(CultureInfo.InvariantCulture, $"postgresql://{Role}@{server.Host}:{server.Port}/app"),
                "-ProjectArchive", Endpoints.Address + "/migrations/app.zip", "-ReportContainer", Endpoints.Address + "/reports", .. arguments]);
        }

        public async Task UntilAsync(string condition)
        {
            var deadline = DateTime.UtcNow.AddSeconds(90);
            while (!await Database.ScalarAsync<bool>(condition))
            {
                Assert.True(DateTime.UtcNow < deadline, $"Never true: {condition}");
                await Task.Delay(50);
            }
        }

        public async ValueTask DisposeAsync()
        {
            Endpoints.Dispose();
            await Database.DataSource.DisposeAsync();
            await server.DisposeAsync();
        }
    }
}
