using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>What stays in the tenant's schema needs no <c>touches</c>: no false alarms.</summary>
public sealed class PlacementOfOwnChangesTests
{
    private const string Loop = """
        DO $$ BEGIN FOR i IN 1..200 LOOP BEGIN
          EXECUTE format('CREATE TABLE ${tenant.quoted}.%I (id int)', 'made_' || i);
          EXECUTE format('CREATE FUNCTION ${tenant.quoted}.%I() RETURNS int LANGUAGE sql AS %L', 'made_' || i, 'SELECT 1');
          IF i % 2 = 0 THEN RAISE division_by_zero; END IF;
        EXCEPTION WHEN division_by_zero THEN NULL; END; END LOOP; END $$
        """;

    [Theory]
    [InlineData("SELECT * FROM shared.users")]
    [InlineData("SELECT * FROM shared.users FOR UPDATE")]
    [InlineData("INSERT INTO tenant_schema.mine SELECT id FROM shared.users")]
    [InlineData("CREATE TABLE tenant_schema.made (LIKE shared.users INCLUDING ALL)")]
    [InlineData("CREATE VIEW tenant_schema.seen AS SELECT * FROM shared.users")]
    public Task Reading_elsewhere(string sql) => EnsureAllowedAsync(sql);

    [Theory]
    [InlineData("CREATE TABLE tenant_schema.made (id serial PRIMARY KEY, number int GENERATED ALWAYS AS IDENTITY UNIQUE, note text DEFAULT 'x' CHECK (note <> ''), at timestamptz NOT NULL DEFAULT now())")]
    [InlineData("ALTER TABLE tenant_schema.customer ALTER COLUMN id TYPE numeric")]
    [InlineData("ALTER TABLE tenant_schema.customer ADD COLUMN a int NOT NULL DEFAULT 1, ADD COLUMN b text DEFAULT clock_timestamp()::text")]
    [InlineData("DROP TABLE tenant_schema.customer; CREATE TABLE tenant_schema.customer (id int)")]
    [InlineData("CREATE INDEX made ON tenant_schema.customer (email); DROP INDEX tenant_schema.made")]
    [InlineData("ALTER TABLE tenant_schema.customer DROP CONSTRAINT customer_pkey")]
    [InlineData("CREATE TABLE tenant_schema.made (id int GENERATED ALWAYS AS IDENTITY, n int DEFAULT 1); ALTER TABLE tenant_schema.made ALTER COLUMN id DROP IDENTITY, ALTER COLUMN n DROP DEFAULT, ALTER COLUMN n SET NOT NULL")]
    [InlineData("CREATE SEQUENCE tenant_schema.made; SELECT nextval('${tenant.quoted}.made'); DROP SEQUENCE tenant_schema.made")]
    [InlineData("INSERT INTO tenant_schema.customer SELECT n, repeat('x', 9000) FROM generate_series(1, 9) n; CLUSTER tenant_schema.customer USING customer_pkey")]
    [InlineData("TRUNCATE tenant_schema.customer")]
    [InlineData("CREATE TABLE tenant_schema.p (id int) PARTITION BY RANGE (id); CREATE TABLE tenant_schema.p1 PARTITION OF tenant_schema.p FOR VALUES FROM (1) TO (9); CREATE INDEX ON tenant_schema.p (id); ALTER TABLE tenant_schema.p DETACH PARTITION tenant_schema.p1; ALTER TABLE tenant_schema.p ATTACH PARTITION tenant_schema.p1 FOR VALUES FROM (1) TO (9)")]
    [InlineData("CREATE MATERIALIZED VIEW tenant_schema.totals AS SELECT count(*) FROM tenant_schema.customer; REFRESH MATERIALIZED VIEW tenant_schema.totals; CREATE UNIQUE INDEX ON tenant_schema.totals (count); REFRESH MATERIALIZED VIEW CONCURRENTLY tenant_schema.totals; DROP MATERIALIZED VIEW tenant_schema.totals")]
    [InlineData("CREATE VIEW tenant_schema.v AS SELECT 1 AS one; CREATE OR REPLACE VIEW tenant_schema.v AS SELECT 1 AS one, 2 AS two; CREATE RULE r AS ON INSERT TO tenant_schema.v DO INSTEAD NOTHING; DROP VIEW tenant_schema.v")]
    [InlineData("ALTER TABLE tenant_schema.customer ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON tenant_schema.customer USING (true); ALTER POLICY p ON tenant_schema.customer RENAME TO q; DROP POLICY q ON tenant_schema.customer")]
    [InlineData("DROP TRIGGER copies ON tenant_schema.watched; CREATE TRIGGER copies BEFORE UPDATE ON tenant_schema.watched FOR EACH ROW EXECUTE FUNCTION public.copy_to_log(); ALTER TABLE tenant_schema.watched DISABLE TRIGGER copies")]
    [InlineData("ALTER TABLE tenant_schema.customer RENAME TO client; ALTER TABLE tenant_schema.client RENAME COLUMN email TO mail; ALTER INDEX tenant_schema.customer_pkey RENAME TO client_pkey; COMMENT ON TABLE tenant_schema.client IS 'x'")]
    [InlineData("CREATE STATISTICS tenant_schema.made ON id, email FROM tenant_schema.customer; ANALYZE tenant_schema.customer; DROP STATISTICS tenant_schema.made")]
    [InlineData("DO $$ BEGIN BEGIN INSERT INTO t2.log VALUES (1); CREATE FUNCTION t2.gone() RETURNS int LANGUAGE sql AS 'SELECT 1'; RAISE division_by_zero; EXCEPTION WHEN division_by_zero THEN NULL; END; END $$")]
    [InlineData(Loop)]
    public Task Own_relations(string sql) => EnsureAllowedAsync(sql);

    [Theory]
    [InlineData("CREATE TEMP TABLE scratch (id serial PRIMARY KEY, note text); INSERT INTO pg_temp.scratch (note) VALUES ('x'); DROP TABLE pg_temp.scratch")]
    [InlineData("CREATE TEMP TABLE scratch ON COMMIT DROP AS SELECT 1 AS id; CREATE INDEX ON pg_temp.scratch (id); INSERT INTO tenant_schema.mine SELECT id FROM pg_temp.scratch; ALTER TABLE pg_temp.scratch ALTER COLUMN id TYPE text")]
    [InlineData("CREATE FUNCTION pg_temp.one() RETURNS int LANGUAGE sql AS 'SELECT 1'; SELECT pg_temp.one(); DROP FUNCTION pg_temp.one(); CREATE TYPE pg_temp.kind AS ENUM ('a'); DROP TYPE pg_temp.kind")]
    public Task Temporary_objects(string sql) => EnsureAllowedAsync(sql);

    [Theory]
    [InlineData("DROP FUNCTION tenant_schema.mine(); CREATE FUNCTION tenant_schema.mine() RETURNS int LANGUAGE sql AS 'SELECT 2'; COMMENT ON FUNCTION tenant_schema.mine() IS 'x'; GRANT EXECUTE ON FUNCTION tenant_schema.mine() TO pg_monitor")]
    [InlineData("DROP TYPE tenant_schema.state; CREATE TYPE tenant_schema.state AS ENUM ('a'); ALTER TYPE tenant_schema.state RENAME VALUE 'a' TO 'b'")]
    [InlineData("CREATE TYPE tenant_schema.pair AS (a int, b int); ALTER TYPE tenant_schema.pair ADD ATTRIBUTE c tenant_schema.state; DROP TYPE tenant_schema.pair")]
    [InlineData("CREATE TYPE tenant_schema.span AS RANGE (SUBTYPE = int); COMMENT ON TYPE tenant_schema.span IS 'x'")]
    [InlineData("CREATE DOMAIN tenant_schema.even AS int CONSTRAINT even CHECK (VALUE % 2 = 0); ALTER DOMAIN tenant_schema.even ADD CONSTRAINT small CHECK (VALUE < 9); ALTER DOMAIN tenant_schema.even DROP CONSTRAINT even; DROP DOMAIN tenant_schema.even")]
    [InlineData("GRANT SELECT ON tenant_schema.customer TO pg_monitor; GRANT UPDATE (email) ON tenant_schema.customer TO pg_monitor; GRANT USAGE ON SCHEMA tenant_schema TO pg_monitor; ALTER DEFAULT PRIVILEGES IN SCHEMA tenant_schema GRANT SELECT ON TABLES TO pg_monitor; ALTER DEFAULT PRIVILEGES IN SCHEMA tenant_schema REVOKE SELECT ON TABLES FROM pg_monitor")]
    [InlineData("CREATE OPERATOR tenant_schema.=== (LEFTARG = int, RIGHTARG = int, FUNCTION = int4eq); DROP OPERATOR tenant_schema.=== (int, int); CREATE TEXT SEARCH CONFIGURATION tenant_schema.c (COPY = pg_catalog.simple); DROP TEXT SEARCH CONFIGURATION tenant_schema.c")]
    [InlineData("CREATE FUNCTION tenant_schema.work() RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 1; END'; SELECT tenant_schema.work(); ALTER SCHEMA tenant_schema OWNER TO pg_monitor")]
    public Task Own_objects_of_other_kinds(string sql) => EnsureAllowedAsync(sql);

    [Fact]
    public Task A_range_type_that_goes() => EnsureAllowedAsync("DROP TYPE tenant_schema.span", "CREATE TYPE t1.span AS RANGE (SUBTYPE = int)");

    [Fact]
    public Task A_published_table_that_goes() => EnsureAllowedAsync("DROP TABLE tenant_schema.customer", "CREATE PUBLICATION p FOR TABLE t1.customer, t2.customer");

    [Theory]
    [InlineData("INSERT INTO tenant_schema.item VALUES (1)")]
    [InlineData("ALTER TABLE tenant_schema.item VALIDATE CONSTRAINT item_user_fkey")]
    [InlineData("ALTER TABLE tenant_schema.item ADD COLUMN note text")]
    public Task Checks_of_a_key_to_a_shared_table(string sql) =>
        EnsureAllowedAsync(sql, "CREATE TABLE t1.item (user_id int); ALTER TABLE t1.item ADD CONSTRAINT item_user_fkey FOREIGN KEY (user_id) REFERENCES shared.users NOT VALID");

    /// <summary>Others commit between the start and the proof: their newer transaction ids must not be taken for the tenant's.</summary>
    [Fact]
    public async Task Other_sessions_changes_meanwhile()
    {
        foreach (var mode in PlacementProject.Modes)
        {
            await using var database = await PlacementProject.CreateDatabaseAsync();
            await using var open = await database.DataSource.OpenConnectionAsync();
            await using var transaction = await open.BeginTransactionAsync();
            await using (var uncommitted = open.CreateCommand())
            {
                uncommitted.CommandText = "CREATE TABLE t3.uncommitted (id int); CREATE FUNCTION t3.uncommitted() RETURNS int LANGUAGE sql AS 'SELECT 1'; GRANT SELECT ON t2.log TO pg_monitor";
                await uncommitted.ExecuteNonQueryAsync();
            }

            using var stop = new CancellationTokenSource();
            var noise = Task.Run(async () =>
            {
                for (var number = 0; !stop.IsCancellationRequested; number++)
                {
                    await database.ExecuteAsync($"CREATE TABLE t2.noise_{number} (id serial); CREATE FUNCTION t2.noise_{number}() RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE TYPE t2.kind_{number} AS ENUM ('a'); GRANT SELECT (id), INSERT ON t2.noise_{number} TO pg_monitor; CREATE SCHEMA noise_{number}");
                }
            });
            var result = await PlacementProject.RunAsync(database, mode, """
                CREATE TABLE tenant_schema.made (id serial PRIMARY KEY, note text DEFAULT 'x');
                CREATE FUNCTION tenant_schema.made() RETURNS int LANGUAGE sql AS 'SELECT 1';
                CREATE TYPE tenant_schema.kind AS ENUM ('a');
                CREATE TABLE tenant_schema.began AS SELECT count(*) AS schemas FROM pg_namespace;
                SELECT pg_sleep(0.5);
                CREATE TABLE tenant_schema.ended AS SELECT count(*) AS schemas FROM pg_namespace;
                ALTER TABLE tenant_schema.customer ALTER COLUMN email SET NOT NULL;
                GRANT SELECT ON tenant_schema.made TO pg_monitor
                """);
            await stop.CancelAsync();
            await noise;
            Assert.True(result.Status == MigrationStatus.Migrated, result.Failure?.ToString());
            Assert.True(await database.ScalarAsync<bool>("SELECT e.schemas > b.schemas FROM t1.began b, t1.ended e"), "Nothing was committed meanwhile.");
        }
    }

    private static async Task EnsureAllowedAsync(string sql, string setUp = "")
    {
        foreach (var mode in PlacementProject.Modes)
        {
            await PlacementProject.EnsureAllowedAsync(mode, sql, setUp);
        }
    }
}
