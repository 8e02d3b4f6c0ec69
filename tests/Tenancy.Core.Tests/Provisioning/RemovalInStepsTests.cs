using System.Globalization;
using Tenancy.Core.Manifests;
using Tenancy.Core.Tests.Execution;
using Tenancy.Core.Tests.Faults;
using Tenancy.LocalPostgres;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Provisioning;

/// <summary>A tenant with more than the server's lock table holds goes in steps.</summary>
public sealed class RemovalInStepsTests
{
    private const int Tables = 250;

    private static readonly Tenant[] Large = FleetProject.Tenants("t1");

    [Fact]
    public async Task A_schema_that_fits_no_lock_table_goes_and_nothing_else()
    {
        await using var server = await StartAsync();
        var database = await server.CreateDatabaseAsync("removal");
        await using var source = database.DataSource;
        using var project = await FillAsync(database);
        var full = await Assert.ThrowsAsync<Npgsql.PostgresException>(() => database.ExecuteAsync("DROP SCHEMA t1 CASCADE"));
        Assert.Equal("53200", full.SqlState);

        await RemoveAsync(project);

        Assert.Equal(["shared.users"], await ListAsync(database));
        Assert.Equal("create done, remove started, remove done", await HistoryAsync(database));
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM tenancy.tenant"));
    }

    [Fact]
    public async Task A_removal_that_was_broken_off_keeps_the_tenant_from_being_worked_on_and_is_finished_by_the_next()
    {
        await using var server = await StartAsync();
        var database = await server.CreateDatabaseAsync("removal");
        await using var source = database.DataSource;
        using var project = await FillAsync(database);
        project.With("a", "revision: aa00aa01\nup:\n  - create_table: {name: late, columns: [{name: id, type: integer}]}\ndown: auto\n");

        using var stop = new CancellationTokenSource();
        var removal = RemoveAsync(project, stop.Token);
        await project.Log.UntilAsync("objects are left.");
        while (!removal.IsCompleted && (await ListAsync(database)).Count > 400)
        {
            await Task.Delay(5);
        }

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => removal);
        var left = (await ListAsync(database)).Count;
        Assert.InRange(left, 2, 400);

        await using (var fleet = project.Open())
        {
            var standing = (await fleet.GetTenantRevisionsAsync(Large).ToListAsync()).Single();
            Assert.Equal(TenantRevisionStatus.InProgress, standing.Status);
            Assert.StartsWith("removal, begun ", standing.Step, StringComparison.Ordinal);
            Assert.Equal("RemovalUnfinished", Assert.Single(await fleet.StampAsync(Large, ["aa00aa01"], MigrationScope.Tenant, purges: false, plansOnly: false, project.Log).ToListAsync()).Failure!.ErrorId);
        }

        var result = Assert.Single(await project.MigrateAsync(Large));
        Assert.Equal((MigrationStatus.Failed, "RemovalUnfinished"), (result.Status, result.Failure!.ErrorId));
        Assert.Equal(left, (await ListAsync(database)).Count);

        await RemoveAsync(project);
        Assert.Equal(["shared.users"], await ListAsync(database));
        Outcome.AssertNoError(await project.CreateAsync(Large));
    }

    [Fact]
    public async Task It_is_refused_before_anything_is_gone_where_others_depend_on_it()
    {
        await using var server = await StartAsync();
        var database = await server.CreateDatabaseAsync("removal");
        await using var source = database.DataSource;
        using var project = await FillAsync(database);
        // One of the first to be made, and so one of the last to go.
        await database.ExecuteAsync("CREATE SCHEMA other; CREATE VIEW other.seen AS SELECT id FROM t1.hub");
        var before = await ListAsync(database);

        var error = await Assert.ThrowsAsync<MigrationException>(() => RemoveAsync(project));

        Assert.Contains("depend on it: other.seen.", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, await ListAsync(database));
        Outcome.AssertNoError(await project.MigrateAsync(Large));
    }

    private static Task<LocalPostgresServer> StartAsync() => LocalPostgresServer.StartAsync(new()
    {
        Settings = new Dictionary<string, string> { ["max_locks_per_transaction"] = "10", ["max_connections"] = "20", ["max_worker_processes"] = "1", ["max_wal_senders"] = "0", ["autovacuum_max_workers"] = "1" },
    });

    // Keys to one table, to each other and to the shared schema, a chain of views, types, functions, partitions: what takes others with it.
    private static async Task<FleetProject> FillAsync(TestDatabase database)
    {
        await database.ExecuteAsync("CREATE SCHEMA shared; CREATE TABLE shared.users (id int PRIMARY KEY)");
        var project = new FleetProject(database);
        Outcome.AssertNoError(await project.CreateAsync(Large));
        await database.ExecuteAsync("""
            CREATE TABLE t1.hub (id int PRIMARY KEY, self int REFERENCES t1.hub, owner int REFERENCES shared.users);
            CREATE TYPE t1.state AS ENUM ('a'); CREATE DOMAIN t1.positive AS int CHECK (VALUE > 0); CREATE TYPE t1.pair AS (a int, b t1.state); CREATE TYPE t1.span AS RANGE (subtype = int);
            CREATE FUNCTION t1."odd ""name"(x t1.state, OUT y int, VARIADIC z int[]) LANGUAGE sql AS 'SELECT 1';
            CREATE PROCEDURE t1.nothing() LANGUAGE sql AS ''; CREATE AGGREGATE t1.total(int) (SFUNC = int4pl, STYPE = int);
            CREATE TABLE t1.parted (id int PRIMARY KEY) PARTITION BY RANGE (id)
            """);
        for (var from = 0; from < Tables; from += 10)
        {
            await database.ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $"""
                DO $$ BEGIN FOR i IN {from} .. {from + 9} LOOP
                  EXECUTE format('CREATE TABLE t1.many%s (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, hub int REFERENCES t1.hub, state t1.state, note text DEFAULT %L CHECK (note <> %L))', i, 'x', '');
                  IF i > 0 THEN EXECUTE format('ALTER TABLE t1.many%s ADD before bigint REFERENCES t1.many%s; CREATE OR REPLACE VIEW t1.seen%s AS SELECT a.id FROM t1.many%s a JOIN t1.seen%s b USING (id)', i, i - 1, i, i, i - 1);
                  ELSE CREATE VIEW t1.seen0 AS SELECT id FROM t1.many0; END IF;
                  EXECUTE format('CREATE TABLE t1.part%s PARTITION OF t1.parted FOR VALUES FROM (%s) TO (%s)', i, i, i + 1);
                END LOOP; END $$
                """));
        }

        return project;
    }

    private static async Task RemoveAsync(FleetProject project, CancellationToken cancellation = default)
    {
        await using var fleet = project.Open();
        await fleet.RemoveTenantAsync(Large[0], keepsSchema: false, project.Log, cancellation);
    }

    private static async Task<List<string>> ListAsync(TestDatabase database) => [.. (await database.QueryAsync(
        "SELECT schemaname || '.' || tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema', 'tenancy') ORDER BY 1")).Select(static row => (string)row[0]!)];

    private static Task<string?> HistoryAsync(TestDatabase database) => database.ScalarAsync<string>("SELECT string_agg(direction || ' ' || outcome, ', ' ORDER BY id) FROM tenancy.history");
}
