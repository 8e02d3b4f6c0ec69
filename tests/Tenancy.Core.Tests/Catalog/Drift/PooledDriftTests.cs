using System.Globalization;
using Tenancy.Core.Catalog.Drift;
using Tenancy.Core.Tests.Authoring;
using Tenancy.Core.Tests.Execution;
using Tenancy.Core.Tests.Faults;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Catalog.Drift;

/// <summary>Comparing, repairing, recognising and generating behind PgBouncer in transaction mode.</summary>
public sealed class PooledDriftTests
{
    private const string Scratch = "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'tenancy\\_scratch%'";

    [SkippableTheory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task Tenants_are_compared_and_recognised_and_leave_no_session_state(int poolSize)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await using var pooler = await PgBouncerServer.StartAsync(database.Server, poolSize);
        using var project = await DriftProject.CreateAsync(database);
        string[] tenants = [.. Enumerable.Range(1, 30).Select(static number => string.Create(CultureInfo.InvariantCulture, $"t{number}"))];
        await project.MigrateAsync("head", tenants);
        await project.MigrateAsync("aaaa0002", "behind");
        await database.ExecuteAsync("DROP SEQUENCE t3.number; ALTER TABLE t7.invoice DROP COLUMN total");
        project.Connection = database.Through(pooler.Port);

        foreach (var run in new[] { 1, 2 })
        {
            var found = await project.CompareAsync([.. tenants, "behind"]);
            Assert.Equal(["t3 Drifted; sequence number is missing", "t7 Drifted; column invoice.total is missing"], found.Where(static result => result.Status != "Equal").Select(DriftProject.Describe));
            Assert.Equal(29, found.Count(static result => result.Status == "Equal"));
        }

        Assert.Equal("t1 Drifted; sequence number is not expected", DriftProject.Describe((await project.CompareAsync(FleetProject.Tenants("t1"), new() { Reference = FleetProject.Tenants("t3")[0] }))[0]));
        await database.ExecuteAsync("DELETE FROM tenancy.head WHERE schema IN ('t1', 'behind')");
        await using (var fleet = project.Open())
        {
            Assert.Equal(["aaaa0003", "aaaa0002"], (await fleet.StampFromShapeAsync(FleetProject.Tenants("t1", "behind"), new(), plansOnly: false, project.Log).ToListAsync()).Select(static result => string.Join(' ', result.To)));
        }

        await database.ExecuteAsync("DROP SCHEMA behind CASCADE");
        Assert.Single(await project.RepairAsync("t1", "t3"));
        await PgBouncerTests.AssertCleanAsync(database, pooler);
        Assert.Equal(0L, await database.ScalarAsync<long>(Scratch));
    }

    [SkippableTheory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task A_migration_is_generated_and_proved(int poolSize)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await using var pooler = await PgBouncerServer.StartAsync(database.Server, poolSize);
        await database.ExecuteAsync("CREATE SCHEMA acme; CREATE TYPE acme.state AS ENUM ('open'); CREATE TABLE acme.t (id int PRIMARY KEY, state acme.state); CREATE VIEW acme.v AS SELECT id FROM acme.t");
        using var project = new FleetProject(database);
        project.Connection = database.Through(pooler.Port);

        // The query for snapshots is given up in a transaction that has failed, too.
        var failed = await Assert.ThrowsAsync<TenancyException>(() => AutogenerateTests.GenerateAsync(
            project, "CREATE TYPE state AS ENUM ('open'); CREATE TABLE t (id bigint PRIMARY KEY, state state)", request => request with { Excluded = ["view:v"] }));
        Assert.Equal("ProofFailed", failed.ErrorId);
        await PgBouncerTests.AssertCleanAsync(database, pooler);

        var result = await AutogenerateTests.GenerateAsync(project, "CREATE TYPE state AS ENUM ('open'); CREATE TABLE t (id bigint PRIMARY KEY, state state, note text NOT NULL); CREATE INDEX i ON t (state); CREATE VIEW v AS SELECT id, note FROM t");

        Assert.Equal(GeneratedMigrationStatus.Proved, result.Status);
        await PgBouncerTests.AssertCleanAsync(database, pooler);

        // An enum value that is used where it is added must be committed first, up to PostgreSQL 16: the scratch schema needs a session of its own.
        const string Used = "CREATE TYPE state AS ENUM ('open', 'done'); CREATE TABLE t (id int PRIMARY KEY, state state DEFAULT 'done'); CREATE VIEW v AS SELECT id FROM t";
        using var other = new FleetProject(database);
        other.Connection = database.Through(pooler.Port);
        if (database.Server.MajorVersion < 17)
        {
            Assert.Equal("PoolerWithoutDirectServer", (await Assert.ThrowsAsync<TenancyException>(() => AutogenerateTests.GenerateAsync(other, Used))).ErrorId);
        }

        other.Connection = database.Through(pooler.Port, database.Server.Port);
        Assert.Equal(GeneratedMigrationStatus.Proved, (await AutogenerateTests.GenerateAsync(other, Used)).Status);
        await PgBouncerTests.AssertCleanAsync(database, pooler);
        Assert.Equal(0L, await database.ScalarAsync<long>(Scratch));
    }
}
