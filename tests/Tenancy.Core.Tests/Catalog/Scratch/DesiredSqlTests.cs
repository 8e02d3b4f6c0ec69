using Tenancy.Core.Catalog;
using Tenancy.Core.Catalog.Scratch;
using Tenancy.Core.Execution.Servers;
using Tenancy.Core.Revisions;
using Tenancy.Core.Sql;
using Tenancy.Core.Tests.Execution;
using Tenancy.LocalPostgres;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Catalog.Scratch;

/// <summary>SQL that says how a schema is to be, loaded into a scratch schema.</summary>
public sealed class DesiredSqlTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("tenancy-desired-").FullName;

    [Fact]
    public async Task Bare_names_tokens_and_public_are_the_scratch_schemas()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA shared; CREATE TABLE shared.users (id integer PRIMARY KEY)");
        await using var project = new ScratchProject(database);
        Write("1.sql", """
            CREATE TABLE thing (id bigserial PRIMARY KEY, owner integer REFERENCES shared.users);
            CREATE TABLE public.part (id integer PRIMARY KEY, thing bigint REFERENCES public.thing, number bigint DEFAULT nextval('public.thing_id_seq'::regclass));
            INSERT INTO thing VALUES (1, 1);
            """);
        Write("deeper/2.sql", """
            CREATE INDEX CONCURRENTLY part_thing ON tenant_schema.part (thing);
            CREATE VIEW parts AS SELECT public.id FROM public.part AS public;
            CREATE FUNCTION count_parts() RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'SELECT count(*) FROM public.part'; RETURN (SELECT count(*) FROM public.part); END $$;
            """);

        var (sql, snapshot) = await LoadAsync(project, members => DesiredSqlReader.ReadFiles([folder], project.Project.Tokens, project.Project.SharedSchema, null, members));

        foreach (var expected in new ObjectIdentity[] { new("table", "thing"), new("table", "part"), new("index", "part_thing", "part"), new("column", "number", "part") })
        {
            Assert.Contains(expected, snapshot.Objects.Keys);
        }

        Assert.Contains(sql.LeftOut, static text => text.StartsWith("1 statement on rows", StringComparison.Ordinal));
        Assert.False(sql.SaysGrants || sql.SaysOwners);
        Assert.Equal(0, await database.ScalarAsync<long>("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'tenancy%'"));
    }

    [Theory]
    [InlineData("CREATE TABLE a (id integer);\nCOMMIT;", 2, "COMMIT must not stand")]
    [InlineData("SET ROLE postgres;", 1, "role")]
    [InlineData("SELECT set_config('search_path', 'pg_catalog', false);", 1, "search_path")]
    [InlineData("DO $$ BEGIN\nCOMMIT; END $$", 2, "COMMIT in a DO block")]
    [InlineData("\\i other.sql", 1, "-DesiredDump")]
    [InlineData("CREATE TABLE a (id integer);\nCOPY a FROM stdin;\n1\tit's\n\\.\nCREATE TABLE b (id integer);", 2, "-DesiredDump")]
    [InlineData("CREATE TABLE a (id integer);\nCOPY a FROM stdin;\n1\tit's\n", 2, "-DesiredDump")]
    [InlineData("VACUUM", 1, "cannot run in a transaction")]
    [InlineData("SELECT 1;\n", 1, "does not say how a schema is to be")]
    [InlineData("CREATE TABLE a (id integer);\nCALL fill();", 2, "CALL does not say")]
    [InlineData("EXPLAIN ANALYZE INSERT INTO a VALUES (1)", 1, "EXPLAIN does not say")]
    [InlineData("WITH x AS (DELETE FROM a RETURNING id) SELECT * FROM x", 1, "SELECT does not say")]
    [InlineData("COPY a TO PROGRAM 'sh'", 1, "COPY does not say")]
    [InlineData("COPY a FROM PROGRAM 'sh'", 1, "COPY does not say")]
    [InlineData("IMPORT FOREIGN SCHEMA x FROM SERVER y INTO z", 1, "IMPORT FOREIGN SCHEMA does not say")]
    [InlineData("DO $$ BEGIN\nPERFORM pg_sleep(1); END $$", 2, "PERFORM would do more")]
    [InlineData("DO $$ BEGIN\n\nEXECUTE 'CREATE TABLE a ()'; END $$", 3, "EXECUTE would do more")]
    [InlineData("DO $$ BEGIN IF\nfill() THEN NULL; END IF; END $$", 2, "fill is a function")]
    [InlineData("DO $$ DECLARE x integer := fill(); BEGIN NULL; END $$", 1, "DECLARE would do more")]
    [InlineData("DO LANGUAGE plpython3u 'import os'", 1, "in plpgsql")]
    public void What_would_take_the_transaction_is_refused(string text, int line, string message)
    {
        Write("bad.sql", text);

        var error = Assert.Throws<TenancyException>(() => DesiredSqlReader.ReadFiles([folder], new SqlTokens(), "shared", null, new Dictionary<string, string>()));

        Assert.Equal("InvalidDesiredSql", error.ErrorId);
        Assert.Contains(error.Message.Split('\n'), found => found.Contains($"bad.sql:{line}:", StringComparison.Ordinal) && found.Contains(message, StringComparison.Ordinal));
    }

    /// <summary>What EF Core writes, and what people write so that it can be run twice.</summary>
    [Fact]
    public async Task Definitions_that_are_made_where_they_are_missing_are_taken()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await using var project = new ScratchProject(database);
        Write("1.sql", """
            SELECT pg_catalog.set_config('work_mem', '8MB', true);
            DO $EF$
            BEGIN
                IF NOT EXISTS(SELECT 1 FROM pg_namespace WHERE nspname = 'pg_catalog') THEN
                    CREATE SCHEMA pg_catalog;
                END IF;
            END $EF$;
            DO $$ BEGIN
              CREATE TYPE state AS ENUM ('open');
            EXCEPTION WHEN duplicate_object THEN RAISE NOTICE 'it is there';
            END $$;
            CREATE TABLE orders (state state);
            WITH new AS (SELECT 1) INSERT INTO orders SELECT fill() FROM new;
            COPY orders FROM '/no/such/file';
            SELECT setval('orders_seq', 1);
            """);

        var (sql, snapshot) = await LoadAsync(project, members => DesiredSqlReader.ReadFiles([folder], project.Project.Tokens, project.Project.SharedSchema, null, members));

        Assert.Equal("state", snapshot.Objects[new("column", "state", "orders")]["type"]);
        Assert.Contains(sql.LeftOut, static text => text.StartsWith("2 statements on rows", StringComparison.Ordinal));
    }

    /// <summary>Nothing of a dump is run that does not define: neither a line that somebody put into it, nor what another program wrote.</summary>
    [Theory]
    [InlineData("DO $$ BEGIN NULL; END $$;", "DO into a schema")]
    [InlineData("CALL public.fill();", "CALL into a schema")]
    [InlineData("EXPLAIN ANALYZE SELECT public.fill();", "EXPLAIN into a schema")]
    [InlineData("SELECT public.fill();", "no such SELECT")]
    [InlineData("SELECT pg_catalog.set_config('search_path', 'public', false);", "empties the search_path")]
    [InlineData("SELECT pg_catalog.set_config('session_preload_libraries', '', false);", "sets nothing else")]
    [InlineData("SET ROLE postgres;", "--use-set-session-authorization")]
    [InlineData("SET SESSION AUTHORIZATION 'postgres';", "--use-set-session-authorization")]
    [InlineData("SET search_path = public, pg_catalog;", "older than 10.3")]
    [InlineData("SET work_mem = '1GB';", "sets no work_mem")]
    [InlineData("COPY public.a TO PROGRAM 'sh';", "COPY into a schema")]
    [InlineData("COPY public.a FROM PROGRAM 'sh';", "COPY into a schema")]
    [InlineData("CREATE TABLE public.b AS SELECT public.fill();", "would run its query")]
    [InlineData("CREATE MATERIALIZED VIEW public.b AS SELECT public.fill();", "would run its query")]
    [InlineData("\\connect other", "another database")]
    [InlineData("\\! touch /tmp/evil", "no such command of psql")]
    [InlineData("\\i other.sql", "no such command of psql")]
    [InlineData("\\copy public.a FROM PROGRAM 'sh'", "no such command of psql")]
    [InlineData("\\o |sh", "no such command of psql")]
    [InlineData("CREATE TABLE public.b (id integer) \\g |sh", "no such command of psql")]
    [InlineData("\\connect app \\! sh", "another database")]
    [InlineData("SELECT pg_read_file('/etc/passwd');", "no such SELECT")]
    [InlineData("SELECT pg_catalog.lo_import('/etc/passwd');", "no such SELECT")]
    [InlineData("WITH x AS (SELECT public.fill()) SELECT 1;", "SELECT into a schema")]
    [InlineData("VALUES (public.fill());", "VALUES into a schema")]
    [InlineData("EXECUTE fill;", "EXECUTE")]
    [InlineData("LOCK TABLE public.a;", "LOCK")]
    [InlineData("RESET ROLE;", "RESET")]
    [InlineData("ALTER SYSTEM SET archive_command = 'sh';", "ALTER SYSTEM")]
    [InlineData("LOAD '/tmp/evil';", "LOAD")]
    [InlineData("IMPORT FOREIGN SCHEMA x FROM SERVER y INTO public;", "IMPORT FOREIGN SCHEMA into a schema")]
    public void What_a_dump_would_do_is_refused_with_its_line(string text, string message)
    {
        Write("dump.sql", $"SET statement_timeout = 0;\n\\connect app\nSELECT pg_catalog.set_config('search_path', '', false);\nCREATE TABLE public.a (id integer);\n{text}\n");

        var error = Assert.Throws<TenancyException>(() => DesiredSqlReader.ReadDump(Path.Combine(folder, "dump.sql"), "shared", null, new Dictionary<string, string>()));

        Assert.Equal("InvalidDesiredSql", error.ErrorId);
        Assert.Contains(error.Message.Split('\n'), found => found.Contains("dump.sql:5:", StringComparison.Ordinal) && found.Contains(message, StringComparison.Ordinal));
        Assert.StartsWith("1 error ", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Where the shared schema is called public, that name is not the tenant's, in no kind of source.</summary>
    [Fact]
    public async Task Public_is_the_shared_schema_where_the_project_says_so()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE public.users (id integer PRIMARY KEY); CREATE VIEW public.names AS SELECT id FROM public.users");
        await using var project = new ScratchProject(database, "fleet: test\nshared_schema: public");
        Write("1.sql", "CREATE TABLE thing (owner integer REFERENCES public.users); CREATE VIEW owners AS SELECT public.users.id FROM public.users");

        var (_, snapshot) = await LoadAsync(project, members => DesiredSqlReader.ReadFiles([folder], project.Project.Tokens, project.Project.SharedSchema, null, members));

        Assert.Contains("public.users", snapshot.Objects[new("constraint", "thing_owner_fkey", "thing")]["references"], StringComparison.Ordinal);
        Assert.Contains("public.users", snapshot.Objects[new("view", "owners")]["query"], StringComparison.Ordinal);

        Write("1.sql", "CREATE TABLE public.thing (id integer)");
        var elsewhere = await Assert.ThrowsAsync<TenancyException>(() => LoadAsync(project, members => DesiredSqlReader.ReadFiles([folder], project.Project.Tokens, project.Project.SharedSchema, null, members)));
        Assert.Equal("DesiredSqlElsewhere", elsewhere.ErrorId);

        Write("dump.sql", "CREATE TABLE public.users (id integer PRIMARY KEY);\nCREATE TABLE app.thing (owner integer);\nALTER TABLE ONLY app.thing ADD CONSTRAINT k FOREIGN KEY (owner) REFERENCES public.users(id);\n");
        var (sql, dumped) = await LoadAsync(project, members => DesiredSqlReader.ReadDump(Path.Combine(folder, "dump.sql"), project.Project.SharedSchema, null, members));
        Assert.Equal("app", sql.Schema);
        Assert.Contains("public.users", dumped.Objects[new("constraint", "k", "thing")]["references"], StringComparison.Ordinal);
        Assert.Contains(sql.LeftOut, static text => text == "1 statement on the schema public is left out.");

        Write("dump.sql", "CREATE TABLE public.users (id integer PRIMARY KEY);\n");
        var none = Assert.Throws<TenancyException>(() => DesiredSqlReader.ReadDump(Path.Combine(folder, "dump.sql"), "public", null, new Dictionary<string, string>()));
        Assert.Equal("DesiredSchemaUnknown", none.ErrorId);
        Assert.Contains("the project's shared one", none.Message, StringComparison.Ordinal);
        Assert.Equal("public", DesiredSqlReader.ReadDump(Path.Combine(folder, "dump.sql"), "public", "public", new Dictionary<string, string>()).Schema);
    }

    /// <summary>Where and how tables are stored, a dump says by settings.</summary>
    [SkippableFact]
    public async Task The_settings_of_a_dump_that_are_part_of_the_shape_are_honoured()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        var place = "place_" + Guid.NewGuid().ToString("N");
        await ExecuteAsync("SET allow_in_place_tablespaces = on", $"CREATE TABLESPACE {place} LOCATION ''");
        try
        {
            await database.ExecuteAsync($"""
                CREATE ACCESS METHOD heap2 TYPE TABLE HANDLER heap_tableam_handler;
                CREATE SCHEMA app;
                CREATE TABLE app.plain (id integer);
                CREATE TABLE app.placed (id integer PRIMARY KEY) USING heap2 TABLESPACE {place};
                CREATE INDEX placed_id ON app.placed (id) TABLESPACE {place};
                CREATE TABLE app.zlast (id integer);
                CREATE MATERIALIZED VIEW app.zview TABLESPACE {place} AS SELECT id FROM app.placed
                """);
            var file = Path.Combine(folder, "dump.sql");
            await DumpAsync(database, file, "--schema", "app");
            await using var project = new ScratchProject(database);

            var (_, snapshot) = await LoadAsync(project, members => DesiredSqlReader.ReadDump(file, "shared", null, members));

            await using var connection = await database.DataSource.OpenConnectionAsync();
            await using var transaction = await connection.BeginTransactionAsync();
            Assert.Equal(place, snapshot.Objects[new("table", "placed")]["tablespace"]);
            Assert.Equal("heap2", snapshot.Objects[new("table", "placed")]["access_method"]);
            // The query of a materialized view is not run.
            Assert.Equal("with_data", Assert.Single(SnapshotComparison.Compare(await SnapshotReader.ReadAsync(connection, "app", default), snapshot)).Property);

            await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(file)).Replace(place, "no_such_place", StringComparison.Ordinal));
            var error = await Assert.ThrowsAsync<TenancyException>(() => LoadAsync(project, members => DesiredSqlReader.ReadDump(file, "shared", null, members)));
            Assert.Equal("DesiredSqlFailed", error.ErrorId);
            Assert.Contains("no_such_place", error.Message, StringComparison.Ordinal);
            Assert.Contains("--no-tablespaces", error.RecommendedAction, StringComparison.Ordinal);
        }
        finally
        {
            await ExecuteAsync("DROP SCHEMA IF EXISTS app CASCADE", $"DROP TABLESPACE {place}");
        }

        // One after the other, in no transaction, in one session.
        async Task ExecuteAsync(params string[] statements)
        {
            await using var connection = await database.DataSource.OpenConnectionAsync();
            foreach (var statement in statements)
            {
                await using var command = new Npgsql.NpgsqlCommand(statement, connection);
                await command.ExecuteNonQueryAsync();
            }
        }
    }

    [Theory]
    [InlineData("CREATE TABLE other.b (id integer)", "CREATE TABLE changed what lies outside its schema and was rolled back: other.b")]
    [InlineData("ALTER TABLE other.known ADD COLUMN more integer", "other.known")]
    [InlineData("CREATE FUNCTION other.f() RETURNS integer LANGUAGE sql AS 'SELECT 1'", "other.f")]
    [InlineData("CREATE ROLE somebody_else", "pg_authid")]
    [InlineData("DO $$ BEGIN CREATE TABLE other.b (id integer); END $$", "DO changed")]
    [InlineData("CREATE SCHEMA more", "more")]
    public async Task What_lands_elsewhere_is_refused_with_its_line(string statement, string message)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA other; CREATE TABLE other.known (id integer)");
        await using var project = new ScratchProject(database);
        Write("a.sql", $"CREATE TABLE a (id integer);\n\n{statement};\nCREATE TABLE z (id integer);");

        var error = await Assert.ThrowsAsync<TenancyException>(() => LoadAsync(project, members => DesiredSqlReader.ReadFiles([folder], project.Project.Tokens, project.Project.SharedSchema, null, members)));

        Assert.Equal("DesiredSqlElsewhere", error.ErrorId);
        Assert.Contains("a.sql:3:", error.Message, StringComparison.Ordinal);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Equal(0, await database.ScalarAsync<long>("SELECT count(*) FROM pg_class WHERE relname IN ('a', 'b', 'z')"));
    }

    [Fact]
    public async Task What_the_server_refuses_is_told_with_its_line()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await using var project = new ScratchProject(database);
        Write("a.sql", "CREATE TABLE a (id integer);\nCREATE TABLE b (\n  id intteger);");

        var error = await Assert.ThrowsAsync<TenancyException>(() => LoadAsync(project, members => DesiredSqlReader.ReadFiles([folder], project.Project.Tokens, project.Project.SharedSchema, null, members)));

        Assert.Equal("DesiredSqlFailed", error.ErrorId);
        Assert.Contains("a.sql:3: CREATE TABLE: type \"intteger\" does not exist", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_extension_that_the_database_lacks_is_told()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await using var project = new ScratchProject(database);
        Write("a.sql", "CREATE EXTENSION IF NOT EXISTS no_such_thing;");

        var error = await Assert.ThrowsAsync<TenancyException>(() => LoadAsync(project, members => DesiredSqlReader.ReadFiles([folder], project.Project.Tokens, project.Project.SharedSchema, null, members)));

        Assert.Equal("ExtensionMissing", error.ErrorId);
        Assert.Contains("a.sql:1", error.Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    internal static async Task DumpAsync(TestDatabase database, string file, params string[] arguments)
    {
        var program = await DatabaseDump.PgDumpAsync(database.Server);
        Skip.If(program is null, $"There is no pg_dump for PostgreSQL {database.Server.Version}.");
        await DatabaseDump.RunAsync(
            program, ["--host", database.Server.Host, "--port", database.Server.Port.ToString(System.Globalization.CultureInfo.InvariantCulture), "--username", database.Server.SuperUser, "--file", file, .. arguments, database.Name]);
    }

    internal static async Task<(DesiredSql Sql, SchemaSnapshot Snapshot)> LoadAsync(ScratchProject project, Func<IReadOnlyDictionary<string, string>, DesiredSql> read)
    {
        var run = await project.RunAsync();
        await using var scratch = await ScratchTransaction.BeginAsync(run, project.Address, default);
        var sql = read(await ExtensionMembers.ReadAsync(scratch.Connection, default));
        var schema = await scratch.CreateAsync(project.Like, "desired", default);
        await new ScratchLoad(run, new DatabaseSession(project.Project, RevisionGraph.Build([]), run.Connector, project.Address), scratch, schema).RunAsync(sql, default);
        return (sql, await SnapshotReader.ReadAsync(scratch.Connection, schema.Name, default));
    }

    private void Write(string name, string text)
    {
        var path = Path.Combine(folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
