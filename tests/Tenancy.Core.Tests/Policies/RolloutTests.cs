using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Policies;
using Tenancy.Core.Rollouts;
using Tenancy.Core.Tests.Execution;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Policies;

/// <summary>Rings of tenants, one after another.</summary>
public sealed class RolloutTests
{
    private const string Thing = "revision: aaaa0001\nup:\n  - create_table: {name: thing, columns: [{name: id, type: integer}]}";

    [Fact]
    public async Task Rings_follow_each_other_and_all_tenants_have_a_result()
    {
        await using var database = await FailureLimitTests.CreateAsync(5, broken: []);
        using var project = new FleetProject(database).With("1", Thing);

        var results = await project.MigrateAsync(FailureLimitTests.Tenants(5), new() { Rollout = Rings("- {name: one, match: {names: t3}}\n- {name: two, match: {names: [t1, t4]}}") });

        Outcome.AssertMigrated(results);
        Assert.Equal(["one t3", "two t1", "two t4", "rest t0", "rest t2"], results.Select(static result => $"{result.Ring} {result.Name}"));
        Assert.Equal(["one", "two", "rest"], (await database.QueryAsync("SELECT name FROM tenancy.ring WHERE ended_at IS NOT NULL ORDER BY number")).Select(static row => row[0]));
    }

    [Fact]
    public async Task A_ring_that_fails_stops_those_behind_it()
    {
        await using var database = await FailureLimitTests.CreateAsync(6, broken: [0, 3]);
        using var project = new FleetProject(database).With("1", Thing);
        var rollout = Rings("- {name: one, match: {names: [t0, t1]}, max_failures: 1}\n- {name: two, match: {names: [t2, t3, t4]}}");

        var results = await project.MigrateAsync(FailureLimitTests.Tenants(6), new() { Rollout = rollout });

        Assert.Equal(["t0 Failed", "t1 Migrated", "t2 Migrated", "t3 Failed", "t4 Incomplete", "t5 Incomplete"], results.Select(static result => $"{result.Name} {result.Status}"));
        Assert.All(results.Skip(4), static result => Assert.Contains("1 tenant of ring 'two' failed, more than the 0 that may", result.Error, StringComparison.Ordinal));
        Assert.Equal("rest", results[^1].Ring);

        await database.ExecuteAsync("DROP TABLE t0.thing; DROP TABLE t3.thing");
        var again = await project.MigrateAsync([.. results.Where(static result => result.Status != "Migrated").Select(static result => new Tenant { Name = result.Name, Schema = result.Schema })], new() { Rollout = rollout });
        Outcome.AssertMigrated(again);
        Assert.Equal(["t0", "t3", "t4", "t5"], again.Select(static result => result.Name));
    }

    [Fact]
    public async Task A_query_that_is_not_true_stops_the_rollout()
    {
        await using var database = await FailureLimitTests.CreateAsync(2, broken: []);
        await database.ExecuteAsync("CREATE SCHEMA shared; CREATE TABLE shared.alert (at timestamptz)");
        using var project = new FleetProject(database).With("1", Thing);
        foreach (var (query, reason) in new[]
        {
            ("SELECT count(*) > 0 FROM alert", "its query gave false"),
            ("SELECT NULL::boolean", "its query gave null"),
            ("SELECT true WHERE false", "its query gave no row"),
            ("SELECT true FROM generate_series(1, 2)", "more than one row"),
            ("SELECT 1", "something else than one boolean"),
            ("DELETE FROM shared.alert RETURNING true", "could not be asked"),
            ("SELECT true FROM nowhere", "\"nowhere\" does not exist"),
            ("SELECT true; DROP TABLE shared.alert", "could not be asked"),
        })
        {
            var results = await project.MigrateAsync(FailureLimitTests.Tenants(2), new() { Rollout = Rings($"- {{name: one, match: {{names: t0}}, verify: \"{query.Replace("\"", "\\\"", StringComparison.Ordinal)}\"}}") });
            Assert.Equal(("Incomplete", "RingNotVerified"), (results[1].Status, results[1].Failure?.ErrorId));
            Assert.Contains(reason, results[1].Error, StringComparison.Ordinal);
        }

        Assert.False(await database.ScalarAsync<bool>("SELECT to_regclass('t1.thing') IS NOT NULL"));
        Outcome.AssertNoError(await project.MigrateAsync(FailureLimitTests.Tenants(2), new() { Rollout = Rings("- {name: one, match: {names: t0}, verify: SELECT count(*) = 0 FROM alert}") }));
    }

    [Fact]
    public async Task The_last_ring_is_verified_too()
    {
        await using var database = await FailureLimitTests.CreateAsync(1, broken: []);
        using var project = new FleetProject(database).With("1", Thing);
        List<MigrationResult> results = [];
        await using var fleet = project.Open();

        var error = await Assert.ThrowsAsync<TenancyException>(async () =>
        {
            await foreach (var result in fleet.MigrateAsync(FailureLimitTests.Tenants(1), new() { Rollout = Rings("- {name: all, verify: SELECT false}") }, project.Log))
            {
                results.Add(result);
            }
        });

        Outcome.AssertMigrated(results);
        Assert.Equal("RingNotVerified", error.ErrorId);
    }

    [Fact]
    public async Task Shared_revisions_wait_for_their_ring_and_who_needs_them_is_done_there_with_one_result()
    {
        await using var database = await FailureLimitTests.CreateAsync(3, broken: []);
        await database.ExecuteAsync("CREATE SCHEMA shared");
        using var project = new FleetProject(database).With("1", Thing)
            .With("s", "revision: bbbb0001\nscope: shared\nup:\n  - create_table: {name: users, columns: [{name: id, type: bigint, primary_key: true}]}")
            .With("2", "revision: aaaa0002\nparent: aaaa0001\ndepends_on: [bbbb0001]\nup:\n  - create_table: {name: more, columns: [{name: id, type: integer}]}");
        const string File = "- {name: one, match: {names: t0}, verify: \"SELECT to_regclass('shared.users') IS NULL\"}\n- {name: two, match: {names: t1}}";

        var results = await project.MigrateAsync(FailureLimitTests.Tenants(3), new() { Rollout = Rings(File, "two") });

        Outcome.AssertMigrated(results);
        Assert.Equal(["one t0", "rest t2", "two shared", "two t1"], results.Select(static result => $"{result.Ring} {result.Name}").Order(StringComparer.Ordinal));
        Assert.Equal(["aaaa0001", "aaaa0002"], results.Single(static result => result.Name == "t0").Revisions);
    }

    [Fact]
    public async Task A_shared_revision_that_waits_for_all_tenants_runs_with_the_last_ring_and_has_one_result()
    {
        await using var database = await FailureLimitTests.CreateAsync(3, broken: []);
        await database.ExecuteAsync("CREATE SCHEMA shared");
        using var project = new FleetProject(database).With("1", Thing)
            .With("s", "revision: bbbb0001\nscope: shared\ndepends_on: [aaaa0001]\nup:\n  - create_table: {name: users, columns: [{name: id, type: bigint, primary_key: true}]}");
        const string File = "- {name: one, match: {names: t0}, verify: \"SELECT to_regclass('shared.users') IS NULL\"}\n- {name: two, match: {names: t1}, verify: \"SELECT to_regclass('shared.users') IS NULL\"}";

        // None of them is registered before; those of later rings count all the same.
        var results = await project.MigrateAsync(FailureLimitTests.Tenants(3), new() { Rollout = Rings(File) });

        Outcome.AssertNoError(results);
        Assert.Equal(4, results.Count);
        Assert.Equal(MigrationStatus.Migrated, results.Single(static result => result.Scope == "shared").Status);
    }

    [Fact]
    public async Task An_undo_goes_by_rings_too_and_a_plan_names_them()
    {
        await using var database = await FailureLimitTests.CreateAsync(3, broken: []);
        using var project = new FleetProject(database).With("1", Thing);
        Outcome.AssertMigrated(await project.MigrateAsync(FailureLimitTests.Tenants(3)));
        var request = new MigrationRequest { Direction = Core.Revisions.RevisionDirection.Down, To = "base", Rollout = Rings("- {name: one, match: {names: t2}}") };
        await using (var fleet = project.Open())
        {
            Assert.Equal(["one t2", "rest t0", "rest t1"], (await fleet.PlanAsync(FailureLimitTests.Tenants(3), request).ToListAsync()).Select(static plan => $"{plan.Ring} {plan.Name}"));
        }

        Assert.Equal(["one t2", "rest t0", "rest t1"], (await project.MigrateAsync(FailureLimitTests.Tenants(3), request)).Select(static result => $"{result.Ring} {result.Name}"));
    }

    [Fact]
    public async Task Over_several_databases_a_ring_ends_in_all_of_them_before_the_next_begins()
    {
        await using var first = await FailureLimitTests.CreateAsync(2, broken: []);
        await using var second = await FailureLimitTests.CreateAsync(2, broken: [0]);
        using var project = new FleetProject(first).With("1", Thing);
        Tenant[] tenants = [.. FailureLimitTests.Tenants(2).Select(tenant => tenant with { Database = first.Name }), .. FailureLimitTests.Tenants(2).Select(tenant => tenant with { Database = second.Name })];

        var results = await project.MigrateAsync(tenants, new() { Rollout = Rings("- {name: one, match: {names: t0}}") });

        Assert.Equal(["Migrated", "Failed", "Incomplete", "Incomplete"], results.Select(static result => result.Status));
        Assert.Equal(1L, await first.ScalarAsync<long>("SELECT count(*) FROM tenancy.ring"));
        Assert.Equal(0L, await second.ScalarAsync<long>("SELECT count(*) FROM tenancy.ring"));
    }

    [Fact]
    public async Task What_makes_no_sense_is_refused_before_anything_is_touched()
    {
        await using var database = await FailureLimitTests.CreateAsync(1, broken: []);
        using var project = new FleetProject(database).With("1", Thing);
        foreach (var request in new MigrationRequest[] { new() { Transaction = TransactionMode.AllTenants }, new() { Scope = MigrationScope.Shared } })
        {
            var error = await Assert.ThrowsAsync<TenancyException>(() => project.MigrateAsync(FailureLimitTests.Tenants(1), request with { Rollout = Rings("- {name: one}") }));
            Assert.Equal("InvalidPolicy", error.ErrorId);
        }

        Assert.False(await database.ScalarAsync<bool>("SELECT to_regnamespace('tenancy') IS NOT NULL"));
    }

    internal static Rollout Rings(string rings, string? shared = null) =>
        RolloutReader.Parse($"rings:\n{string.Join('\n', rings.Split('\n').Select(static line => "  " + line))}{(shared is null ? "" : $"\nshared: {shared}")}", "rollout.yaml");
}
