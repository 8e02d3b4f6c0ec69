using System.Globalization;
using Npgsql;
using Tenancy.Core.Catalog;
using Xunit;

namespace Tenancy.Core.Tests.Catalog;

public sealed class FleetFingerprintTests
{
    private const int Count = 60;

    /// <summary>Three of many differ, and are found; meanwhile few relations are locked, and none more strongly than for reading.</summary>
    [Fact]
    public async Task Those_that_differ_are_found_in_few_and_weak_locks()
    {
        await using var database = await CreateAsync();
        await database.ExecuteAsync("""
            ALTER TABLE tenant_7.t3 ADD extra int;
            DROP INDEX tenant_20.t5_name_idx;
            CREATE OR REPLACE FUNCTION tenant_41.number_of() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM tenant_41.t2'
            """);
        await using var connection = await database.DataSource.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        Dictionary<string, string> found = [];
        var most = 0L;
        await foreach (var (schema, fingerprint) in FleetFingerprints.ReadAsync(connection, Names, default))
        {
            found.Add(schema, fingerprint);
            var locks = await database.QueryAsync($"SELECT mode, count(*) FROM pg_locks WHERE pid = {connection.ProcessID} AND locktype = 'relation' GROUP BY mode");
            Assert.Equal("AccessShareLock", Assert.Single(locks)[0]);
            most = Math.Max(most, (long)locks[0][1]!);
        }

        Assert.InRange(most, 10, 500);
        Assert.Equal(Names.Order(), found.Keys.Order());
        var common = found.Values.GroupBy(static value => value).MaxBy(static group => group.Count())!.Key;
        Assert.Equal(["tenant_20", "tenant_41", "tenant_7"], found.Where(pair => pair.Value != common).Select(static pair => pair.Key).Order());
        Assert.Equal(0L, await database.ScalarAsync<long>($"SELECT count(*) FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace WHERE l.pid = {connection.ProcessID} AND n.nspname LIKE 'tenant%'"));
    }

    /// <summary>Behind a pooler in transaction mode, and after a failure in the middle, no statement stays on the server's connection.</summary>
    [SkippableFact]
    public async Task A_pooler_keeps_nothing()
    {
        await using var database = await CreateAsync();
        await using var pooler = await PgBouncerServer.StartAsync(database.Server, poolSize: 1);
        NpgsqlConnectionStringBuilder builder = new(database.ConnectionString) { Host = pooler.Host, Port = pooler.Port, NoResetOnClose = true };
        await using var source = NpgsqlDataSource.Create(builder.ConnectionString);
        for (var run = 0; run < 3; run++)
        {
            await using var connection = await source.OpenConnectionAsync();
            await using (await connection.BeginTransactionAsync())
            {
                await foreach (var item in FleetFingerprints.ReadAsync(connection, Names, default))
                {
                    if (run == 1)
                    {
                        break;
                    }
                }
            }

            await using NpgsqlCommand left = new("SELECT count(*) FROM pg_prepared_statements", connection);
            Assert.Equal(0L, await left.ExecuteScalarAsync());
        }
    }

    /// <summary>A statement that fails takes neither the connection nor the transaction of the caller with it.</summary>
    [Fact]
    public async Task A_failure_leaves_the_transaction_as_it_was()
    {
        await using var database = await CreateAsync();
        await using var blocker = await database.DataSource.OpenConnectionAsync();
        await using var held = await blocker.BeginTransactionAsync();
        await ExecuteAsync(blocker, "LOCK TABLE tenant_2.t1 IN ACCESS EXCLUSIVE MODE");
        await using var connection = await database.DataSource.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await ExecuteAsync(connection, "SET LOCAL lock_timeout = '50ms'");
        await Assert.ThrowsAsync<PostgresException>(async () =>
        {
            await foreach (var item in FleetFingerprints.ReadAsync(connection, Names, default))
            {
            }
        });
        await ExecuteAsync(connection, "CREATE TABLE still_here (a int)");
        await transaction.CommitAsync();
        await using NpgsqlCommand left = new("SELECT count(*) FROM pg_prepared_statements", connection);
        Assert.Equal(0L, await left.ExecuteScalarAsync());
    }

    private static string[] Names => [.. Enumerable.Range(1, Count).Select(static number => string.Create(CultureInfo.InvariantCulture, $"tenant_{number}"))];

    private static async Task<TestDatabase> CreateAsync()
    {
        var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync($"""
            DO $do$ BEGIN
              FOR i IN 1..{Count} LOOP
                EXECUTE format('CREATE SCHEMA tenant_%s', i);
                EXECUTE format('SET LOCAL search_path = tenant_%s', i);
                FOR t IN 1..8 LOOP
                  EXECUTE format('CREATE TABLE t%s (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text DEFAULT ''x'', CHECK (name <> ''''))', t);
                  EXECUTE format('CREATE INDEX ON t%s (name)', t);
                END LOOP;
                CREATE VIEW v AS SELECT t1.id, t2.name FROM t1 JOIN t2 USING (id);
                EXECUTE format('CREATE FUNCTION number_of() RETURNS bigint LANGUAGE sql AS %L', format('SELECT count(*) FROM tenant_%s.t1', i));
              END LOOP;
            END $do$
            """);
        return database;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using NpgsqlCommand command = new(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
