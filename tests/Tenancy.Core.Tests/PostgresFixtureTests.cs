using Xunit;
using Xunit.Abstractions;

namespace Tenancy.Core.Tests;

public sealed class PostgresFixtureTests(ITestOutputHelper output)
{
    private const string Sql = """
        CREATE SCHEMA "a ""b";
        CREATE TABLE "a ""b".t (id bigint PRIMARY KEY, v text DEFAULT 'x' CHECK (v <> ''));
        CREATE FUNCTION "a ""b".f() RETURNS int LANGUAGE sql AS 'SELECT 1';
        CREATE VIEW "a ""b".v AS SELECT id FROM "a ""b".t;
        CREATE TYPE "a ""b".e AS ENUM ('x', 'y');
        CREATE DOMAIN "a ""b".d AS text CHECK (VALUE <> '');
        CREATE SEQUENCE "a ""b".s;
        INSERT INTO "a ""b".t VALUES (1, 'one');
        """;

    [SkippableFact]
    public async Task Databases_are_apart_and_gone_after_the_test()
    {
        string name;
        await using (var one = await PostgresFixture.CreateDatabaseAsync(extensions: true))
        await using (var two = await PostgresFixture.CreateDatabaseAsync())
        {
            name = one.Name;
            await one.ExecuteAsync("CREATE TABLE t (c extensions.citext, l extensions.ltree)");
            Assert.Equal(1, await one.ScalarAsync<long>("SELECT count(*) FROM pg_class WHERE relname = 't'"));
            Assert.Equal(0, await two.ScalarAsync<long>("SELECT count(*) FROM pg_class WHERE relname = 't'"));
        }

        await using var other = await PostgresFixture.CreateDatabaseAsync();
        Assert.False(await other.ScalarAsync<bool>($"SELECT EXISTS (SELECT FROM pg_database WHERE datname = '{name}')"));
    }

    [SkippableFact]
    public async Task Dumps_are_made_by_pg_dump()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        var (program, reason) = await DatabaseDump.FoundAsync(database.Server);
        Skip.If(program is null, $"Dumps are read from the catalog (catalog_dump.sql): {reason}");
        output.WriteLine($"Dumps of PostgreSQL {database.Server.Version} are made by {program}: {reason}");

        await database.ExecuteAsync("CREATE SCHEMA by_pg_dump");
        Assert.Contains("CREATE SCHEMA by_pg_dump;", await database.DumpAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Equal_databases_have_equal_dumps_and_others_do_not()
    {
        await using var one = await PostgresFixture.CreateDatabaseAsync();
        await using var two = await PostgresFixture.CreateDatabaseAsync();
        await one.ExecuteAsync(Sql);
        await two.ExecuteAsync(Sql);
        foreach (var dump in new Func<TestDatabase, string?, Task<string>>[] { (database, schema) => DatabaseDump.ReadAsync(database, schema), (database, schema) => CatalogDump.ReadAsync(database, schema) })
        {
            Assert.Equal(await dump(one, null), await dump(two, null));
            Assert.Equal(await dump(one, "a \"b"), await dump(two, "a \"b"));
            Assert.Contains("one", await dump(one, "a \"b"), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("""UPDATE "a ""b".t SET v = 'two'""")]
    [InlineData("""ALTER TABLE "a ""b".t ADD UNIQUE (v)""")]
    [InlineData("""ALTER TABLE "a ""b".t ALTER v SET NOT NULL""")]
    [InlineData("""ALTER TABLE "a ""b".t ALTER v DROP DEFAULT""")]
    [InlineData("""GRANT SELECT ON "a ""b".t TO PUBLIC""")]
    [InlineData("""COMMENT ON COLUMN "a ""b".t.v IS 'other'""")]
    [InlineData("""CREATE OR REPLACE FUNCTION "a ""b".f() RETURNS int LANGUAGE sql AS 'SELECT 2'""")]
    [InlineData("""CREATE OR REPLACE VIEW "a ""b".v AS SELECT id FROM "a ""b".t WHERE id > 0""")]
    [InlineData("""ALTER TYPE "a ""b".e ADD VALUE 'z'""")]
    [InlineData("""ALTER DOMAIN "a ""b".d SET NOT NULL""")]
    [InlineData("""SELECT nextval('"a ""b".s')""")]
    [InlineData("""CREATE RULE r AS ON DELETE TO "a ""b".t DO INSTEAD NOTHING""")]
    [InlineData("""CREATE POLICY p ON "a ""b".t USING (id > 0)""")]
    [InlineData("""CREATE SCHEMA other""")]
    public async Task Every_change_shows_in_both_kinds_of_dump(string change)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync(Sql);
        var dump = await DatabaseDump.ReadAsync(database, null);
        var catalog = await CatalogDump.ReadAsync(database, null);
        await database.ExecuteAsync(change);
        Assert.NotEqual(dump, await DatabaseDump.ReadAsync(database, null));
        Assert.NotEqual(catalog, await CatalogDump.ReadAsync(database, null));
    }
}
