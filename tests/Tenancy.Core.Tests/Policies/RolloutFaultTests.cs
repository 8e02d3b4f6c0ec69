using Tenancy.Core.Execution;
using Tenancy.Core.Execution.Reports;
using Tenancy.Core.Planning;
using Tenancy.Core.Revisions;
using Tenancy.Core.Tests.Execution;
using Tenancy.Core.Tests.Faults;
using Tenancy.LocalPostgres;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Policies;

/// <summary>What a rollout must not pass over: failures that are no tenant's own, tenants that are none, databases without a tenant in the ring of shared revisions.</summary>
public sealed class RolloutFaultTests
{
    private const string Thing = "revision: aaaa0001\nup:\n  - create_table: {name: thing, columns: [{name: id, type: integer}]}";
    private const string Users = "revision: bbbb0001\nscope: shared\nup:\n  - create_table: {name: users, columns: [{name: id, type: bigint, primary_key: true}]}";
    private const string More = "revision: aaaa0002\nparent: aaaa0001\ndepends_on: [bbbb0001]\nup:\n  - create_table: {name: more, columns: [{name: id, type: integer}]}";

    [Fact]
    public async Task A_hook_after_a_ring_that_fails_stops_the_rollout()
    {
        await using var database = await FailureLimitTests.CreateAsync(2, broken: []);
        await database.ExecuteAsync("CREATE SCHEMA shared");
        using var project = new FleetProject(database, "fleet: test\nhooks: {after_run: SELECT 1/0}").With("1", Thing);

        var results = await project.MigrateAsync(FailureLimitTests.Tenants(2), new() { Rollout = RolloutTests.Rings("- {name: one, match: {names: t0}}") });

        Assert.Equal(["t0 Migrated", "shared Failed", "t1 Incomplete"], results.Select(static result => $"{result.Name} {result.Status}"));
        Assert.Contains("division by zero", results[2].Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_canary_that_is_no_tenant_stops_the_rollout()
    {
        await using var database = await FailureLimitTests.CreateAsync(2, broken: []);
        using var project = new FleetProject(database).With("1", Thing);
        Tenant[] tenants = [new() { Name = "canary", Schema = "pg_catalog" }, .. FailureLimitTests.Tenants(2)];

        var results = await project.MigrateAsync(tenants, new() { Rollout = RolloutTests.Rings("- {name: canary, match: {names: canary}}\n- {name: two, match: {names: t0}}") });

        Assert.Equal(["canary canary Failed", "two t0 Incomplete", "rest t1 Incomplete"], results.Select(static result => $"{result.Ring} {result.Name} {result.Status}"));
    }

    [Theory]
    [InlineData("pg_catalog", null, null)]
    [InlineData("t0", "no port:none", null)]
    [InlineData("t0", null, "a\0b")]
    public async Task What_is_no_tenant_is_in_the_way_of_whoever_goes_on_too(string schema, string? server, string? name)
    {
        await using var database = await FailureLimitTests.CreateAsync(2, broken: []);
        using var project = new FleetProject(database).With("1", Thing);
        Tenant[] tenants = [new() { Name = "none", Schema = schema, Server = server, Database = name }, .. FailureLimitTests.Tenants(2)];

        var results = await project.MigrateAsync(tenants, new() { Rollout = RolloutTests.Rings("- {name: one, match: {names: t0}}\n- {name: two, match: {names: none}}") });

        Assert.Equal(["two none Failed", "one t0 Migrated", "rest t1 Incomplete"], results.Select(static result => $"{result.Ring} {result.Name} {result.Status}"));
        await using var fleet = project.Open();
        var stopped = await fleet.FindRunAsync(results[0].RunId, RevisionDirection.Up, new Dictionary<string, string>());
        results = await fleet.MigrateAsync(stopped.Tenants, stopped.Request, project.Log).ToListAsync();
        Assert.Equal(["one t0 UpToDate", "rest t1 Incomplete", "two none Failed"], results.Select(static result => $"{result.Ring} {result.Name} {result.Status}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Shared_revisions_run_with_their_ring_in_databases_that_have_no_tenant_in_it_too()
    {
        await using var first = await FailureLimitTests.CreateAsync(2, broken: []);
        await using var second = await FailureLimitTests.CreateAsync(1, broken: []);
        await first.ExecuteAsync("CREATE SCHEMA shared");
        await second.ExecuteAsync("CREATE SCHEMA shared");
        using var project = new FleetProject(first).With("1", Thing).With("s", Users).With("2", More);
        Tenant[] tenants = [new() { Name = "other", Schema = "t0", Database = second.Name }, .. FailureLimitTests.Tenants(2)];

        var results = await project.MigrateAsync(tenants, new() { Rollout = RolloutTests.Rings("- {name: one, match: {names: [other, t0]}}\n- {name: two, match: {names: t1}}", "two") });

        Outcome.AssertMigrated(results);
        Assert.Equal(5, results.Count);
        Assert.True(await second.ScalarAsync<bool>("SELECT to_regclass('t0.more') IS NOT NULL"));
    }

    [Fact]
    public async Task Who_waits_for_a_ring_that_was_not_reached_says_why()
    {
        await using var database = await FailureLimitTests.CreateAsync(2, broken: []);
        await database.ExecuteAsync("CREATE SCHEMA shared");
        using var project = new FleetProject(database).With("1", Thing).With("s", Users).With("2", More);

        var results = await project.MigrateAsync(FailureLimitTests.Tenants(2), new() { Rollout = RolloutTests.Rings("- {name: one, match: {names: t0}, verify: SELECT false}", "rest") });

        Assert.Equal(["t1 Incomplete", "t0 Incomplete"], results.Select(static result => $"{result.Name} {result.Status}"));
        Assert.Equal(["aaaa0001"], results[1].To);
        Assert.Contains("ring 'one' is not verified", results[1].Error, StringComparison.Ordinal);
        Assert.Contains("-Resume", results[1].Failure!.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Asking_many_databases_leaves_no_connections()
    {
        await using var databases = await ManyDatabases.CreateAsync(databases: 3, tenants: 1);
        using var project = databases.Project(ManyDatabases.Thing);
        await using var fleet = project.Open();

        Outcome.AssertMigrated(await fleet.MigrateAsync(databases.Tenants, new() { Rollout = RolloutTests.Rings("- {name: all, verify: SELECT true}") }, project.Log).ToListAsync());

        await databases.AssertFewSessionsAsync();
    }

    [Fact]
    public async Task Rehearsing_many_databases_leaves_no_connections()
    {
        await using var databases = await ManyDatabases.CreateAsync(databases: 4, tenants: 1);
        using var project = databases.Project(ManyDatabases.Thing);
        await using var fleet = project.Open();

        Assert.Equal(4, await fleet.RehearseAsync(databases.Tenants, new(), null, project.Log).CountAsync(static result => result.Failure is null));

        await databases.AssertFewSessionsAsync();
    }

    [Fact]
    public void Who_was_not_reached_is_not_in_the_median()
    {
        var summary = new RunSummary(new());
        foreach (var (status, seconds) in new[] { ("Migrated", 2.0), ("Incomplete", 0), ("Incomplete", 0), ("UpToDate", 0) })
        {
            summary.Add(new() { Name = "t", Status = status, Seconds = seconds });
        }

        Assert.Equal((4, 2.0, 2.0), (summary.Describe().Count, summary.Describe().MedianSeconds, summary.Describe().MaxSeconds));
    }

    [Fact]
    public async Task What_soaks_is_told_as_long_as_it_does()
    {
        await using var database = await FailureLimitTests.CreateAsync(2, broken: []);
        using var project = new FleetProject(database).With("1", Thing);
        var log = new WaitCount();
        await using var fleet = project.Open();

        Outcome.AssertMigrated(await fleet.MigrateAsync(FailureLimitTests.Tenants(2), new() { Rollout = RolloutTests.Rings("- {name: one, match: {names: t0}, soak: 4s}") }, log).ToListAsync());

        Assert.InRange(log.Waits, 2, 10);
    }

    [Fact]
    public async Task Durations_that_cannot_be_read_stop_nothing()
    {
        await using var database = await FailureLimitTests.CreateAsync(3, broken: []);
        using var project = new FleetProject(database).With("1", Thing);
        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("t0")));
        // A role that may read all but them.
        var plain = (await TestRoles.CreateAsync("plain"))["plain"];
        await database.ExecuteAsync($"""
            GRANT USAGE ON SCHEMA tenancy TO {plain};
            GRANT ALL ON ALL TABLES IN SCHEMA tenancy TO {plain};
            REVOKE SELECT ON tenancy.history FROM {plain};
            ALTER SCHEMA t1 OWNER TO {plain};
            ALTER SCHEMA t2 OWNER TO {plain};
            DO $do$ BEGIN
              EXECUTE (SELECT format('GRANT SELECT (%s) ON tenancy.history TO {plain}', string_agg(quote_ident(attname), ', ')) FROM pg_attribute WHERE attrelid = 'tenancy.history'::regclass AND attnum > 0 AND attname <> 'seconds');
            END $do$;
            """);
        project.Connection = project.Connection with { Username = plain };

        var results = await project.MigrateAsync(FailureLimitTests.Tenants(3), new() { Until = DateTime.UtcNow.AddHours(1) });

        Assert.Contains("how long it took in earlier runs is not known", project.Log.Text, StringComparison.Ordinal);
        Outcome.AssertNoError(results);
    }

    [Fact]
    public async Task A_run_is_gone_on_with_on_the_server_where_it_is_kept_whatever_its_name_is_there()
    {
        await using var database = await FailureLimitTests.CreateAsync(2, broken: [0]);
        using var project = new FleetProject(database).With("1", Thing);
        var first = await project.MigrateAsync(FailureLimitTests.Tenants(2), new() { Rollout = RolloutTests.Rings("- {name: one, match: {names: t0}}") });
        await database.ExecuteAsync("DROP TABLE t0.thing");

        await using var fleet = project.Open(project.Connection with { Host = "localhost" });
        var stopped = await fleet.FindRunAsync(first[0].RunId, RevisionDirection.Up, new Dictionary<string, string>());
        var results = await fleet.MigrateAsync(stopped.Tenants, stopped.Request, project.Log).ToListAsync();

        Outcome.AssertMigrated(results);
        Assert.All(results, static result => Assert.StartsWith("localhost:", result.Server, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_server_that_is_away_between_rings_is_waited_for(bool isHome)
    {
        await using var server = await LocalPostgresServer.StartAsync();
        var away = await server.CreateDatabaseAsync("away");
        await using var source = away.DataSource;
        await away.ExecuteAsync("CREATE SCHEMA t0; CREATE SCHEMA t1");
        await using var near = await FailureLimitTests.CreateAsync(2, broken: []);
        using var project = new FleetProject(isHome ? away : near, "fleet: test\nretries: {max: 60, pause: 100ms, longest_pause: 1s}").With("1", Thing);
        Tenant[] tenants = isHome ? FailureLimitTests.Tenants(2) : [.. FailureLimitTests.Tenants(2), .. FailureLimitTests.Tenants(2).Select(tenant => tenant with { Name = "a" + tenant.Name, Server = $"{server.Host}:{server.Port}", Database = "away" })];

        var run = project.MigrateAsync(tenants, new() { Rollout = RolloutTests.Rings("- {name: one, match: {names: \"*0\"}, soak: 2s, verify: SELECT true}") });
        await project.Log.UntilAsync("Ring 'one' soaks until");
        await server.StopAsync();
        await project.Log.UntilAsync("Tried again in");
        await server.StartAgainAsync();

        var results = await run;
        Outcome.AssertMigrated(results);
        Assert.All(results, static result => Assert.True(result.Durable));
    }

    [Fact]
    public async Task A_soak_is_over_when_the_server_says_so()
    {
        await using var database = await FailureLimitTests.CreateAsync(2, broken: []);
        using var project = new FleetProject(database).With("1", Thing);
        var run = project.MigrateAsync(FailureLimitTests.Tenants(2), new() { Rollout = RolloutTests.Rings("- {name: one, match: {names: t0}, soak: 4s}") });
        await project.Log.UntilAsync("Ring 'one' soaks until");

        // Prolonged meanwhile; to this process the same as a clock that was put forward.
        await database.ExecuteAsync("UPDATE tenancy.ring SET soak_until = soak_until + interval '2 s'");

        Outcome.AssertMigrated(await run);
        Assert.True(await database.ScalarAsync<bool>("SELECT (SELECT started_at FROM tenancy.history WHERE schema = 't1') >= (SELECT soak_until FROM tenancy.ring WHERE name = 'one')"));
    }

    [Fact]
    public async Task A_soak_that_has_begun_is_as_long_as_the_rollout_says_now()
    {
        await using var database = await FailureLimitTests.CreateAsync(2, broken: []);
        using var project = new FleetProject(database).With("1", Thing);
        using var stop = new CancellationTokenSource();
        var run = project.MigrateAsync(FailureLimitTests.Tenants(2), new() { Rollout = RolloutTests.Rings("- {name: one, match: {names: t0}, soak: 1h}") }, stop.Token);
        await project.Log.UntilAsync("Ring 'one' soaks until");
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);

        await using var fleet = project.Open();
        var id = await database.ScalarAsync<Guid>("SELECT run FROM tenancy.run_request");
        var stopped = await fleet.FindRunAsync(id, RevisionDirection.Up, new Dictionary<string, string>(), RolloutTests.Rings("- {name: one, match: {names: t0}, soak: 1s}"));
        var results = await fleet.MigrateAsync(stopped.Tenants, stopped.Request with { Until = DateTime.UtcNow.AddMinutes(30) }, project.Log).ToListAsync();

        Assert.Equal(["UpToDate", "Migrated"], results.Select(static result => result.Status));
    }

    [Fact]
    public async Task A_database_that_is_gone_does_not_keep_a_run_from_being_found()
    {
        await using var first = await FailureLimitTests.CreateAsync(1, broken: []);
        await using var second = await FailureLimitTests.CreateAsync(2, broken: [0]);
        using var project = new FleetProject(first, $"fleet: test\ntenants: {{query: \"SELECT 't0' AS schema, d AS database FROM unnest(ARRAY['no_such_database', '{second.Name}']) d\"}}").With("1", Thing);
        var results = await project.MigrateAsync([.. FailureLimitTests.Tenants(2).Select(tenant => tenant with { Database = second.Name })], new() { MaxFailures = Core.Policies.FailureLimit.None });
        await second.ExecuteAsync("DROP TABLE t0.thing");

        await using var fleet = project.Open();
        Assert.Equal(2, (await fleet.FindRunAsync(results[0].RunId, RevisionDirection.Up, new Dictionary<string, string>())).Tenants.Count);
    }

    private sealed class WaitCount : IRunLog
    {
        public int Waits { get; private set; }

        public void Verbose(string message)
        {
        }

        public void Debug(string sql)
        {
        }

        public void Warn(string message)
        {
        }

        public void Progress(MigrationProgress progress) => Waits += progress is { Current: { } current, Done: 1 } && current.Contains("soaks until", StringComparison.Ordinal) ? 1 : 0;
    }
}
