using System.Globalization;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Tests.Faults;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>Several runs over one fleet at once: each revision of each tenant is done by one of them, and all say so.</summary>
public sealed class ManyRunsTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public async Task Each_tenant_is_taken_by_one_and_the_others_say_by_whom(int runs)
    {
        await using var database = await RetryTests.CreateAsync(24);
        using var project = new FleetProject(database, Counted.Patient).WithCountedRevisions();
        var tenants = RetryTests.Tenants(24);

        var results = await Task.WhenAll(Enumerable.Range(0, runs).Select(run => Task.Run(() => project.MigrateAsync(tenants, new() { ThrottleLimit = 2 }))));

        AssertTogether(results, tenants.Length);
        await database.AssertAtHeadOnceAsync([.. tenants.Select(static tenant => tenant.Schema)]);
        await database.AssertNoLocksAsync();
    }

    [Theory]
    [InlineData("t0", "'t0' is in use by another run", false)]
    [InlineData("t1", "planned again", false)]
    [InlineData("t0", "'t0' is in use by another run", true)]
    public async Task What_another_run_ends_meanwhile_is_taken_elsewhere(string taken, string said, bool isSame)
    {
        // The gate of t0 is the test's. The other run is at work on t0 when this one comes; or this one is, while the other does t1.
        await using var database = await RetryTests.CreateAsync(2);
        const string Settings = "fleet: test\ntimeouts: {lock: 1h, tenant_lock: 1h}\nhooks: {after_tenant: INSERT INTO thing VALUES (1)}";
        const string Manifest = """
            revision: aaaa0001
            down: {irreversible: a test}
            up:
              - create_table: {name: thing, columns: [{name: id, type: bigint}]}
              - sql: SELECT pg_advisory_xact_lock_shared(hashtext(${tenant.name}))
            """;
        using var one = new FleetProject(database, Settings).With("1", Manifest);
        using var other = new FleetProject(database, Settings).With("1", Manifest);
        // Or both go on with the same run.
        var begun = new MigrationRequest();
        var then = isSame ? new MigrationRequest { RunId = begun.RunId, IsKept = false } : new();
        await using var gate = await database.HoldAsync("SELECT pg_advisory_lock(hashtext('t0'))");
        var first = taken == "t0" ? other.MigrateAsync(FleetProject.Tenants("t0"), begun) : one.MigrateAsync(FleetProject.Tenants("t0", "t1"), begun);
        await database.UntilBlockedAsync("%pg_advisory_xact_lock_shared%");
        var second = taken == "t0" ? one.MigrateAsync(FleetProject.Tenants("t0", "t1"), then) : other.MigrateAsync(FleetProject.Tenants("t1"), then);
        await (taken == "t0" ? one.Log.UntilAsync(said) : second);
        await gate.CloseAsync();

        var (mine, others) = taken == "t0" ? (await second, await first) : (await first, await second);

        Outcome.AssertMigrated(others);
        Outcome.AssertNoError(mine);
        var result = mine.Single(result => result.Name == taken);
        var by = others[0].RunId;
        Assert.Equal((MigrationStatus.TakenElsewhere, by, $"brought there by {(isSame ? "another process of the same run" : $"run {by}")} of postgres"), (result.Status, result.TakenBy, result.Step));
        Assert.Equal((0, "aaaa0001"), (result.Revisions.Length, Assert.Single(result.To)));
        Assert.Equal(MigrationStatus.Migrated, mine.Single(result => result.Name != taken).Status);
        Assert.Contains(said, one.Log.Text, StringComparison.Ordinal);

        // The hook after it too is the other run's, once.
        Assert.Equal(1L, await database.ScalarAsync<long>($"SELECT count(*) FROM {taken}.thing"));
        Assert.All(await one.MigrateAsync(FleetProject.Tenants("t0", "t1")), static result => Assert.Equal(MigrationStatus.UpToDate, result.Status));
    }

    [Fact]
    public async Task A_killed_runs_tenants_are_taken_over_by_the_other()
    {
        string[] schemas = [.. RetryTests.Tenants(16).Select(static tenant => tenant.Schema)];
        for (var round = 0; round < 4; round++)
        {
            await using var database = await RetryTests.CreateAsync(schemas.Length);
            using var project = new FleetProject(database, Counted.Patient).WithCountedRevisions();
            using var killed = await Runner.StartAsync(project, schemas);
            using var other = await Runner.StartAsync(project, schemas.Reverse());
            killed.Go();
            other.Go();
            var revisions = round + 1;
            await database.UntilAsync("SELECT to_regclass('tenancy.head') IS NOT NULL");
            await database.UntilAsync(string.Create(CultureInfo.InvariantCulture, $"SELECT count(*) >= {10 * revisions} FROM tenancy.history WHERE outcome = 'done' AND step IS NULL"));
            killed.Process.Kill();

            var results = await other.EndAsync();

            Outcome.AssertNoError(results);
            Assert.Equal(schemas.Length, results.Count);
            Assert.All(results, static result => Assert.Equal([Counted.Head], result.To));
            await database.AssertAtHeadOnceAsync(schemas);
            await database.AssertNobodyLeftAsync();
        }
    }

    [SkippableFact]
    public async Task A_runner_that_sleeps_lets_go_of_a_tenant_once_its_step_outside_a_transaction_has_ended()
    {
        Skip.If(OperatingSystem.IsWindows(), "A process cannot be stopped and continued on Windows.");
        await using var database = await RetryTests.CreateAsync(1);
        using var project = new FleetProject(database, "fleet: test\ntimeouts: {idle: 1s, tenant_lock: 2min}").With("1", """
            revision: aaaa0001
            up:
              - create_index: {name: customer_name_idx, table: customer, columns: [name], concurrently: true}
            """);
        await database.ExecuteAsync("CREATE TABLE t0.customer (name text)");
        // Whoever writes is waited for, with the tenant's lock in the session's hands.
        var writer = await database.HoldAsync("BEGIN; INSERT INTO t0.customer DEFAULT VALUES");
        using var runner = await Runner.StartAsync(project, ["t0"]);
        runner.Go();
        await database.UntilBlockedAsync("CREATE INDEX%");
        await SmallDisk.RunAsync("kill", "-STOP", runner.Process.Id.ToString(CultureInfo.InvariantCulture));
        await writer.DisposeAsync();

        var results = await project.MigrateAsync(FleetProject.Tenants("t0"));
        await SmallDisk.RunAsync("kill", "-CONT", runner.Process.Id.ToString(CultureInfo.InvariantCulture));

        Outcome.AssertMigrated(results);
        Outcome.AssertNoError(await runner.EndAsync());
        Assert.Equal(1L, await database.ScalarAsync<long>("SELECT count(*) FROM tenancy.history WHERE outcome = 'done'"));
        await database.AssertNoLocksAsync();
    }

    [Fact]
    public async Task A_shared_revision_that_another_run_has_done_needs_no_lock()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA shared; CREATE SCHEMA t0");
        using var project = new FleetProject(database, "fleet: test\ntimeouts: {tenant_lock: 1h}")
            .With("0", "revision: bbbb0001\nscope: shared\nup: [{create_table: {name: kinds, columns: [{name: id, type: bigint}]}}]")
            .With("1", "revision: aaaa0001\nup: [{create_table: {name: thing, columns: [{name: id, type: bigint}]}}]");
        Outcome.AssertMigrated(await project.MigrateAsync([], new() { Scope = MigrationScope.Shared }));
        project.With("2", "revision: bbbb0002\nscope: shared\nparent: bbbb0001\nup: [{create_table: {name: users, columns: [{name: id, type: bigint}]}}]");

        // Another run is at work on tenants without a pause.
        await using var tenants = await database.HoldAsync("SELECT pg_advisory_lock_shared(tenancy.lock_key('test', 'scope', ''))");
        var run = project.MigrateAsync(FleetProject.Tenants("t0"));
        await project.Log.UntilAsync("shared schema 'shared' is in use by another run");
        await database.ExecuteAsync($"""
            UPDATE tenancy.head SET revision = 'bbbb0002' WHERE scope = 'shared';
            INSERT INTO tenancy.history (run, fleet, scope, schema, tenant, revision, direction, outcome, started_at, seconds, tool_version)
            VALUES ('{Guid.Empty}', 'test', 'shared', 'shared', 'shared', 'bbbb0002', 'up', 'done', now(), 0, 'a test')
            """);

        var results = await run;
        Outcome.AssertNoError(results);
        var shared = results.Single(static result => result.Scope == "shared");
        Assert.Equal((MigrationStatus.TakenElsewhere, (Guid?)Guid.Empty), (shared.Status, shared.TakenBy));
        Assert.Equal($"brought there by run {Guid.Empty} of postgres", shared.Step);
        Assert.Equal(MigrationStatus.Migrated, results.Single(static result => result.Scope == "tenant").Status);
    }

    [Fact]
    public async Task A_shared_revision_that_tenants_keep_out_says_what_it_waited_for()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA shared");
        using var project = new FleetProject(database, "fleet: test\ntimeouts: {tenant_lock: 300ms}")
            .With("0", "revision: bbbb0001\nscope: shared\nup: [{create_table: {name: kinds, columns: [{name: id, type: bigint}]}}]");
        Outcome.AssertMigrated(await project.MigrateAsync([], new() { Scope = MigrationScope.Shared }));
        project.With("2", "revision: bbbb0002\nscope: shared\nparent: bbbb0001\nup: [{create_table: {name: users, columns: [{name: id, type: bigint}]}}]");
        await using var tenants = await database.HoldAsync("SELECT pg_advisory_lock_shared(tenancy.lock_key('test', 'scope', ''))", "tenancy 12345678 t7");

        var failure = Assert.Single(await project.MigrateAsync([], new() { Scope = MigrationScope.Shared })).Failure!;

        Assert.Equal("TenantInUse", failure.ErrorId);
        Assert.StartsWith("shared schema 'shared': other runs were at work on the shared schema of ", failure.Message, StringComparison.Ordinal);
        Assert.Contains($", or on tenants there, for more than 0.3 s; the last seen: process {tenants.ProcessID.ToString(CultureInfo.InvariantCulture)}, 'tenancy 12345678 t7'", failure.Message, StringComparison.Ordinal);
    }

    private static void AssertTogether(IReadOnlyList<List<MigrationResult>> runs, int tenants)
    {
        var ids = runs.Select(static run => run[0].RunId).ToHashSet();
        foreach (var run in runs)
        {
            Outcome.AssertNoError(run);
            Assert.Equal(tenants, run.Count);
            Assert.All(run, static result => Assert.Equal([Counted.Head], result.To));
            Assert.All(run, static result => Assert.Equal(result.Revisions.Length > 0, result.Status == MigrationStatus.Migrated));
            Assert.All(run.Where(static result => result.Status != MigrationStatus.Migrated), result =>
            {
                // One that begins when the others have ended something finds it so.
                Assert.Contains(result.Status, (string[])[MigrationStatus.TakenElsewhere, MigrationStatus.UpToDate]);
                Assert.Equal(result.Status == MigrationStatus.TakenElsewhere, result.TakenBy is { } taker && taker != result.RunId && ids.Contains(taker) && result.Step!.Contains(taker.ToString(), StringComparison.Ordinal));
            });
        }

        // What they claim together was done once.
        Assert.Equal(5 * tenants, runs.Sum(static run => run.Sum(static result => result.Revisions.Length)));
        Assert.Equal(5 * tenants, runs.SelectMany(static run => run.SelectMany(static result => result.Revisions.Select(revision => (result.Name, revision)))).Distinct().Count());
    }
}
