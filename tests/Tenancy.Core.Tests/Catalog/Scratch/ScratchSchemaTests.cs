using Npgsql;
using Tenancy.Core.Catalog.Scratch;
using Tenancy.Core.Execution;
using Tenancy.Core.Tests.Execution;
using Tenancy.Core.Tests.Faults;
using Xunit;

namespace Tenancy.Core.Tests.Catalog.Scratch;

public sealed class ScratchSchemaTests
{
    private const string CountScratch = "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'tenancy\\_scratch\\_%'";

    [Fact]
    public async Task A_rolled_back_one_is_seen_by_nobody_and_leaves_nothing()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await using var project = new ScratchProject(database);
        var run = await project.RunAsync();
        await using (var scratch = await ScratchTransaction.BeginAsync(run, project.Address, default))
        {
            var schema = await scratch.CreateAsync(project.Like, "a", default);
            await ExecuteAsync(scratch.Connection, schema, run, "CREATE TABLE thing (id integer)");

            Assert.Equal(schema.Name, await ScalarAsync(scratch.Connection, "SELECT relnamespace::regnamespace::text FROM pg_class WHERE relname = 'thing'"));
            Assert.Equal(0, await database.ScalarAsync<long>(CountScratch));
        }

        Assert.Equal(0, await database.ScalarAsync<long>(CountScratch));
    }

    [Fact]
    public async Task It_has_the_owner_and_the_grants_of_a_new_tenant()
    {
        var roles = await TestRoles.CreateAsync("owner", "reader");
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await using var project = new ScratchProject(database, $$"""
            fleet: test
            mode: token
            owner: {{roles["owner"]}}
            grants:
              - {to: {{roles["reader"]}}, on: schema, privileges: [usage]}
              - {to: {{roles["reader"]}}, on: tables, privileges: [select]}
              - {to: {{roles["reader"]}}, on: sequences, privileges: [usage]}
              - {to: {{roles["reader"]}}, on: functions, privileges: [execute]}
              - {to: {{roles["reader"]}}, on: types, privileges: [usage]}
            """);
        var run = await project.RunAsync();
        await using var scratch = await ScratchTransaction.BeginAsync(run, project.Address, default);
        var schema = await scratch.CreateAsync(project.Like, "a", default);
        await ExecuteAsync(scratch.Connection, schema, run, "CREATE TABLE before (id integer)");
        var known = await schema.ReadObjectsAsync(scratch.Connection, default);
        await ExecuteAsync(scratch.Connection, schema, run, """
            CREATE TABLE "A b" (id integer);
            CREATE SEQUENCE number;
            CREATE TYPE kind AS ENUM ('a');
            CREATE TYPE pair AS (a integer, b integer);
            CREATE FUNCTION twice(a integer) RETURNS integer LANGUAGE sql AS 'SELECT a * 2';
            CREATE PROCEDURE nothing() LANGUAGE sql AS 'SELECT 1'
            """);
        await schema.GrantAsync(scratch.Connection, run, known, default);

        const string Granted = """
            SELECT string_agg(o.name, ' ' ORDER BY o.name COLLATE "C") FROM (
              SELECT 'schema' AS name, nspacl AS acl FROM pg_namespace WHERE nspname LIKE 'tenancy\_scratch\_%'
              UNION ALL SELECT relname, relacl FROM pg_class WHERE relnamespace = (SELECT oid FROM pg_namespace WHERE nspname LIKE 'tenancy\_scratch\_%')
              UNION ALL SELECT proname, proacl FROM pg_proc WHERE pronamespace = (SELECT oid FROM pg_namespace WHERE nspname LIKE 'tenancy\_scratch\_%')
              UNION ALL SELECT typname, typacl FROM pg_type WHERE typnamespace = (SELECT oid FROM pg_namespace WHERE nspname LIKE 'tenancy\_scratch\_%')
            ) o WHERE o.acl::text LIKE '%reader%'
            """;
        Assert.Equal("A b kind nothing number pair schema twice", await ScalarAsync(scratch.Connection, Granted));
        Assert.Equal(roles["owner"], await ScalarAsync(scratch.Connection, "SELECT relowner::regrole::text FROM pg_class WHERE relname = 'before'"));
    }

    [Fact]
    public async Task A_committed_one_is_dropped_at_the_end()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await using var project = new ScratchProject(database);
        var run = await project.RunAsync();
        await using (var scratch = await CommittedScratch.OpenAsync(run, project.Address, default))
        {
            await scratch.CreateAsync(project.Like, "a", default);
            await scratch.CreateAsync(project.Like, "b", default);

            Assert.Equal(2, await database.ScalarAsync<long>(CountScratch));
        }

        Assert.Equal(0, await database.ScalarAsync<long>(CountScratch));
        Assert.Equal(0, await database.ScalarAsync<long>("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"));
    }

    [Fact]
    public async Task What_a_dead_run_left_is_swept_by_the_next_and_a_living_ones_is_left_alone()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await using var project = new ScratchProject(database);
        await using var living = await CommittedScratch.OpenAsync(await project.RunAsync(), project.Address, default);
        var kept = await living.CreateAsync(project.Like, "kept", default);
        var dead = await CommittedScratch.OpenAsync(await project.RunAsync(), project.Address, default);
        var left = await dead.CreateAsync(project.Like, "left", default);
        await database.ExecuteAsync($"CREATE TABLE {left.Name}.thing (id integer)");
        await database.ScalarAsync<bool>($"SELECT pg_terminate_backend({dead.Connection.ProcessID}, 60000)");
        await database.ExecuteAsync("CREATE SCHEMA tenancy_scratch_of_somebody");

        await (await ScratchTransaction.BeginAsync(await project.RunAsync(), project.Address, default)).DisposeAsync();

        Assert.Equal($"{kept.Name} tenancy_scratch_of_somebody", await database.ScalarAsync<string>("SELECT string_agg(nspname, ' ' ORDER BY nspname) FROM pg_namespace WHERE nspname LIKE 'tenancy\\_scratch\\_%'"));
        Assert.Contains(left.Name, project.Log.Text, StringComparison.Ordinal);
        await dead.DisposeAsync();
    }

    [Fact]
    public async Task The_sweep_waits_for_nobody()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await using var project = new ScratchProject(database);
        var dead = await CommittedScratch.OpenAsync(await project.RunAsync(), project.Address, default);
        var left = await dead.CreateAsync(project.Like, "left", default);
        await database.ExecuteAsync($"CREATE TABLE {left.Name}.thing (id integer)");
        await database.ScalarAsync<bool>($"SELECT pg_terminate_backend({dead.Connection.ProcessID}, 60000)");
        await using var reader = await database.DataSource.OpenConnectionAsync();
        await using var transaction = await reader.BeginTransactionAsync();
        await ScalarAsync(reader, $"SELECT count(*)::text FROM {left.Name}.thing");

        await (await ScratchTransaction.BeginAsync(await project.RunAsync(), project.Address, default)).DisposeAsync();

        Assert.Contains($"{left.Name} could not be dropped", project.Log.Text, StringComparison.Ordinal);
        await transaction.RollbackAsync();
        await (await ScratchTransaction.BeginAsync(await project.RunAsync(), project.Address, default)).DisposeAsync();
        Assert.Equal(0, await database.ScalarAsync<long>(CountScratch));
        await dead.DisposeAsync();
    }

    [SkippableFact]
    public async Task Behind_a_pooler_nothing_is_committed()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await using var pooler = await PgBouncerServer.StartAsync(database.Server, poolSize: 2);
        await using var project = new ScratchProject(database, connection: database.Through(pooler.Port));
        var run = await project.RunAsync();

        var error = await Assert.ThrowsAsync<Model.TenancyException>(() => CommittedScratch.OpenAsync(run, project.Address, default));

        Assert.Equal("PoolerWithoutDirectServer", error.ErrorId);
        await using var scratch = await ScratchTransaction.BeginAsync(run, project.Address, default);
        await scratch.CreateAsync(project.Like, "a", default);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, ScratchSchema schema, RunContext run, string sql)
    {
        CommandList commands = [];
        schema.AddEnter(commands, run);
        foreach (var statement in sql.Split(';'))
        {
            commands.Add(statement);
        }

        await commands.ExecuteAsync(connection, default);
    }

    private static async Task<string?> ScalarAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync() as string;
    }
}
