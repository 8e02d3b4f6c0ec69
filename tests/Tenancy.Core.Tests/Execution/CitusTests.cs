using System.Globalization;
using Npgsql;
using Tenancy.Core.Tenants;
using Tenancy.LocalPostgres;
using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>Citus with schema-based sharding, on a server of one node; skipped where the extension is not installed.</summary>
public sealed class CitusTests
{
    [SkippableFact]
    public async Task New_tenants_get_distributed_schemas_and_migrate_as_others_do()
    {
        var installed = await PostgresFixture.ServerAsync();
        Skip.IfNot(installed.HasExtension("citus"), $"PostgreSQL {installed.Version} in {installed.BinDirectory} comes without citus (Debian: install postgresql-{installed.MajorVersion}-citus).");
        await using var server = await LocalPostgresServer.StartAsync(new()
        {
            BinDirectory = installed.BinDirectory,
            Settings = new Dictionary<string, string> { ["shared_preload_libraries"] = "citus", ["max_prepared_transactions"] = "100", ["wal_level"] = "logical" },
        });
        await ExecuteAsync(server, $"CREATE EXTENSION citus; SELECT citus_set_coordinator_host('{server.Host}', {server.Port.ToString(CultureInfo.InvariantCulture)}); SELECT citus_set_node_property('{server.Host}', {server.Port.ToString(CultureInfo.InvariantCulture)}, 'shouldhaveshards', true)");
        using var project = new FleetProject(new ConnectionSettings { Host = server.Host, Port = server.Port, Database = "postgres", Username = server.SuperUser }).With("1", ManyDatabases.Thing);
        var tenants = FleetProject.Tenants("t1", "t2");

        Outcome.AssertMigrated(await project.CreateAsync(tenants));
        Assert.Equal(2L, await ScalarAsync(server, "SELECT count(*) FROM pg_dist_schema WHERE schemaid::regnamespace::text IN ('t1', 't2')"));
        Assert.Equal(2L, await ScalarAsync(server, "SELECT count(*) FROM citus_tables WHERE citus_table_type = 'schema'"));

        project.With("2", """
            revision: aaaa0002
            parent: aaaa0001
            up:
              - add_column: {table: thing, name: note, type: text}
              - create_index: {name: thing_note_idx, table: thing, columns: [note]}
            """);
        Outcome.AssertMigrated(await project.MigrateAsync(tenants, new() { ThrottleLimit = 2 }));
        Outcome.AssertMigrated(await project.UndoAsync(tenants));
    }

    private static async Task ExecuteAsync(LocalPostgresServer server, string sql)
    {
        await using var source = NpgsqlDataSource.Create(server.ConnectionString());
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<object?> ScalarAsync(LocalPostgresServer server, string sql)
    {
        await using var source = NpgsqlDataSource.Create(server.ConnectionString());
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }
}
