using Npgsql;
using Tenancy.Core.Execution.Steps;
using Tenancy.Core.Planning;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>The transactions of several revisions go in one message: each commits by itself, and what ends one leaves those before it.</summary>
public sealed class TransactionsTogetherTests
{
    [Fact]
    public async Task What_is_before_a_failed_revision_is_committed_and_what_is_behind_it_not_begun()
    {
        await using var database = await FiveRevisions.CreateAsync();
        using var project = FiveRevisions.Project(database, (3, "SELECT 1 / 0"));

        var result = Assert.Single(await project.MigrateAsync(FleetProject.Tenants("t1")));

        Assert.Equal(MigrationStatus.Failed, result.Status);
        Assert.Equal(["aaaa0001", "aaaa0002"], result.Revisions);
        Assert.Equal(["aaaa0002"], result.To);
        Assert.Equal(("aaaa0003", "22012"), (result.Failure!.Revision, result.Failure.SqlState));
        Assert.EndsWith("3.yaml", result.Failure.Manifest, StringComparison.Ordinal);
        await FiveRevisions.AssertAtAsync(database, "t1", 2);
        Assert.Equal(
            ["aaaa0001 begun", "aaaa0001 done", "aaaa0002 begun", "aaaa0002 done", "aaaa0003 begun", "aaaa0003 failed"],
            FiveRevisions.Told(project));
        Assert.All(project.Log.Steps, static step => Assert.Equal(step.Outcome == MigrationStep.Begun, step.Seconds == 0));
    }

    [Theory]
    [InlineData("requires", "RequirementNotMet")]
    [InlineData("verify", "VerificationFailed")]
    public async Task What_must_hold_and_does_not_ends_the_message_there(string kind, string error)
    {
        await using var database = await FiveRevisions.CreateAsync();
        using var project = FiveRevisions.Project(database)
            .With("2", FiveRevisions.Manifest(2, "CREATE TABLE tenant_schema.n2 ()").Replace("down:", "requires: [{sql: SELECT 1 = 2, message: only a warning, on_fail: warn}]\ndown:", StringComparison.Ordinal))
            .With("4", FiveRevisions.Manifest(4, "CREATE TABLE tenant_schema.n4 ()").Replace("down:", $"{kind}: [{{sql: SELECT 1 = 2, message: not as it should be}}]\ndown:", StringComparison.Ordinal));

        var result = Assert.Single(await project.MigrateAsync(FleetProject.Tenants("t1")));

        Assert.Equal(MigrationStatus.Failed, result.Status);
        Assert.Equal(["aaaa0001", "aaaa0002", "aaaa0003"], result.Revisions);
        Assert.Equal((error, "aaaa0004", null), (result.Failure!.ErrorId, result.Failure.Revision, result.Failure.SqlState));
        Assert.Contains("not as it should be", result.Error, StringComparison.Ordinal);
        Assert.Contains("only a warning", project.Log.Text, StringComparison.Ordinal);
        await FiveRevisions.AssertAtAsync(database, "t1", 3);
        await database.AssertNoLocksAsync();
    }

    [Fact]
    public async Task A_commit_that_fails_leaves_those_before_it()
    {
        await using var database = await FiveRevisions.CreateAsync();
        using var project = FiveRevisions.Project(database);
        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("t2"), new() { To = "aaaa0001" }));
        await database.ExecuteAsync("""
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not at the end of this one'; END $$;
            CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON tenancy.history DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.revision = 'aaaa0003' AND NEW.outcome = 'done') EXECUTE FUNCTION refuse();
            """);

        var result = Assert.Single(await project.MigrateAsync(FleetProject.Tenants("t1")));

        Assert.Equal(MigrationStatus.Failed, result.Status);
        Assert.Equal(["aaaa0001", "aaaa0002"], result.Revisions);
        Assert.Contains("not at the end of this one", result.Error, StringComparison.Ordinal);
        await FiveRevisions.AssertAtAsync(database, "t1", 2);
        await database.ExecuteAsync("DROP TRIGGER refuse ON tenancy.history");
        Assert.Equal(["aaaa0003", "aaaa0004", "aaaa0005"], Assert.Single(await project.MigrateAsync(FleetProject.Tenants("t1"))).Revisions);
        await FiveRevisions.AssertAtAsync(database, "t1", 5);
        await database.AssertNoLocksAsync();
    }

    [Fact]
    public async Task A_tenant_that_another_takes_between_two_goes_on_when_it_is_free()
    {
        await using var database = await FiveRevisions.CreateAsync();
        using var project = FiveRevisions.Project(database, (2, FiveRevisions.Gate));
        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("t2"), new() { To = "aaaa0001" }));
        await using var gate = await database.HoldAsync("SELECT pg_advisory_lock(4242)");
        var run = project.MigrateAsync(FleetProject.Tenants("t1"));
        await database.UntilBlockedAsync("SELECT pg_catalog.pg_advisory_xact_lock_shared%");

        // It waits for the tenant's lock, so it has it as soon as the second revision is committed.
        await using var other = await database.HoldAsync("SELECT 1", "another run");
        await using var taking = new NpgsqlCommand("SELECT pg_advisory_lock(tenancy.lock_key('test', 'tenant', 't1'))", other) { CommandTimeout = 0 };
        var taken = taking.ExecuteNonQueryAsync();
        await database.UntilBlockedAsync("SELECT pg_advisory_lock(tenancy%");
        await gate.DisposeAsync();
        await taken;
        await project.Log.UntilAsync("in use by another run");
        await FiveRevisions.AssertAtAsync(database, "t1", 2);
        await other.CloseAsync();

        var result = Assert.Single(await run);

        Assert.Equal(MigrationStatus.Migrated, result.Status);
        Assert.Equal(["aaaa0001", "aaaa0002", "aaaa0003", "aaaa0004", "aaaa0005"], result.Revisions);
        await FiveRevisions.AssertAtAsync(database, "t1", 5);
    }

    [Fact]
    public async Task A_revision_that_waits_for_a_lock_is_tried_again_alone()
    {
        await using var database = await FiveRevisions.CreateAsync();
        await database.ExecuteAsync("CREATE TABLE t1.busy (id integer)");
        using var project = FiveRevisions.Project(database, (3, "ALTER TABLE tenant_schema.busy ADD COLUMN more text"));
        var holder = await database.HoldAsync("BEGIN; LOCK TABLE t1.busy");
        var run = project.MigrateAsync(FleetProject.Tenants("t1"), new() { MaxRetries = 100 });
        await project.Log.UntilAsync("tried again");
        await holder.DisposeAsync();

        var result = Assert.Single(await run);

        Assert.Equal(MigrationStatus.Migrated, result.Status);
        Assert.Equal(["aaaa0001", "aaaa0002", "aaaa0003", "aaaa0004", "aaaa0005"], result.Revisions);
        await FiveRevisions.AssertAtAsync(database, "t1", 5);
    }

    [Fact]
    public async Task A_cancelled_run_ends_in_the_revision_that_runs()
    {
        await using var database = await FiveRevisions.CreateAsync();
        using var project = FiveRevisions.Project(database, (3, FiveRevisions.Gate));
        await using var gate = await database.HoldAsync("SELECT pg_advisory_lock(4242)");
        using var stop = new CancellationTokenSource();
        var run = project.MigrateAsync(FleetProject.Tenants("t1"), cancellation: stop.Token);
        await database.UntilBlockedAsync("SELECT pg_catalog.pg_advisory_xact_lock_shared%");

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        await FiveRevisions.AssertAtAsync(database, "t1", 2);
        Assert.Equal(
            ["aaaa0001 begun", "aaaa0001 done", "aaaa0002 begun", "aaaa0002 done", "aaaa0003 begun", "aaaa0003 failed"],
            FiveRevisions.Told(project));
    }

    [Fact]
    public async Task A_revision_with_conditions_goes_alone_between_the_others()
    {
        await using var database = await FiveRevisions.CreateAsync();
        using var project = FiveRevisions.Project(database).With("3", FiveRevisions.Marked);

        var result = Assert.Single(await project.MigrateAsync(FleetProject.Tenants("t1")));

        Assert.Equal(MigrationStatus.Migrated, result.Status);
        Assert.Equal(["aaaa0001", "aaaa0002", "aaaa0004", "aaaa0005"], result.Revisions);
        Assert.Equal(["aaaa0003"], result.MarkedApplied);
        Assert.Equal(["n1", "n2", "n4", "n5"], (await database.QueryAsync("SELECT tablename FROM pg_tables WHERE schemaname = 't1' AND tablename LIKE 'n%' ORDER BY 1")).Select(static row => row[0]));
    }

    [Fact]
    public async Task More_than_fit_into_one_message_go_in_several()
    {
        await using var database = await FiveRevisions.CreateAsync();
        using var project = FiveRevisions.Project(database);
        for (var number = 6; number <= 120; number++)
        {
            project.With($"{number}", FiveRevisions.Manifest(number, $"CREATE TABLE tenant_schema.n{number} ()"));
        }

        var up = Assert.Single(await project.MigrateAsync(FleetProject.Tenants("t1")));
        await FiveRevisions.AssertAtAsync(database, "t1", 120);

        Assert.Equal(120, up.Revisions.Length);
        Assert.Equal(120L, await database.ScalarAsync<long>("SELECT count(DISTINCT started_at) FROM tenancy.history WHERE schema = 't1' AND seconds > 0 AND seconds < 60"));
        Assert.Equal(120L, await database.ScalarAsync<long>("SELECT count(DISTINCT xmin::text) FROM tenancy.history WHERE schema = 't1'"));
    }
}
