using Tenancy.Core.Planning;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>
/// One transaction of three tenants, each of which changes its own table in every way, so that its locks hide nothing new; the second of them does something elsewhere: to the first, which had its
/// part already, to the third, which has it later, or to what is no tenant's.
/// </summary>
internal static class AllTenantsPlacementProject
{
    internal static readonly string[] Schemas = ["t1", "t2", "t3"];

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

    /// <summary>What the second tenant does rolls back all, and the error names it.</summary>
    internal static async Task EnsureRefusedAsync(string sql, string named)
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

    internal static FleetProject Project(TestDatabase database, string mode, string sql, string? touches = null) => new FleetProject(database, "fleet: test\nmode: " + mode).With("1", $"""
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

    internal static async Task<TestDatabase> CreateAsync()
    {
        var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync(Objects + string.Join(';', Schemas.Select(static schema => OfEach.Replace("%", schema, StringComparison.Ordinal))));
        return database;
    }
}
