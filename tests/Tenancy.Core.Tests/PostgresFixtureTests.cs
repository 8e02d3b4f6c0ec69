using Xunit;

namespace Tenancy.Core.Tests;

public sealed class PostgresFixtureTests
{
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

    [Fact]
    public async Task Equal_databases_have_equal_dumps_and_others_do_not()
    {
        const string Sql = """
            CREATE SCHEMA "a ""b";
            CREATE TABLE "a ""b".t (id bigint PRIMARY KEY, v text DEFAULT 'x' CHECK (v <> ''));
            CREATE FUNCTION "a ""b".f() RETURNS int LANGUAGE sql AS 'SELECT 1';
            INSERT INTO "a ""b".t VALUES (1, 'one');
            """;
        await using var one = await PostgresFixture.CreateDatabaseAsync();
        await using var two = await PostgresFixture.CreateDatabaseAsync();
        await one.ExecuteAsync(Sql);
        await two.ExecuteAsync(Sql);
        var before = await one.DumpAsync();
        Assert.Equal(before, await two.DumpAsync());
        Assert.Equal(await one.DumpAsync("a \"b"), await two.DumpAsync("a \"b"));
        await two.ExecuteAsync("""UPDATE "a ""b".t SET v = 'two'""");
        Assert.NotEqual(before, await two.DumpAsync());
        await one.ExecuteAsync("""ALTER TABLE "a ""b".t ADD UNIQUE (v)""");
        Assert.NotEqual(before, await one.DumpAsync());
    }
}
