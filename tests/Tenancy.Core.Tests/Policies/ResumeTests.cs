using System.Diagnostics;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Policies;
using Tenancy.Core.Revisions;
using Tenancy.Core.Rollouts;
using Tenancy.Core.Tests.Execution;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Policies;

/// <summary>Runs that were stopped, gone on with by whoever comes later.</summary>
public sealed class ResumeTests
{
    private const string Thing = "revision: aaaa0001\nup:\n  - create_table: {name: thing, columns: [{name: id, type: integer}]}";

    private static readonly Dictionary<string, string> NoArguments = [];

    [Fact]
    public async Task A_soak_outlives_its_process_and_only_its_rest_is_waited_for()
    {
        await using var database = await FailureLimitTests.CreateAsync(3, broken: []);
        using var project = new FleetProject(database).With("1", Thing);
        await File.WriteAllTextAsync(Path.Combine(project.Folder, "rollout.yaml"), "rings:\n  - {name: canary, match: {names: t1}, soak: 1h}\n");

        using (var runner = await Runner.StartAsync(project, ["t0", "t1", "t2"], rollout: "rollout.yaml"))
        {
            runner.Go();
            await UntilAsync(database, "SELECT count(*) = 1 FROM tenancy.ring WHERE soak_until > now() + interval '50 min'");
            runner.Process.Kill();
            await runner.Process.WaitForExitAsync();
        }

        Assert.Equal(1L, await database.ScalarAsync<long>("SELECT count(*) FROM tenancy.head"));
        var run = await database.ScalarAsync<Guid>("SELECT run FROM tenancy.run_request");

        // It soaks for another hour: so nothing is begun when there is less time.
        var late = await ResumeAsync(project, run, request => request with { Until = DateTime.UtcNow.AddMinutes(1) });
        Assert.Equal(["UpToDate", "Incomplete", "Incomplete"], late.Select(static result => result.Status));
        Assert.Contains("ring 'canary' soaks until", late[1].Error, StringComparison.Ordinal);

        // Most of it has passed.
        await database.ExecuteAsync("UPDATE tenancy.ring SET ended_at = now() - interval '1 h', soak_until = now() + interval '2 s'");
        var clock = Stopwatch.StartNew();
        var results = await ResumeAsync(project, run);

        Assert.True(clock.Elapsed >= TimeSpan.FromSeconds(1), "the rest was not waited for");
        Assert.Equal(["t1 UpToDate", "t0 Migrated", "t2 Migrated"], results.Select(static result => $"{result.Name} {result.Status}"));
        Assert.All(results, result => Assert.Equal(run, result.RunId));
        Assert.Equal(2L, await database.ScalarAsync<long>("SELECT count(*) FROM tenancy.ring WHERE ended_at IS NOT NULL"));
    }

    [Fact]
    public async Task A_new_run_does_not_pass_over_the_soak_that_another_left()
    {
        await using var database = await FailureLimitTests.CreateAsync(2, broken: []);
        using var project = new FleetProject(database).With("1", Thing);
        var rollout = await StopInSoakAsync(project);

        var results = await project.MigrateAsync(FailureLimitTests.Tenants(2), new() { Rollout = rollout, Until = DateTime.UtcNow.AddMinutes(10) });

        Assert.Equal(["UpToDate", "Incomplete"], results.Select(static result => result.Status));
        Assert.Equal("OutOfTime", results[1].Failure!.ErrorId);
    }

    [Fact]
    public async Task A_new_run_does_not_pass_over_the_soak_that_another_did_not_come_to()
    {
        await using var database = await FailureLimitTests.CreateAsync(2, broken: []);
        using var project = new FleetProject(database).With("1", Thing);
        var rollout = await StopInSoakAsync(project);
        // As it is where the run was killed between its last tenant and the ring's end.
        await database.ExecuteAsync("UPDATE tenancy.ring SET ended_at = NULL, soak_until = NULL");

        var results = await project.MigrateAsync(FailureLimitTests.Tenants(2), new() { Rollout = rollout, Until = DateTime.UtcNow.AddMinutes(10) });

        Assert.Equal(["UpToDate", "Incomplete"], results.Select(static result => result.Status));
        Assert.Equal("OutOfTime", results[1].Failure!.ErrorId);

        // What was changed that long ago has soaked.
        await database.ExecuteAsync("DELETE FROM tenancy.ring WHERE ended_at IS NOT NULL; UPDATE tenancy.ring SET begun_at = begun_at - interval '2 h'; UPDATE tenancy.history SET started_at = started_at - interval '2 h'");
        Assert.Equal(["UpToDate", "Migrated"], (await project.MigrateAsync(FailureLimitTests.Tenants(2), new() { Rollout = rollout })).Select(static result => result.Status));
    }

    [Fact]
    public async Task Failed_and_unreached_tenants_are_worked_on_and_nothing_is_done_twice()
    {
        await using var database = await FailureLimitTests.CreateAsync(4, broken: [1]);
        using var project = new FleetProject(database).With("1", Thing).With("2", "revision: aaaa0002\nparent: aaaa0001\narguments: {kept: {type: text}, hidden: {type: text, secret: true}}\nup:\n  - sql: INSERT INTO thing VALUES (length(${x.kept} || ${x.hidden}))\n    undo: DELETE FROM thing");
        var first = await project.MigrateAsync(
            FailureLimitTests.Tenants(4),
            new() { Rollout = RolloutTests.Rings("- {name: one, match: {names: [t0, t1]}}"), Arguments = new Dictionary<string, string> { ["kept"] = "abc", ["hidden"] = "secret-value" } });
        Assert.Equal(["Migrated", "Failed", "Incomplete", "Incomplete"], first.Select(static result => result.Status));
        Assert.DoesNotContain("secret-value", await database.ScalarAsync<string>("SELECT string_agg(document::text, '') FROM tenancy.run_request"), StringComparison.Ordinal);
        await database.ExecuteAsync("DROP TABLE t1.thing");
        var run = first[0].RunId;

        var changed = await Assert.ThrowsAsync<TenancyException>(() => ResumeAsync(project, run, arguments: new() { ["kept"] = "other", ["hidden"] = "secret-value" }));
        Assert.Equal("RunChanged", changed.ErrorId);
        var results = await ResumeAsync(project, run, arguments: new() { ["hidden"] = "secret-value" });

        Outcome.AssertNoError(results);
        Assert.Equal(["t0 UpToDate", "t1 Migrated", "t2 Migrated", "t3 Migrated"], results.Select(static result => $"{result.Name} {result.Status}"));
        Assert.Equal([15], (await database.QueryAsync("SELECT id FROM t0.thing UNION SELECT id FROM t3.thing")).Select(static row => row[0]));
    }

    [Fact]
    public async Task Tenants_that_were_removed_since_are_left_out_and_renamed_ones_are_followed()
    {
        await using var database = await FailureLimitTests.CreateAsync(7, broken: []);
        using var project = new FleetProject(database).With("1", Thing);
        await StopInSoakAsync(project, 7);
        var run = await database.ScalarAsync<Guid>("SELECT run FROM tenancy.run_request");
        await using (var fleet = project.Open())
        {
            var tenants = FailureLimitTests.Tenants(7);
            await fleet.RenameTenantAsync(tenants[0], null, "u0", project.Log);
            await fleet.RemoveTenantAsync(tenants[1], keepsSchema: false, project.Log);
            await fleet.RemoveTenantAsync(tenants[2], keepsSchema: true, project.Log);
            await fleet.RenameTenantAsync(await fleet.RenameTenantAsync(tenants[3], null, "other", project.Log), "new name", "u3", project.Log);
            await fleet.RemoveTenantAsync(await fleet.RenameTenantAsync(tenants[4], null, "u4", project.Log), keepsSchema: false, project.Log);
            // Another tenant under the name of one that was removed is taken for it.
            await fleet.RemoveTenantAsync(tenants[5], keepsSchema: false, project.Log);
            await fleet.CreateTenantsAsync([tenants[5]], new() { To = "base" }, project.Log).ToListAsync();
        }

        await database.ExecuteAsync("DROP SCHEMA t6 CASCADE; UPDATE tenancy.ring SET ended_at = now() - interval '1 h', soak_until = now()");
        var results = await ResumeAsync(project, run);

        Assert.Equal(["t0 u0 UpToDate ", "t3 u3 Migrated ", "t5 t5 Migrated ", "t6 t6 Failed SchemaMissing"], results.Select(static result => $"{result.Name} {result.Schema} {result.Status} {result.Failure?.ErrorId}").Order(StringComparer.Ordinal));
        Assert.Equal(["canary", "rest"], results.Select(static result => result.Ring).Distinct());
    }

    [Fact]
    public async Task A_query_that_was_not_true_is_asked_again()
    {
        await using var database = await FailureLimitTests.CreateAsync(2, broken: []);
        await database.ExecuteAsync("CREATE SCHEMA shared; CREATE TABLE shared.alert (at timestamptz); INSERT INTO shared.alert VALUES (now())");
        using var project = new FleetProject(database).With("1", Thing);
        var first = await project.MigrateAsync(FailureLimitTests.Tenants(2), new() { Rollout = RolloutTests.Rings("- {name: one, match: {names: t0}, verify: SELECT count(*) = 0 FROM alert}") });
        Assert.Equal("RingNotVerified", first[1].Failure!.ErrorId);
        Assert.Equal("RingNotVerified", (await ResumeAsync(project, first[0].RunId))[1].Failure!.ErrorId);

        await database.ExecuteAsync("DELETE FROM shared.alert");
        Outcome.AssertNoError(await ResumeAsync(project, first[0].RunId));
        Assert.True(await database.ScalarAsync<bool>("SELECT verified_at IS NOT NULL FROM tenancy.ring WHERE name = 'one'"));
    }

    [Fact]
    public async Task Other_manifests_or_rings_are_refused_and_other_limits_are_not()
    {
        await using var database = await FailureLimitTests.CreateAsync(3, broken: [0]);
        using var project = new FleetProject(database).With("1", Thing);
        var first = await project.MigrateAsync(FailureLimitTests.Tenants(3), new() { Rollout = RolloutTests.Rings("- {name: one, match: {names: [t0]}}") });
        var run = first[0].RunId;

        project.With("2", "revision: aaaa0002\nparent: aaaa0001\nup:\n  - create_table: {name: more, columns: [{name: id, type: integer}]}");
        var added = await Assert.ThrowsAsync<TenancyException>(() => ResumeAsync(project, run));
        Assert.Equal("RunChanged", added.ErrorId);
        Assert.Contains("aaaa0002 is new", added.Message, StringComparison.Ordinal);
        project.Without("2").With("1", Thing.Replace("integer", "bigint", StringComparison.Ordinal));
        Assert.Contains("aaaa0001 is changed", (await Assert.ThrowsAsync<TenancyException>(() => ResumeAsync(project, run))).Message, StringComparison.Ordinal);
        project.With("1", Thing);

        var moved = await Assert.ThrowsAsync<TenancyException>(() => ResumeAsync(project, run, rollout: RolloutTests.Rings("- {name: one, match: {names: [t0, t1]}}")));
        Assert.Contains("ring 'one' takes names t0, t1, and ring 'one' took names t0", moved.Message, StringComparison.Ordinal);

        var results = await ResumeAsync(project, run, rollout: RolloutTests.Rings("- {name: one, match: {names: [t0]}, max_failures: 1}"));
        Assert.Equal(["t0 Failed", "t1 Migrated", "t2 Migrated"], results.Select(static result => $"{result.Name} {result.Status}"));
    }

    [Fact]
    public async Task A_run_without_rings_is_gone_on_with_too_and_one_that_had_nothing_to_do_is_not_kept()
    {
        await using var database = await FailureLimitTests.CreateAsync(4, broken: [1]);
        using var project = new FleetProject(database).With("1", Thing);
        var first = await project.MigrateAsync(FailureLimitTests.Tenants(3), new() { MaxFailures = FailureLimit.None });
        Assert.Equal(["Migrated", "Failed", "Incomplete"], first.Select(static result => result.Status));
        await database.ExecuteAsync("DROP TABLE t1.thing");

        var results = await ResumeAsync(project, first[0].RunId);

        Outcome.AssertNoError(results);
        Assert.Equal(["t0", "t1", "t2"], results.Select(static result => result.Name));
        Assert.Single(await project.MigrateAsync(FleetProject.Tenants("t0")));
        Assert.Equal(1L, await database.ScalarAsync<long>("SELECT count(*) FROM tenancy.run_request"));
    }

    [Fact]
    public async Task A_run_is_resumable_until_it_has_reached_all_its_tenants_or_the_manifests_change()
    {
        await using var database = await FailureLimitTests.CreateAsync(4, broken: [1]);
        using var project = new FleetProject(database).With("1", Thing);
        Assert.Empty(await ResumableAsync(project));
        var stopped = await project.MigrateAsync(FailureLimitTests.Tenants(3), new() { MaxFailures = FailureLimit.None });
        var other = await project.MigrateAsync(FleetProject.Tenants("t3"));
        Assert.Equal(["Migrated", "Failed", "Incomplete", "Migrated"], stopped.Concat(other).Select(static result => result.Status));

        Assert.Equal(stopped[0].RunId, Assert.Single(await ResumableAsync(project)).RunId);
        project.With("2", "revision: aaaa0002\nparent: aaaa0001\nup: [{sql: SELECT 1, undo: SELECT 1}]");
        Assert.Empty(await ResumableAsync(project));
        project.Without("2");

        // The one that fails again was reached.
        Assert.Equal(["UpToDate", "Failed", "Migrated"], (await ResumeAsync(project, stopped[0].RunId)).Select(static result => result.Status));
        Assert.Empty(await ResumableAsync(project));
    }

    [Fact]
    public async Task A_database_that_is_gone_keeps_no_run_from_being_found()
    {
        await using var database = await FailureLimitTests.CreateAsync(3, broken: [1]);
        using var project = new FleetProject(database).With("1", Thing);
        var stopped = await project.MigrateAsync([new() { Name = "far", Schema = "far", Database = "gone" }, .. FailureLimitTests.Tenants(3)], new() { MaxFailures = FailureLimit.Parse("1"), ServerThrottleLimit = 1 });
        Assert.Equal(["far Failed", "t0 Migrated", "t1 Failed", "t2 Incomplete"], stopped.Select(static result => $"{result.Name} {result.Status}").Order(StringComparer.Ordinal));

        Assert.Equal(stopped[0].RunId, Assert.Single(await ResumableAsync(project)).RunId);
        await ResumeAsync(project, stopped[0].RunId);
        Assert.Empty(await ResumableAsync(project));
    }

    [Fact]
    public async Task What_was_undone_since_makes_no_run_resumable_and_a_secret_argument_hides_none()
    {
        await using var database = await FailureLimitTests.CreateAsync(3, broken: [1]);
        using var project = new FleetProject(database).With("1", "revision: aaaa0001\narguments: {hidden: {type: text, secret: true}}\nup:\n  - sql: CREATE TABLE thing AS SELECT length(${x.hidden})\n    undo: DROP TABLE thing");
        Dictionary<string, string> arguments = new() { ["hidden"] = "secret-value" };
        var stopped = await project.MigrateAsync(FailureLimitTests.Tenants(3), new() { MaxFailures = FailureLimit.None, Arguments = arguments });

        Assert.Equal(stopped[0].RunId, Assert.Single(await ResumableAsync(project)).RunId);

        await database.ExecuteAsync("DROP TABLE t1.thing");
        Outcome.AssertNoError(await ResumeAsync(project, stopped[0].RunId, arguments: arguments));
        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("t0"), new() { Direction = RevisionDirection.Down, To = "base", Arguments = arguments }));
        Assert.Empty(await ResumableAsync(project));
    }

    /// <summary>Another run did on them what is pending again: they had nothing to do in this one, or only the rest.</summary>
    [Fact]
    public async Task A_run_that_reached_all_stays_complete_when_its_tenants_are_undone_further_than_it_went()
    {
        await using var database = await FailureLimitTests.CreateAsync(3, broken: []);
        using var project = new FleetProject(database).With("1", Thing).With("2", "revision: aaaa0002\nparent: aaaa0001\nup: [{sql: SELECT 1, undo: SELECT 1}]");
        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("t0"), new() { To = "aaaa0001" }));
        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("t1")));
        Assert.Equal(["Migrated", "UpToDate"], (await project.MigrateAsync(FailureLimitTests.Tenants(2))).Select(static result => result.Status));

        Outcome.AssertMigrated(await project.MigrateAsync(FailureLimitTests.Tenants(2), new() { Direction = RevisionDirection.Down, To = "base" }));

        Assert.Empty(await ResumableAsync(project));
    }

    [Fact]
    public async Task What_cannot_be_gone_on_with_says_why()
    {
        await using var database = await FailureLimitTests.CreateAsync(1, broken: []);
        using var project = new FleetProject(database).With("1", Thing);
        var unknown = await Assert.ThrowsAsync<TenancyException>(() => ResumeAsync(project, Guid.NewGuid()));
        Assert.Equal("RunNotFound", unknown.ErrorId);
        Assert.Contains($"of fleet 'test' is not kept in database '{database.Name}' on", unknown.Message, StringComparison.Ordinal);

        var up = await project.MigrateAsync(FailureLimitTests.Tenants(1));
        await using (var fleet = project.Open())
        {
            var wrongWay = await Assert.ThrowsAsync<TenancyException>(() => fleet.FindRunAsync(up[0].RunId, RevisionDirection.Down, NoArguments));
            Assert.Contains("Invoke-TenantMigration -Resume", wrongWay.RecommendedAction, StringComparison.Ordinal);
        }

        var down = await project.MigrateAsync(FailureLimitTests.Tenants(1), new() { Direction = RevisionDirection.Down, Steps = 1 });
        await using (var fleet = project.Open())
        {
            var counted = await Assert.ThrowsAsync<TenancyException>(() => fleet.FindRunAsync(down[0].RunId, RevisionDirection.Down, NoArguments));
            Assert.Equal("RunNotResumable", counted.ErrorId);
        }
    }

    [Fact]
    public async Task A_run_is_found_from_another_database_through_the_tenants_of_the_project()
    {
        await using var first = await FailureLimitTests.CreateAsync(1, broken: []);
        await using var second = await FailureLimitTests.CreateAsync(2, broken: [0]);
        using var project = new FleetProject(first, $"fleet: test\ntenants: {{query: \"SELECT 't0' AS schema, '{second.Name}' AS database\"}}").With("1", Thing);
        var results = await project.MigrateAsync([.. FailureLimitTests.Tenants(2).Select(tenant => tenant with { Database = second.Name })], new() { MaxFailures = FailureLimit.None });
        Assert.Equal(["Failed", "Incomplete"], results.Select(static result => result.Status));
        await second.ExecuteAsync("DROP TABLE t0.thing");

        Outcome.AssertMigrated(await ResumeAsync(project, results[0].RunId));
    }

    // A run that is stopped while its first ring, of t0, soaks.
    private static async Task<Rollout> StopInSoakAsync(FleetProject project, int tenants = 2)
    {
        var rollout = RolloutTests.Rings("- {name: canary, match: {names: t0}, soak: 1h}");
        using var stop = new CancellationTokenSource();
        var run = project.MigrateAsync(FailureLimitTests.Tenants(tenants), new() { Rollout = rollout }, stop.Token);
        await project.Log.UntilAsync("Ring 'canary' soaks until");
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        return rollout;
    }

    private static async Task<IReadOnlyList<TenantRun>> ResumableAsync(FleetProject project)
    {
        await using var fleet = project.Open();
        return await fleet.GetResumableRunsAsync(null, null);
    }

    private static async Task<List<MigrationResult>> ResumeAsync(
        FleetProject project, Guid run, Func<MigrationRequest, MigrationRequest>? limits = null, Dictionary<string, string>? arguments = null, Rollout? rollout = null)
    {
        await using var fleet = project.Open();
        var stopped = await fleet.FindRunAsync(run, RevisionDirection.Up, arguments ?? NoArguments, rollout);
        return await fleet.MigrateAsync(stopped.Tenants, limits is null ? stopped.Request : limits(stopped.Request), project.Log).ToListAsync();
    }

    private static async Task UntilAsync(TestDatabase database, string condition)
    {
        var deadline = DateTime.UtcNow.AddSeconds(90);
        while (!await database.ScalarAsync<bool>("SELECT to_regclass('tenancy.ring') IS NOT NULL") || !await database.ScalarAsync<bool>(condition))
        {
            Assert.True(DateTime.UtcNow < deadline, $"never true: {condition}");
            await Task.Delay(50);
        }
    }
}
