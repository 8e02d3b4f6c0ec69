using Tenancy.Core.Execution;
using Tenancy.Core.Planning;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>Tenants in many databases, on one server and on two.</summary>
public sealed class ManyDatabasesTests
{
    private const string Patient = "fleet: test\ntimeouts: {lock: 60s}";

    [Fact]
    public async Task Databases_are_worked_on_side_by_side_as_far_as_the_limit_of_the_server_goes()
    {
        await using var databases = await ManyDatabases.CreateAsync(databases: 4, tenants: 3);
        using var project = databases.Project(ManyDatabases.Gated, Patient);
        var gates = await databases.HoldGateAsync();

        // Two tenants of each of two databases; the fifth connection is not enough for a third.
        var run = project.MigrateAsync(databases.Tenants, new() { ThrottleLimit = 2, ServerThrottleLimit = 5 });
        await UntilAsync(async () => await databases.WaitingAsync() == 4);
        await Task.Delay(300);
        Assert.Equal(4L, await databases.WaitingAsync());
        gates.ForEach(static gate => gate.Dispose());

        var results = await run;
        Outcome.AssertMigrated(results);
        Assert.Equal(databases.Tenants.Select(static tenant => tenant.Name).Order(), results.Select(static result => result.Name).Order());
    }

    [Fact]
    public async Task A_database_that_is_done_keeps_no_connection()
    {
        await using var databases = await ManyDatabases.CreateAsync(databases: 3, tenants: 2);
        using var project = databases.Project(ManyDatabases.Thing);
        await using var fleet = project.Open();

        Outcome.AssertMigrated(await fleet.MigrateAsync(databases.Tenants, new() { ThrottleLimit = 2, ServerThrottleLimit = 4 }, project.Log).ToListAsync());

        await UntilAsync(async () => await databases.SessionsAsync() == 0);
        Assert.All(await fleet.MigrateAsync(databases.Tenants, new(), project.Log).ToListAsync(), static result => Assert.Equal(MigrationStatus.UpToDate, result.Status));
    }

    [Fact]
    public async Task A_database_a_tenant_needs_no_more_connections_than_the_limit_of_the_server()
    {
        await using var databases = await ManyDatabases.CreateAsync(databases: 24, tenants: 1);
        var roles = await TestRoles.CreateAsync("deploy");
        // A backend is a while in going, so there is some room; twenty-four databases at once do not fit.
        await PostgresFixture.ExecuteAsync($"ALTER ROLE {roles["deploy"]} CONNECTION LIMIT 12");
        foreach (var database in databases.All)
        {
            await database.ExecuteAsync($"GRANT CREATE ON DATABASE {database.Name} TO {roles["deploy"]}; ALTER SCHEMA t0 OWNER TO {roles["deploy"]}");
        }

        using var project = databases.Project(ManyDatabases.Thing, username: roles["deploy"]);

        Outcome.AssertMigrated(await project.MigrateAsync(databases.Tenants, new() { ServerThrottleLimit = 3 }));

        // Nor does asking where all of them are.
        await using var fleet = project.Open();
        Assert.Equal(24, await fleet.GetTenantRevisionsAsync(databases.Tenants).CountAsync(static tenant => tenant.Status == TenantRevisionStatus.AtHead));
    }

    [Fact]
    public async Task A_database_that_cannot_be_worked_on_fails_only_its_tenants()
    {
        await using var databases = await ManyDatabases.CreateAsync(databases: 2, tenants: 2);
        using var project = databases.Project(ManyDatabases.Thing);
        List<Tenant> tenants =
        [
            new() { Name = "lost", Schema = "t0", Database = "no_such_database" },
            .. databases.Tenants,
            new() { Name = "far", Schema = "t0", Server = "127.0.0.1:1" },
        ];

        // Also where the server is to be asked what it can take.
        var results = await project.MigrateAsync(tenants, new() { ThrottleLimit = 0 });

        Assert.Equal("DatabaseNotFound", results.Single(static result => result.Name == "lost").Failure?.ErrorId);
        Assert.Equal("ConnectionFailed", results.Single(static result => result.Name == "far").Failure?.ErrorId);
        Outcome.AssertMigrated(results.Where(static result => result.Name is not ("lost" or "far")));
        Assert.Equal(6, results.Count);
        Assert.Contains("4 connections at once (database 'no_such_database' on ", project.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task New_tenants_of_a_database_that_cannot_be_worked_on_fail_alone()
    {
        await using var databases = await ManyDatabases.CreateAsync(databases: 2, tenants: 0);
        using var project = databases.Project(ManyDatabases.Thing);

        var results = await project.CreateAsync(
            new() { Name = "one", Schema = "one" }, new() { Name = "lost", Schema = "lost", Database = "no_such_database" }, new() { Name = "two", Schema = "two", Database = databases.All[1].Name });

        Assert.Equal("DatabaseNotFound", results.Single(static result => result.Name == "lost").Failure?.ErrorId);
        Outcome.AssertMigrated(results.Where(static result => result.Name != "lost"));
        Assert.Equal(3, results.Count);
    }

    [Fact]
    public async Task One_connection_a_database_keeps_the_order_of_its_tenants()
    {
        await using var databases = await ManyDatabases.CreateAsync(databases: 3, tenants: 6);
        using var project = databases.Project(ManyDatabases.Thing);

        var results = await project.MigrateAsync(databases.Tenants, new() { ThrottleLimit = 1, ServerThrottleLimit = 3 });

        Assert.All(results.GroupBy(static result => result.Database), static database => Assert.Equal(["t0", "t1", "t2", "t3", "t4", "t5"], database.Select(static result => result.Schema)));
        Assert.Equal(3, results.GroupBy(static result => result.Database).Count());
    }

    [Fact]
    public async Task Whoever_takes_one_result_only_leaves_nothing_running()
    {
        await using var databases = await ManyDatabases.CreateAsync(databases: 4, tenants: 3);
        using var project = databases.Project(ManyDatabases.Thing);
        await using var fleet = project.Open();
        await foreach (var result in fleet.MigrateAsync(databases.Tenants, new() { ThrottleLimit = 2, ServerThrottleLimit = 8 }, project.Log))
        {
            Assert.Null(result.Error);
            break;
        }

        foreach (var database in databases.All)
        {
            Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'"));
        }

        Outcome.AssertNoError(await fleet.MigrateAsync(databases.Tenants, new(), project.Log).ToListAsync());
    }

    [Fact]
    public async Task Progress_adds_up_over_databases_and_servers()
    {
        await using var databases = await ManyDatabases.CreateAsync(databases: 3, tenants: 2);
        using var project = databases.Project(ManyDatabases.Thing);
        var port = databases.All[0].Server.Port;

        // Two names of one server are two servers to a run.
        var tenants = databases.Tenants.Select(tenant => tenant.Database == databases.All[2].Name ? tenant with { Server = $"localhost:{port}" } : tenant).ToList();
        var log = new ProgressList();
        await using (var fleet = project.Open())
        {
            Outcome.AssertMigrated(await fleet.MigrateAsync([.. tenants, new() { Name = "lost", Schema = "t0", Database = "no_such_database" }], new() { ServerThrottleLimit = 4 }, log).Where(static result => result.Name != "lost").ToListAsync());
        }

        var last = log.Seen.GroupBy(static progress => progress.Server!.Name).ToDictionary(static server => server.Key, static server => server.Max(static progress => progress.Server!.Done));
        Assert.Equal([5, 2], last.Values.OrderDescending());
        Assert.Equal((7, 7), (log.Seen.Max(static progress => progress.Run!.Done), log.Seen[0].Run!.Total));
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        var deadline = DateTime.UtcNow.AddSeconds(90);
        while (!await condition())
        {
            Assert.True(DateTime.UtcNow < deadline, "never came true");
            await Task.Delay(20);
        }
    }

    private sealed class ProgressList : IRunLog
    {
        private readonly object gate = new();

        public List<MigrationProgress> Seen { get; } = [];

        public void Verbose(string message)
        {
        }

        public void Debug(string sql)
        {
        }

        public void Warn(string message)
        {
        }

        public void Progress(MigrationProgress progress)
        {
            lock (gate)
            {
                Seen.Add(progress);
            }
        }
    }
}
