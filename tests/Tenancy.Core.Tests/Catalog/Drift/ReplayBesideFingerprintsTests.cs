using System.Diagnostics;
using System.Globalization;
using Tenancy.Core.Tests.Execution;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Catalog.Drift;

/// <summary>What becomes of the replay that runs beside the first fingerprints, and of them, where one of both does not come to its end, or the server has no room for both.</summary>
public sealed class ReplayBesideFingerprintsTests
{
    private const string Table = "revision: aaaa0001\nup:\n  - create_table: {name: t, columns: [{name: id, type: int}]}";

    // What a chunk takes, and one more: two are at work at once.
    private const int TwoChunks = 201;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_role_with_few_connections_compares_one_thing_after_another(int limit)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        var roles = await TestRoles.CreateAsync("deploy");
        await database.ExecuteAsync($"GRANT CREATE ON DATABASE {database.Name} TO {roles["deploy"]}");
        using var project = new FleetProject(database).With("1", Table).With("2", "revision: aaaa0002\nparent: aaaa0001\nup:\n  - sql: SELECT pg_sleep(0.5)\n    undo: SELECT 1");
        project.Connection = project.Connection with { Username = roles["deploy"] };
        string[] tenants = [.. Enumerable.Range(1, TwoChunks).Select(static number => string.Create(CultureInfo.InvariantCulture, $"t{number}"))];
        await project.MigrateAsync("head", tenants);
        await PostgresFixture.ExecuteAsync($"ALTER ROLE {roles["deploy"]} CONNECTION LIMIT {limit}");
        await database.UntilAsync($"SELECT count(*) = 0 FROM pg_stat_activity WHERE usename = '{roles["deploy"]}'");

        Assert.All(await project.CompareAsync(tenants), static result => Assert.EndsWith("Equal", DriftProject.Describe(result), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_role_that_may_not_ask_what_room_there_is_compares_too()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        var roles = await TestRoles.CreateAsync("deploy");
        await database.ExecuteAsync($"GRANT CREATE ON DATABASE {database.Name} TO {roles["deploy"]}; REVOKE SELECT ON pg_stat_database FROM PUBLIC");
        using var project = new FleetProject(database).With("1", Table);
        project.Connection = project.Connection with { Username = roles["deploy"] };
        await project.MigrateAsync("head", "t1");

        Assert.Equal(["t1 Equal"], (await project.CompareAsync("t1")).Select(DriftProject.Describe));
        Assert.Contains("So the replay comes before the fingerprints.", project.Log.Text, StringComparison.Ordinal);
    }

    /// <summary>The tenant has the first numbers of the sequence, the replay those above 100.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_comparison_that_is_cancelled_in_a_replay_ends_at_once_and_leaves_nothing(bool commits)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA shared; CREATE SEQUENCE shared.number");
        using var project = new FleetProject(database)
            .With("1", "revision: aaaa0001\nup:\n  - create_enum: {name: kind, values: [a]}")
            .With("2", $"revision: aaaa0002\nparent: aaaa0001\nup:\n  - sql: {(commits ? "ALTER TYPE tenant_schema.kind ADD VALUE 'b'" : "SELECT 1")}\n    undo: SELECT 1")
            .With("3", $"""
                revision: aaaa0003
                parent: aaaa0002
                touches: [shared.number]
                up:
                  - sql: |
                      {(commits ? "CREATE VIEW tenant_schema.v AS SELECT 'b'::tenant_schema.kind" : "SELECT 1")};
                      SELECT pg_sleep(CASE WHEN nextval('${"{shared.quoted}"}.number') > 100 THEN 60 ELSE 0 END)
                    undo: SELECT 1
                """);
        await project.MigrateAsync("head", "t1");
        await database.ExecuteAsync("ALTER SEQUENCE shared.number RESTART 101");
        using var cancellation = new CancellationTokenSource();
        await using var fleet = project.Open();

        var comparing = fleet.CompareSchemasAsync(FleetProject.Tenants("t1"), new(), project.Log, cancellation.Token).ToListAsync(CancellationToken.None).AsTask();
        await database.UntilAsync("SELECT count(*) = 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'");
        // From PostgreSQL 17 on a value may be used before it is committed.
        Assert.Equal(commits && database.Server.MajorVersion < 17, await database.ScalarAsync<long>("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'tenancy\\_scratch%'") > 0);
        var watch = Stopwatch.StartNew();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => comparing);

        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 5);
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'tenancy\\_scratch%'"));
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'"));
    }

    [Fact]
    public async Task An_argument_that_is_missing_is_told()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database).With("1", Table)
            .With("2", "revision: aaaa0002\nparent: aaaa0001\narguments: {amount: {type: integer}}\nup:\n  - sql: SELECT ${x.amount}\n    undo: SELECT 1");
        await project.MigrateAsync("aaaa0001", "t1");
        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("t1"), new() { Arguments = new Dictionary<string, string> { ["amount"] = "1" } }));

        Assert.Equal("MissingArgument", (await Assert.ThrowsAsync<TenancyException>(() => project.CompareAsync("t1"))).ErrorId);
        Assert.Equal(["t1 Equal"], (await project.CompareAsync(FleetProject.Tenants("t1"), new() { Arguments = new Dictionary<string, string> { ["amount"] = "1" } })).Select(DriftProject.Describe));
    }
}
