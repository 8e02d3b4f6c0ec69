using Tenancy.Core.Planning;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>
/// One transaction of three tenants, each of which changes its own table in every way, so that its locks hide nothing new; the second of them does something elsewhere: to the first, which had its
/// part already, to the third, which has it later, or to what is no tenant's.
/// </summary>
public sealed class AllTenantsPlacementTests
{
    private static readonly string[] Schemas = ["t1", "t2", "t3"];

    private const string Objects = """
        CREATE SCHEMA shared;
        CREATE TABLE shared.users (id int PRIMARY KEY); CREATE TABLE public.note (id int); INSERT INTO public.note VALUES (1); INSERT INTO shared.users VALUES (1);
        CREATE FUNCTION public.greet() RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE FUNCTION shared.greet() RETURNS int LANGUAGE sql AS 'SELECT 1';
        """;

    private const string OfEach = """
        CREATE SCHEMA %; CREATE TABLE %.customer (id bigint PRIMARY KEY, email text); INSERT INTO %.customer VALUES (1, 'a');
        CREATE TABLE %.spare (id int); CREATE TABLE %.only_% (id int); CREATE INDEX spare_idx ON %.spare (id);
        CREATE POLICY mine ON %.spare; CREATE TRIGGER mine BEFORE UPDATE ON %.spare FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();
        ALTER TABLE %.customer ADD CONSTRAINT itself FOREIGN KEY (id) REFERENCES %.customer; CREATE SEQUENCE %.counter; CREATE FUNCTION %.greet() RETURNS int LANGUAGE sql AS 'SELECT 1';
        CREATE TYPE %.mood AS ENUM ('sad', 'ok'); CREATE DOMAIN %.positive AS int CHECK (VALUE > 0); CREATE VIEW %.seen AS SELECT 1 AS one;
        """;

    // What each tenant does at home.
    private const string Own = """
        INSERT INTO tenant_schema.customer VALUES (2, 'b'); UPDATE tenant_schema.customer SET email = 'c'; DELETE FROM tenant_schema.customer WHERE id = 2;
        LOCK TABLE tenant_schema.spare IN ACCESS EXCLUSIVE MODE; DO $$ BEGIN EXECUTE 'LOCK TABLE ${tenant.quoted}.only_${tenant.schema} IN ACCESS EXCLUSIVE MODE'; END $$;
        ALTER TABLE tenant_schema.customer ADD COLUMN more int; CREATE INDEX made_idx ON tenant_schema.customer (more); COMMENT ON TABLE tenant_schema.customer IS 'own';
        ALTER FUNCTION tenant_schema.greet() STABLE; COMMENT ON TYPE tenant_schema.mood IS 'own'; ALTER VIEW tenant_schema.seen RENAME TO viewed;
        GRANT SELECT ON tenant_schema.customer TO pg_monitor; CREATE TABLE tenant_schema.made (id serial PRIMARY KEY, note text DEFAULT 'x');
        """;

    [Theory]
    // The first tenant: its locks are held already.
    [InlineData("INSERT INTO t1.customer VALUES (9, 'x')", "t1.customer")]
    [InlineData("UPDATE t1.customer SET email = 'x'", "t1.customer")]
    [InlineData("DELETE FROM t1.customer", "t1.customer")]
    [InlineData("INSERT INTO t1.made (note) VALUES ('x')", "t1")]
    [InlineData("TRUNCATE t1.customer", "t1.customer")]
    [InlineData("ALTER TABLE t1.customer ADD COLUMN astray int", "t1.customer")]
    [InlineData("ALTER TABLE t1.customer ALTER COLUMN email SET DEFAULT 'x'", "t1.customer")]
    [InlineData("ALTER TABLE t1.customer SET (fillfactor = 70)", "t1.customer")]
    [InlineData("CREATE INDEX astray ON t1.customer (email)", "t1.customer")]
    [InlineData("COMMENT ON COLUMN t1.customer.email IS 'x'", "t1.customer")]
    [InlineData("ALTER TABLE t1.customer ENABLE ROW LEVEL SECURITY", "t1.customer")]
    [InlineData("CREATE POLICY astray ON t1.customer", "t1.customer")]
    [InlineData("GRANT DELETE ON t1.customer TO pg_monitor", "t1.customer")]
    [InlineData("GRANT SELECT (email) ON t1.customer TO PUBLIC", "t1.customer")]
    [InlineData("GRANT USAGE ON SCHEMA t1 TO pg_monitor", "t1.t1")]
    [InlineData("DROP TABLE t1.spare", "t1.spare")]
    [InlineData("DROP INDEX t1.spare_idx", "t1.spare")]
    [InlineData("DROP POLICY mine ON t1.spare", "t1.spare")]
    [InlineData("DROP TRIGGER mine ON t1.spare", "t1.spare")]
    [InlineData("ALTER TABLE t1.customer DROP CONSTRAINT itself", "t1.customer")]
    [InlineData("DROP TABLE t1.made", "t1")]
    [InlineData("DROP INDEX t1.made_idx", "t1")]
    [InlineData("ALTER TABLE t1.spare RENAME TO astray", "t1.astray")]
    [InlineData("ALTER TABLE t1.only_t1 SET SCHEMA t2", "t1.only_t1")]
    [InlineData("ALTER TABLE t2.only_t2 SET SCHEMA t1", "t1.only_t2")]
    [InlineData("DROP TABLE t2.made; ALTER TABLE t1.made SET SCHEMA t2", "t1")]
    [InlineData("CREATE TABLE t1.astray (id int)", "t1.astray")]
    [InlineData("CREATE FUNCTION t1.astray() RETURNS int LANGUAGE sql AS 'SELECT 1'", "t1.astray")]
    [InlineData("CREATE OR REPLACE FUNCTION t1.greet() RETURNS int LANGUAGE sql AS 'SELECT 2'", "t1.greet")]
    [InlineData("DROP FUNCTION t1.greet()", "t1.greet")]
    [InlineData("CREATE TYPE t1.astray AS ENUM ('a')", "t1.astray")]
    [InlineData("ALTER TYPE t1.mood RENAME VALUE 'ok' TO 'well'", "t1.mood")]
    [InlineData("DROP TYPE t1.mood", "t1.mood")]
    [InlineData("ALTER DOMAIN t1.positive ADD CONSTRAINT astray CHECK (VALUE < 9)", "t1.positive")]
    [InlineData("ALTER SEQUENCE t1.counter INCREMENT 5", "t1.counter")]
    [InlineData("CREATE OR REPLACE VIEW t1.viewed AS SELECT 1 AS one, 2 AS two", "t1")]
    [InlineData("DROP SCHEMA t1 CASCADE", "t1")]
    // The third: nobody was there yet.
    [InlineData("INSERT INTO t3.customer VALUES (9, 'x')", "t3.customer")]
    [InlineData("ALTER TABLE t3.customer ADD COLUMN astray int", "t3.customer")]
    [InlineData("DROP TABLE t3.spare; CREATE TABLE t3.spare (id int)", "t3.spare")]
    [InlineData("DROP FUNCTION t3.greet(); CREATE FUNCTION t3.greet() RETURNS int LANGUAGE sql AS 'SELECT 1'", "t3.greet")]
    [InlineData("ALTER TABLE t3.only_t3 RENAME TO only_t2; ALTER TABLE t3.only_t2 RENAME TO only_t3", "t3.only_t3")]
    [InlineData("CREATE FUNCTION t3.astray() RETURNS int LANGUAGE sql AS 'SELECT 1'", "t3.astray")]
    [InlineData("CREATE TYPE t3.astray AS ENUM ('a')", "t3.astray")]
    [InlineData("GRANT DELETE ON t3.customer TO pg_monitor", "t3.customer")]
    // What is no tenant's.
    [InlineData("INSERT INTO public.note VALUES (9)", "public.note")]
    [InlineData("CREATE TABLE public.astray (id int)", "public.astray")]
    [InlineData("DROP TABLE public.note", "public.note")]
    [InlineData("ALTER TABLE public.note SET SCHEMA t2", "public.note")]
    [InlineData("CREATE OR REPLACE FUNCTION public.greet() RETURNS int LANGUAGE sql AS 'SELECT 2'", "public.greet")]
    [InlineData("INSERT INTO shared.users VALUES (9)", "shared.users")]
    [InlineData("ALTER TABLE shared.users ADD COLUMN astray int", "shared.users")]
    [InlineData("DROP FUNCTION shared.greet()", "shared.greet")]
    [InlineData("GRANT SELECT ON shared.users TO pg_monitor", "shared.users")]
    [InlineData("CREATE SCHEMA astray", "astray.astray")]
    // The engine writes there itself.
    [InlineData("DELETE FROM tenancy.history", "tenancy")]
    [InlineData("UPDATE tenancy.head SET revision = 'x' WHERE schema = 't1'", "tenancy")]
    [InlineData("ALTER TABLE tenancy.head ADD COLUMN astray int", "tenancy.head")]
    public async Task What_the_second_tenant_does_elsewhere_rolls_back_all(string sql, string named)
    {
        foreach (var mode in PlacementProject.Modes)
        {
            await using var database = await CreateAsync();
            using var project = Project(database, mode, sql);
            var before = await database.DumpAsync(except: "tenancy");

            var results = await project.MigrateAsync(FleetProject.Tenants(Schemas), new() { Transaction = TransactionMode.AllTenants });

            Assert.Equal(before, await database.DumpAsync(except: "tenancy"));
            Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM tenancy.head"));
            Assert.Equal([MigrationStatus.Incomplete, MigrationStatus.Failed, MigrationStatus.Incomplete], results.Select(static result => result.Status));
            Assert.True(results[1].Failure!.ErrorId == "PlacementViolation", results[1].Failure!.ToString());
            Assert.Contains(named, results[1].Error, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("INSERT INTO shared.users VALUES (9)", "shared.users")]
    [InlineData("PERFORM count(*) FROM t1.customer, t3.customer, public.note", null)]
    [InlineData("CREATE TEMP TABLE scratch (id serial); INSERT INTO pg_temp.scratch DEFAULT VALUES", null)]
    [InlineData("DROP TABLE tenant_schema.customer CASCADE; DROP FUNCTION tenant_schema.greet(); DROP TYPE tenant_schema.mood", null)]
    [InlineData("INSERT INTO tenant_schema.customer SELECT n, repeat('x', 9000) FROM generate_series(5, 9) n; CLUSTER tenant_schema.customer USING customer_pkey", null)]
    public async Task What_stays_at_home_or_is_declared_does_not(string sql, string? touches)
    {
        foreach (var mode in PlacementProject.Modes)
        {
            await using var database = await CreateAsync();
            using var project = Project(database, mode, sql, touches);

            Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants(Schemas), new() { Transaction = TransactionMode.AllTenants }));
        }
    }

    [Fact]
    public async Task What_every_tenant_does_elsewhere_is_found_by_the_rehearsal()
    {
        await using var database = await CreateAsync();
        using var project = new FleetProject(database).With("1", """
            revision: aaaa0001
            down: []
            up:
              - sql: INSERT INTO public.note VALUES (1)
            """);

        var results = await project.MigrateAsync(FleetProject.Tenants(Schemas), new() { Transaction = TransactionMode.AllTenants });

        Assert.Equal([MigrationStatus.Failed, MigrationStatus.Incomplete, MigrationStatus.Incomplete], results.Select(static result => result.Status));
        Assert.Contains("public.note", results[0].Error, StringComparison.Ordinal);
        Assert.DoesNotContain("stays locked", project.Log.Text, StringComparison.Ordinal);
    }

    private static FleetProject Project(TestDatabase database, string mode, string sql, string? touches = null) => new FleetProject(database, "fleet: test\nmode: " + mode).With("1", $"""
        revision: aaaa0001
        down: []
        {(touches is null ? "" : $"touches: [{touches}]")}
        up:
          - sql: |
              {Own.ReplaceLineEndings("\n").Replace("\n", "\n      ", StringComparison.Ordinal)}
          - sql: |
              DO $tenancy$ BEGIN IF '${"{tenant.schema}"}' = 't2' THEN
                {sql};
              END IF; END $tenancy$
        """);

    private static async Task<TestDatabase> CreateAsync()
    {
        var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync(Objects + string.Join(';', Schemas.Select(static schema => OfEach.Replace("%", schema, StringComparison.Ordinal))));
        return database;
    }
}
