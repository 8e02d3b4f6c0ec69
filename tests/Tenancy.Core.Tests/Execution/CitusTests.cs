using Npgsql;
using Tenancy.Core.Planning;
using Tenancy.Core.Revisions;
using Tenancy.LocalPostgres;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>Citus with schema-based sharding: tenants' tables lie on a node that is another server than the coordinator. Skipped where the extension is not installed.</summary>
public sealed class CitusTests
{
    private static readonly string[] Schemas = ["t1", "t2", "t3"];

    // Nothing writes before a crash what nobody waited for.
    private static readonly Dictionary<string, string> Settings = new()
    {
        ["shared_preload_libraries"] = "citus",
        ["citus.node_conninfo"] = "sslmode=disable",
        ["max_prepared_transactions"] = "100",
        ["wal_level"] = "logical",
        ["wal_writer_delay"] = "10s",
        ["wal_writer_flush_after"] = "1GB",
        ["autovacuum"] = "off",
    };

    [SkippableFact]
    public async Task New_tenants_get_distributed_schemas_and_migrate_as_others_do()
    {
        await using var node = await StartAsync();
        await using var server = await StartAsync();
        var database = await JoinAsync(server, node);
        await using var source = database.DataSource;
        using var project = new FleetProject(database).With("1", ManyDatabases.Thing);
        var tenants = FleetProject.Tenants(Schemas);

        Outcome.AssertMigrated(await project.CreateAsync(tenants));
        Assert.Equal(Schemas, (await database.QueryAsync("SELECT schemaid::regnamespace::text FROM pg_dist_schema ORDER BY 1")).Select(static row => row[0]));
        Assert.Equal(3L, await database.ScalarAsync<long>($"SELECT count(*) FROM pg_dist_shard_placement JOIN pg_dist_shard USING (shardid) WHERE nodeport = {node.Port} AND logicalrelid::text LIKE 't_.thing'"));

        project.With("2", """
            revision: aaaa0002
            parent: aaaa0001
            up:
              - add_column: {table: thing, name: note, type: text}
              - create_index: {name: thing_note_idx, table: thing, columns: [note]}
              - sql: INSERT INTO tenant_schema.thing SELECT number FROM generate_series(1, 50) number
                undo: DELETE FROM tenant_schema.thing
            """)
            .With("3", """
            revision: aaaa0003
            parent: aaaa0002
            up:
              - create_index: {name: thing_id_idx, table: thing, columns: [id], unique: true, concurrently: true}
            """);
        Outcome.AssertMigrated(await project.MigrateAsync(tenants, new() { ThrottleLimit = 2 }));
        Assert.Equal(150L, await database.ScalarAsync<long>("SELECT (SELECT count(*) FROM t1.thing) + (SELECT count(*) FROM t2.thing) + (SELECT count(*) FROM t3.thing)"));
        await using (var fleet = project.Open())
        {
            Assert.All(await fleet.CompareSchemasAsync(tenants, new(), project.Log).ToListAsync(), static compared => Assert.Equal(SchemaComparisonStatus.Equal, compared.Status));
        }

        Outcome.AssertMigrated(await project.UndoAsync(tenants, "aaaa0002"));
        Outcome.AssertMigrated(await project.MigrateAsync(tenants, new() { Direction = RevisionDirection.Down, To = "base", Transaction = TransactionMode.AllTenants }));
    }

    [SkippableFact]
    public async Task What_the_nodes_have_committed_no_crash_of_the_coordinator_takes_back()
    {
        await using var node = await StartAsync();
        await using var server = await StartAsync();
        var database = await JoinAsync(server, node);
        await using var source = database.DataSource;
        using var project = new FleetProject(database, "fleet: test\nretries: {max: 0}").With("1", ManyDatabases.Thing);
        var tenants = FleetProject.Tenants(Schemas);
        Outcome.AssertMigrated(await project.CreateAsync(tenants));
        project.With("2", """
            revision: aaaa0002
            parent: aaaa0001
            up:
              - add_column: {table: thing, name: note, type: text}
            """);

        await using (var fleet = project.Open())
        {
            await foreach (var result in fleet.MigrateAsync(tenants, new() { ThrottleLimit = 1 }, project.Log))
            {
                Assert.Equal((MigrationStatus.Migrated, true), (result.Status, result.Durable));
                if (result.Name == "t3")
                {
                    await server.StopAsync(StopMode.Immediate);
                    break;
                }
            }
        }

        await server.StartAgainAsync();
        source.Clear();
        Assert.All(await project.MigrateAsync(tenants), static result => Assert.Equal((MigrationStatus.UpToDate, true), (result.Status, result.Durable)));
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(note) FROM t3.thing"));
    }

    private static async Task<LocalPostgresServer> StartAsync()
    {
        var installed = await PostgresFixture.ServerAsync();
        Skip.IfNot(installed.HasExtension("citus"), $"PostgreSQL {installed.Version} in {installed.BinDirectory} comes without citus (Debian: install postgresql-{installed.MajorVersion}-citus).");
        var server = await LocalPostgresServer.StartAsync(new() { BinDirectory = installed.BinDirectory, Settings = Settings });
        await using var source = NpgsqlDataSource.Create(server.ConnectionString());
        await using var command = source.CreateCommand("CREATE EXTENSION citus");
        await command.ExecuteNonQueryAsync();
        return server;
    }

    // The coordinator has no shards of its own.
    private static async Task<TestDatabase> JoinAsync(LocalPostgresServer server, LocalPostgresServer node)
    {
        var database = new TestDatabase(server, "postgres");
        await database.ExecuteAsync($"SELECT citus_set_coordinator_host('{server.Host}', {server.Port})");
        await database.ExecuteAsync($"SELECT citus_add_node('{node.Host}', {node.Port})");
        return database;
    }
}
