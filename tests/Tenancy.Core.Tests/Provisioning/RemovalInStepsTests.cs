using System.Globalization;
using Tenancy.Core.Manifests;
using Tenancy.Core.Sql;
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

        Assert.Contains("depends on it: other.seen.", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, await ListAsync(database));
        Outcome.AssertNoError(await project.MigrateAsync(Large));
    }

    [Fact]
    public async Task Every_kind_of_object_has_a_step_that_drops_it()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = await FillWithEveryKindAsync(database);

        // One after another, as if each were a step of its own.
        while (await NextAsync() is { } statement)
        {
            await database.ExecuteAsync(statement);
        }

        Assert.Equal("extension citext", await database.ScalarAsync<string>("""
            SELECT string_agg(pg_describe_object(d.classid, d.objid, 0), ', ' ORDER BY 1) FROM pg_depend d WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid = 't1'::regnamespace
              AND d.classid NOT IN ('pg_default_acl'::regclass, 'pg_publication_namespace'::regclass) AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = d.classid AND e.objid = d.objid AND e.deptype = 'e')
            """));
        await RemoveAsync(project);

        async Task<string?> NextAsync()
        {
            await using var command = database.DataSource.CreateCommand(EmbeddedSql.Read("removal_steps"));
            command.Parameters.Add(new() { Value = "t1" });
            return await command.ExecuteScalarAsync() as string;
        }
    }

    [Fact]
    public async Task A_schema_with_every_kind_of_object_goes_in_steps()
    {
        await using var server = await StartAsync();
        var database = await server.CreateDatabaseAsync("removal");
        await using var source = database.DataSource;
        using var project = await FillWithEveryKindAsync(database);

        await RemoveAsync(project);

        Assert.Equal("create done, remove started, remove done", await HistoryAsync(database));
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT (SELECT count(*) FROM pg_namespace WHERE nspname = 't1') + (SELECT count(*) FROM pg_extension WHERE extname = 'citext')"));
    }

    [Fact]
    public async Task What_belongs_to_an_extension_elsewhere_keeps_the_schema_whole()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database);
        Outcome.AssertNoError(await project.CreateAsync(Large));
        await database.ExecuteAsync("CREATE TABLE t1.item (id int); CREATE FUNCTION t1.member() RETURNS int LANGUAGE sql AS 'SELECT 1'; ALTER EXTENSION plpgsql ADD FUNCTION t1.member()");

        var error = await Assert.ThrowsAsync<MigrationException>(() => RemoveAsync(project));

        Assert.Equal("ExtensionMember", error.Failure.ErrorId);
        Assert.Contains("plpgsql", error.Message, StringComparison.Ordinal);
        Assert.Equal(["t1.item"], await ListAsync(database));
    }

    /// <summary>What DROP SCHEMA … CASCADE takes along without a word, and nobody looks for in the tenant.</summary>
    [Theory]
    [InlineData("CREATE FUNCTION t1.noted() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'; CREATE EVENT TRIGGER watch ON ddl_command_end EXECUTE FUNCTION t1.noted()", "event trigger watch (in no schema)", "DROP EVENT TRIGGER watch")]
    [InlineData("CREATE FUNCTION t1.number(date) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1 - date ''2000-01-01'''; CREATE CAST (date AS integer) WITH FUNCTION t1.number(date)", "cast from date to integer (in no schema)", "DROP CAST (date AS integer)")]
    [InlineData("CREATE FUNCTION t1.handler() RETURNS language_handler LANGUAGE c AS '$libdir/plpgsql', 'plpgsql_call_handler'; CREATE LANGUAGE own_pl HANDLER t1.handler", "language own_pl (in no schema)", "DROP LANGUAGE own_pl")]
    public async Task It_is_refused_where_what_lies_in_no_schema_would_go_too(string statements, string dependent, string drop)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database);
        Outcome.AssertNoError(await project.CreateAsync(Large));
        await database.ExecuteAsync("CREATE TABLE t1.item (id int); CREATE TYPE t1.state AS ENUM ('a'); CREATE FUNCTION t1.number(t1.state) RETURNS integer LANGUAGE sql AS 'SELECT 1'; CREATE CAST (t1.state AS integer) WITH FUNCTION t1.number(t1.state); CREATE PUBLICATION mine FOR TABLE t1.item WHERE (id > 1)");
        await database.ExecuteAsync(statements);

        var error = await Assert.ThrowsAsync<MigrationException>(() => RemoveAsync(project));

        Assert.Equal("DependentObjects", error.Failure.ErrorId);
        Assert.Contains($"depends on it: {dependent}.", error.Message, StringComparison.Ordinal);
        Assert.Equal(1L, await database.ScalarAsync<long>("SELECT count(*) FROM pg_class WHERE oid = 't1.item'::regclass"));

        await database.ExecuteAsync(drop);
        await RemoveAsync(project);
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM pg_namespace WHERE nspname = 't1'"));
    }

    private static async Task<FleetProject> FillWithEveryKindAsync(TestDatabase database)
    {
        var project = new FleetProject(database);
        Outcome.AssertNoError(await project.CreateAsync(Large));
        await database.ExecuteAsync("CREATE EXTENSION citext SCHEMA t1; CREATE FOREIGN DATA WRAPPER w; CREATE SERVER far FOREIGN DATA WRAPPER w; CREATE TABLE public.other (a int, b int); CREATE TYPE t1.base; CREATE TYPE t1.shell");
        foreach (var statement in EveryKind.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            await database.ExecuteAsync(statement);
        }

        return project;
    }

    private const string EveryKind = """
        CREATE FUNCTION t1.base_in(cstring) RETURNS t1.base LANGUAGE internal IMMUTABLE STRICT AS 'int4in'
        CREATE FUNCTION t1.base_out(t1.base) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'int4out'
        CREATE TYPE t1.base (INPUT = t1.base_in, OUTPUT = t1.base_out, LIKE = int4); CREATE CAST (t1.base AS int) WITHOUT FUNCTION
        CREATE COLLATION t1.sorted FROM "C"; CREATE DOMAIN t1.word AS text COLLATE t1.sorted CHECK (VALUE <> '')
        CREATE TYPE t1.state AS ENUM ('a'); CREATE TYPE t1.pair AS (a int, b t1.state); CREATE TYPE t1.span AS RANGE (subtype = text, collation = t1.sorted)
        CREATE CONVERSION t1."odd conversion" FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8
        CREATE FUNCTION t1.same(int, int) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT $1 = $2'; CREATE FUNCTION t1.less(int) RETURNS int LANGUAGE sql AS 'SELECT $1 - 1'; CREATE FUNCTION t1.compare(int, int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT btint4cmp($1, $2)'
        CREATE OPERATOR t1.=== (LEFTARG = int, RIGHTARG = int, FUNCTION = t1.same); CREATE OPERATOR t1.!!! (RIGHTARG = int, FUNCTION = t1.less)
        CREATE OPERATOR FAMILY t1.family USING btree; CREATE OPERATOR CLASS t1.class FOR TYPE int USING btree FAMILY t1.family AS OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 t1.compare(int, int)
        CREATE TEXT SEARCH PARSER t1.parser (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = prsd_lextype); CREATE TEXT SEARCH TEMPLATE t1.template (INIT = dsimple_init, LEXIZE = dsimple_lexize)
        CREATE TEXT SEARCH DICTIONARY t1.dictionary (TEMPLATE = t1.template); CREATE TEXT SEARCH CONFIGURATION t1.configuration (PARSER = t1.parser); ALTER TEXT SEARCH CONFIGURATION t1.configuration ADD MAPPING FOR word WITH t1.dictionary
        CREATE AGGREGATE t1.percentile(float8 ORDER BY anyelement) (STYPE = internal, SFUNC = ordered_set_transition, FINALFUNC = percentile_disc_final, FINALFUNC_EXTRA = true, FINALFUNC_MODIFY = read_write)
        CREATE AGGREGATE t1.place(VARIADIC "any" ORDER BY VARIADIC "any") (STYPE = internal, SFUNC = ordered_set_transition_multi, FINALFUNC = rank_final, FINALFUNC_EXTRA = true, HYPOTHETICAL)
        CREATE AGGREGATE t1.number(*) (SFUNC = int8inc, STYPE = int8, INITCOND = '0'); CREATE AGGREGATE t1.total(int) (SFUNC = int4pl, STYPE = int)
        CREATE PROCEDURE t1.work(OUT a int) LANGUAGE plpgsql AS 'BEGIN a := 1; END'; CREATE PROCEDURE t1.work(a int, OUT b int) LANGUAGE plpgsql AS 'BEGIN b := 1; END'; CREATE FUNCTION t1."odd ""name"(x t1.state, OUT y int, VARIADIC z int[]) LANGUAGE sql AS 'SELECT 1'
        CREATE TABLE t1.item (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, old serial, name t1.citext, state t1.state, word t1.word, base t1.base, number int, EXCLUDE USING btree (number t1.class WITH =))
        CREATE TABLE t1.typed OF t1.pair; CREATE TABLE t1.child () INHERITS (t1.item); CREATE UNLOGGED TABLE t1.quick (id int PRIMARY KEY, self int REFERENCES t1.quick)
        CREATE TABLE t1.parted (id int) PARTITION BY LIST (id); CREATE TABLE t1.part PARTITION OF t1.parted FOR VALUES IN (1); CREATE FOREIGN TABLE t1.far_part PARTITION OF t1.parted FOR VALUES IN (2) SERVER far; CREATE FOREIGN TABLE t1.far (id int) SERVER far
        CREATE SEQUENCE t1.counter; CREATE SEQUENCE t1.owned OWNED BY t1.item.id; CREATE STATISTICS t1.correlated ON id, number FROM t1.item; CREATE STATISTICS t1.elsewhere ON a, b FROM public.other
        CREATE VIEW t1.seen AS SELECT id, name FROM t1.item; CREATE MATERIALIZED VIEW t1.kept AS SELECT id FROM t1.seen; CREATE INDEX ON t1.kept (id); CREATE RULE none AS ON INSERT TO t1.seen DO INSTEAD NOTHING
        CREATE FUNCTION t1.note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; CREATE TRIGGER noted BEFORE INSERT ON t1.item FOR EACH ROW EXECUTE FUNCTION t1.note(); ALTER TABLE t1.item ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON t1.item USING (number > 0)
        ALTER DEFAULT PRIVILEGES IN SCHEMA t1 GRANT SELECT ON TABLES TO PUBLIC; CREATE PUBLICATION published FOR TABLES IN SCHEMA t1
        """;

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
