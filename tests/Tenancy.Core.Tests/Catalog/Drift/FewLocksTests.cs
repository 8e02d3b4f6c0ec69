using System.Globalization;
using Npgsql;
using Tenancy.Core.Catalog;
using Tenancy.Core.Catalog.Drift;
using Tenancy.Core.Tenants;
using Tenancy.Core.Tests.Execution;
using Tenancy.Core.Tests.Faults;
using Tenancy.LocalPostgres;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Catalog.Drift;

/// <summary>Many tenants compared on a server whose lock table has room for few of them.</summary>
public sealed class FewLocksTests
{
    private const int Tenants = 120;
    private const int Locks = 10;
    private const int Connections = 20;

    [Fact]
    public async Task A_comparison_takes_no_more_than_a_part_of_the_lock_table()
    {
        await using var server = await StartAsync();
        var database = await server.CreateDatabaseAsync("locks");
        await using var source = database.DataSource;
        using var project = new FleetProject(database).With("1", """
            revision: aaaa0001
            up:
              - sql: |
                  CREATE TABLE tenant_schema.a (id int PRIMARY KEY); CREATE TABLE tenant_schema.b (id int PRIMARY KEY); CREATE TABLE tenant_schema.c (id int PRIMARY KEY); CREATE TABLE tenant_schema.d (id int PRIMARY KEY);
                  CREATE VIEW tenant_schema.v AS SELECT a.id, b.id AS b, c.id AS c, d.id AS d FROM tenant_schema.a, tenant_schema.b, tenant_schema.c, tenant_schema.d;
            down: {irreversible: not of interest}
            """);
        string[] tenants = [.. Enumerable.Range(1, Tenants).Select(static number => string.Create(CultureInfo.InvariantCulture, $"t{number}"))];
        await project.MigrateAsync("head", tenants);
        await database.ExecuteAsync("ALTER TABLE t7.a ADD extra int; DROP VIEW t60.v; ALTER TABLE t119.d SET (fillfactor = 50)");

        // Each of two connections holds an eighth of what the settings promise, or one schema's.
        var most = 0L;
        await using (var connection = await source.OpenConnectionAsync())
        await using (await connection.BeginTransactionAsync())
        {
            var count = 0;
            await foreach (var item in FleetFingerprints.ReadAsync(connection, tenants, default))
            {
                count++;
                var locks = await database.QueryAsync($"SELECT l.mode, count(*) FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace WHERE l.pid = {connection.ProcessID} AND n.nspname LIKE 't%' GROUP BY 1");
                Assert.All(locks, static row => Assert.Equal("AccessShareLock", row[0]));
                most = Math.Max(most, locks.Sum(static row => (long)row[1]!));
            }

            Assert.Equal(Tenants, count);
        }

        Assert.InRange(most, 4, Locks * Connections / 8);

        // Beside another session that has filled half of it.
        await using var neighbour = await source.OpenConnectionAsync();
        await using var held = await neighbour.BeginTransactionAsync();
        await using (var command = neighbour.CreateCommand())
        {
            command.CommandText = $"SELECT pg_advisory_xact_lock(n) FROM generate_series(1, {Locks * Connections / 2}) n";
            await command.ExecuteNonQueryAsync();
        }

        var results = await project.CompareAsync(tenants);

        Assert.Equal(
            ["t7 Drifted; column a.extra is not expected", "t60 Drifted; view v is missing", "t119 Drifted; table d has with {\"fillfactor\": \"50\"}, expected (none)"],
            results.Where(static result => result.Status != SchemaComparisonStatus.Equal).Select(DriftProject.Describe));
        Assert.Equal(Tenants, results.Count);
    }

    [Fact]
    public async Task A_schema_that_needs_more_locks_than_are_free_is_told_as_one_that_cannot_be_read()
    {
        const int Wide = 150;
        const int Free = 100;
        await using var server = await StartAsync();
        var database = await server.CreateDatabaseAsync("wide");
        await using var source = database.DataSource;
        for (var number = 0; number < Wide; number++)
        {
            await database.ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $"CREATE TABLE public.w{number} (id int)"));
        }

        await database.ExecuteAsync($"CREATE SCHEMA t1; CREATE VIEW t1.v AS {string.Join(" UNION ALL ", Enumerable.Range(0, Wide).Select(static number => string.Create(CultureInfo.InvariantCulture, $"SELECT id FROM public.w{number}")))}");
        var all = 0;
        await using (var counter = await source.OpenConnectionAsync())
        {
            // Npgsql closes a connection that has heard 53200: what was locked is free again.
            await Assert.ThrowsAsync<PostgresException>(async () =>
            {
                for (; ; all++)
                {
                    await LockAsync(counter, all, 1);
                }
            });
        }

        await using var neighbour = await source.OpenConnectionAsync();
        await LockAsync(neighbour, 0, all - Free);

        await using var connector = new DatabaseConnector(new() { Host = server.Host, Port = server.Port, Database = database.Name, Username = server.SuperUser });

        var print = Assert.Single(await new TenantFingerprints(connector, connector.Default).ReadAsync(["t1"], default)).Value;

        Assert.Equal((null, "SchemaUnreadable", "53200"), (print.Value, print.Failure!.ErrorId, print.Failure.SqlState));
    }

    private static Task<LocalPostgresServer> StartAsync() => LocalPostgresServer.StartAsync(new()
    {
        Settings = new Dictionary<string, string>
        {
            ["max_locks_per_transaction"] = Locks.ToString(CultureInfo.InvariantCulture), ["max_connections"] = Connections.ToString(CultureInfo.InvariantCulture),
            ["max_worker_processes"] = "1", ["max_wal_senders"] = "0", ["autovacuum_max_workers"] = "1",
        },
    });

    private static async Task LockAsync(NpgsqlConnection connection, int first, int count)
    {
        await using var command = new NpgsqlCommand("SELECT count(pg_advisory_lock(n)) FROM generate_series($1, $1 + $2 - 1) n", connection) { Parameters = { new() { Value = first }, new() { Value = count } } };
        await command.ExecuteNonQueryAsync();
    }
}
