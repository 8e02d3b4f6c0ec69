using Npgsql;
using Tenancy.Core.Sql;
using Xunit;

namespace Tenancy.Core.Tests.Sql;

/// <summary>What the server makes of rendered SQL: the judge of the lexer and of every escape.</summary>
public sealed class SqlOnServerTests
{
    public static TheoryData<string> Names =>
    [
        "acme", "a\"b'; drop schema x; --", "Ünï \"quoted\" 'x'", "back\\slash", "\\", "\\'", "'", "''", "\"", "a$b", "$$", "$q$", "a$", "$", "line\nend\r\n", "\t", " ", "/*", "*/", "--", "${tenant.name}", "E'\\x27'",
        "漢字\U0001F600", "%I %s", "\\x41\\101", "select", new string('é', 31) + "x", "U&\"\\0041\"",
    ];

    private const string Objects = "SELECT string_agg(n.nspname || '.' || c.relname, ',' ORDER BY n.nspname, c.relname) FROM pg_namespace n LEFT JOIN pg_class c ON c.relnamespace = n.oid";

    /// <summary>Each reads the value back through another place. The schema has table t with a column s.</summary>
    private static readonly (string Sql, bool HasDollarQuotes)[] Places =
    [
        ("INSERT INTO tenant_schema.t VALUES (${x.value})", false),
        ("INSERT INTO tenant_schema.t VALUES ('${x.value}')", false),
        ("INSERT INTO ${tenant.schema}.t VALUES (''\n'${x.value}')", false),
        ("INSERT INTO ${x.schema}.t VALUES (E'${x.value}')", false),
        ("INSERT INTO \"${tenant.schema}\".t VALUES (E'\\\\${x.value}'), (substr(E'\\\\${x.value}', 2))", false),
        ("INSERT INTO tenant_schema.t SELECT nspname FROM pg_namespace WHERE oid = '${tenant.quoted}'::regnamespace AND nspname = ${tenant.name}", false),
        ("INSERT INTO tenant_schema.t SELECT nspname FROM pg_namespace WHERE oid = E'${tenant.quoted}'::regnamespace AND nspname = '${tenant.schema}'", false),
        ("INSERT INTO tenant_schema.t SELECT k.s FROM (SELECT attname AS s FROM pg_attribute WHERE attrelid = '${tenant.quoted}.named'::regclass AND attnum = 1) k", false),
        ("INSERT INTO tenant_schema.t SELECT key FROM jsonb_each_text(to_jsonb((SELECT n FROM tenant_schema.named n)))", false),
        ("INSERT INTO tenant_schema.t SELECT \"${x.value}\"::text FROM (SELECT ${x.value}::text AS \"${tenant.schema}\") k", false),
        ("DO $$ BEGIN INSERT INTO tenant_schema.t VALUES (${x.value}), ('${x.value}'), (E'${x.value}'); END $$", true),
        ("DO $long_tag$ BEGIN INSERT INTO tenant_schema.t VALUES (${x.value}), ('${x.value}'), (E'${x.value}'); END $long_tag$", true),
        ("DO 'BEGIN INSERT INTO tenant_schema.t VALUES (${x.value}), (''${x.value}''), (E''${x.value}''); END'", false),
        ("DO E'BEGIN INSERT INTO tenant_schema.t VALUES (${x.value}), (\\'${x.value}\\'), (E\\'${x.value}\\'); END'", false),
        ("DO 'BEGIN DO ''BEGIN INSERT INTO tenant_schema.t VALUES (${x.value}), (''''${x.value}''''), (E''''${x.value}''''); END''; END'", false),
        ("DO E'BEGIN DO E\\'BEGIN INSERT INTO tenant_schema.t VALUES (${x.value}), (\\\\\\'${x.value}\\\\\\'); END\\'; END'", false),
        ("DO $a$ BEGIN DO 'BEGIN INSERT INTO tenant_schema.t VALUES (${x.value}), (''${x.value}''); END'; END $a$", true),
        ("DO $a$ BEGIN DO $b$ BEGIN INSERT INTO tenant_schema.t VALUES (${x.value}), ('${x.value}'); END $b$; END $a$", true),
        ("DO $a$ BEGIN EXECUTE 'INSERT INTO ${tenant.quoted}.t VALUES (''x'')'; EXECUTE format('UPDATE %I.t SET s = %L', '${tenant.schema}', '${x.value}'); END $a$", true),
        ("CREATE FUNCTION tenant_schema.f() RETURNS text LANGUAGE sql AS 'INSERT INTO tenant_schema.t VALUES (${x.value}), (''${x.value}'') RETURNING s'; SELECT tenant_schema.f()", false),
        ("CREATE FUNCTION tenant_schema.f() RETURNS void LANGUAGE plpgsql SET search_path = tenant_schema, pg_temp AS $$ BEGIN INSERT INTO t VALUES (${x.value}), (current_schema()); END $$; SELECT tenant_schema.f()", true),
        ("CREATE FUNCTION tenant_schema.f() RETURNS SETOF text LANGUAGE sql BEGIN ATOMIC INSERT INTO tenant_schema.t VALUES ('${x.value}') RETURNING CASE WHEN true THEN s END AS end; END; SELECT tenant_schema.f()", false),
    ];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_name_stays_one_name_wherever_it_is_put(string name)
    {
        var values = new SqlValues { TenantSchema = name, TenantName = name, SharedSchema = "s", Arguments = new Dictionary<string, string> { ["value"] = name, ["schema"] = name } };
        var schema = SqlIdentifier.Quote(name);
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync($"CREATE SCHEMA {schema}; CREATE TABLE {schema}.t (s text); CREATE TABLE {schema}.named ({schema} int); INSERT INTO {schema}.named VALUES (1)");
        var before = await database.ScalarAsync<string>(Objects);
        foreach (var (sql, hasDollarQuotes) in Places)
        {
            var refused = false;
            var (statements, errors) = Compiling.Compile(sql);
            Assert.Empty(errors);
            foreach (var statement in statements)
            {
                try
                {
                    await ExecuteAsync(database, statement.Template.Render(values));
                }
                catch (Tenancy.Model.TenancyException exception) when (hasDollarQuotes && exception.ErrorId is "NameNotAllowed" or "ArgumentNotAllowed")
                {
                    Assert.Contains('$', name);
                    refused = true;
                    break;
                }
            }

            // Two places put a backslash before the value.
            var found = (await database.QueryAsync($"DELETE FROM {schema}.t RETURNING s")).Select(row => ((string)row[0]!).TrimStart('\\')).ToList();
            Assert.True(refused ? found.Count == 0 : found.Count > 0, sql);
            Assert.All(found, text => Assert.Equal(name.TrimStart('\\'), text));
            await database.ExecuteAsync($"DROP FUNCTION IF EXISTS {schema}.f()");
        }

        Assert.Equal(before, await database.ScalarAsync<string>(Objects));
    }

    [Theory]
    [InlineData("CREATE TABLE public.a (x int); CREATE TABLE public.b (x int); CREATE RULE r AS ON INSERT TO public.a DO ALSO (INSERT INTO public.b VALUES (new.x); SELECT 1); CREATE TABLE public.c (x int)", 4)]
    [InlineData("CREATE FUNCTION public.f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 1 ELSE 2 END AS end; END; SELECT public.f()", 2)]
    [InlineData("CREATE SCHEMA k CREATE TABLE a (x int) CREATE VIEW v AS SELECT x FROM a; DROP SCHEMA k CASCADE", 2)]
    [InlineData("SELECT 'a;' -- ;\n 'b', E'\\';', U&'\\003B', $x$;$$;$x$, \";\" FROM (SELECT 1 AS \";\") k; SELECT 1 <> -1, 2*/* ; */3, '{\"a\":1}'::jsonb->>'a', 1_000;", 2)]
    public async Task Statements_are_divided_as_the_server_divides_them(string sql, int count)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        if ((await PostgresFixture.ServerAsync()).MajorVersion < 16)
        {
            sql = sql.Replace("1_000", "1000", StringComparison.Ordinal);
        }

        var (statements, errors) = Compiling.Compile(sql);
        Assert.Empty(errors);
        Assert.Equal(count, statements.Length);
        foreach (var statement in statements)
        {
            // The extended protocol takes one statement only: a division missed would be an error.
            await ExecuteAsync(database, statement.Template.Render(Compiling.Acme));
        }
    }

    [Fact]
    public async Task The_server_refuses_what_is_held_to_be_non_transactional()
    {
        string[] refused =
        [
            "CREATE INDEX CONCURRENTLY i ON public.t (x)", "DROP INDEX CONCURRENTLY public.i0", "REINDEX (CONCURRENTLY) TABLE public.t", "REINDEX INDEX CONCURRENTLY public.i0", "REINDEX SCHEMA public",
            "VACUUM public.t", "CLUSTER", "CREATE DATABASE never", "DROP DATABASE IF EXISTS never", "ALTER SYSTEM SET work_mem = '1GB'", "ALTER TABLE public.p DETACH PARTITION public.p1 CONCURRENTLY",
            "CREATE SUBSCRIPTION never CONNECTION 'host=/nowhere' PUBLICATION never",
        ];
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE public.t (x int); CREATE INDEX i0 ON public.t (x); CREATE TABLE public.p (x int) PARTITION BY LIST (x); CREATE TABLE public.p1 PARTITION OF public.p FOR VALUES IN (1)");
        await using var connection = await database.DataSource.OpenConnectionAsync();
        foreach (var sql in refused)
        {
            Assert.False(Compiling.One(sql).IsTransactional, sql);
            await using var transaction = await connection.BeginTransactionAsync();
            await using var command = new NpgsqlCommand(sql, connection, transaction);
            var exception = await Assert.ThrowsAsync<PostgresException>(() => command.ExecuteNonQueryAsync());
            Assert.True(exception.SqlState == PostgresErrorCodes.ActiveSqlTransaction, $"{sql}: {exception.Message}");
        }
    }

    private static async Task ExecuteAsync(TestDatabase database, string sql)
    {
        await using var connection = await database.DataSource.OpenConnectionAsync();
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { new NpgsqlBatchCommand(sql) } };
        await batch.ExecuteNonQueryAsync();
    }
}
