using System.Globalization;
using Tenancy.Core.Catalog;
using Tenancy.Core.Tests.Execution;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Authoring;

/// <summary>What is rebuilt for another change comes again with privileges, owner and comments, though the desired schema says nothing of them; up and down.</summary>
public sealed class KeptPropertiesTests
{
    [Theory]
    [InlineData("search_path")]
    [InlineData("token")]
    public async Task A_rebuild_brings_back_what_does_not_count(string mode)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        var role = $"kept_{Guid.NewGuid():N}";
        await database.ExecuteAsync($"""
            CREATE ROLE {role}; CREATE SCHEMA acme; CREATE TYPE acme.mood AS ENUM ('ok'); CREATE TABLE acme.t (a integer, m acme.mood);
            CREATE VIEW acme.v AS SELECT a, m FROM acme.t; COMMENT ON VIEW acme.v IS 'view'; COMMENT ON COLUMN acme.v.a IS 'column'; GRANT SELECT ON acme.v TO {role}; GRANT UPDATE (a) ON acme.v TO {role};
            CREATE MATERIALIZED VIEW acme.mv AS SELECT a FROM acme.v; GRANT SELECT ON acme.mv TO {role}; ALTER MATERIALIZED VIEW acme.mv OWNER TO {role};
            CREATE FUNCTION acme.f(m acme.mood) RETURNS bigint LANGUAGE sql RETURN (SELECT count(*) FROM acme.v); REVOKE EXECUTE ON FUNCTION acme.f FROM PUBLIC; GRANT EXECUTE ON FUNCTION acme.f TO {role}
            """);
        try
        {
            using var project = new FleetProject(database, $"fleet: test\nmode: {mode}");
            var tenants = FleetProject.Tenants("acme");
            var before = await ReadAsync(database);
            Assert.Contains("grants", Assert.Single(before, static line => line.StartsWith("column v.a", StringComparison.Ordinal)), StringComparison.Ordinal);

            var result = await AutogenerateTests.GenerateAsync(project, """
                CREATE TYPE mood AS ENUM ('ok'); CREATE TABLE t (a bigint, m mood); CREATE VIEW v AS SELECT a, m FROM t; CREATE MATERIALIZED VIEW mv AS SELECT a FROM v;
                CREATE FUNCTION f(m mood) RETURNS bigint LANGUAGE sql RETURN (SELECT count(*) FROM v);
                """, static request => request with { Excluded = ["comments"] });

            Assert.Equal(GeneratedMigrationStatus.Proved, result.Status);
            Outcome.AssertMigrated(await project.MigrateAsync(tenants));
            Assert.Equal(before.Select(static line => line.Replace("type=integer", "type=bigint", StringComparison.Ordinal)), await ReadAsync(database));
            Outcome.AssertMigrated(await project.UndoAsync(tenants, "base"));
            Assert.Equal(before, await ReadAsync(database));
        }
        finally
        {
            await database.ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $"DROP OWNED BY {role} CASCADE; DROP ROLE {role}"));
        }
    }

    [Theory]
    [InlineData("search_path")]
    [InlineData("token")]
    public async Task A_function_whose_argument_types_change_stays_closed(string mode)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA acme; CREATE DOMAIN acme.code AS text; CREATE FUNCTION acme.f(a integer, c acme.code) RETURNS integer LANGUAGE sql AS 'SELECT 1'; REVOKE EXECUTE ON FUNCTION acme.f FROM PUBLIC");
        using var project = new FleetProject(database, $"fleet: test\nmode: {mode}");
        const string Closed = "SELECT string_agg(oid::regprocedure::text || ' ' || (proacl::text LIKE '{=X%')::text, ' ') FROM pg_proc WHERE pronamespace = 'acme'::regnamespace";

        var result = await AutogenerateTests.GenerateAsync(project, "CREATE DOMAIN code AS text; CREATE FUNCTION f(a bigint, c code) RETURNS integer LANGUAGE sql AS 'SELECT 1';");

        Assert.Equal(GeneratedMigrationStatus.Proved, result.Status);
        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("acme")));
        Assert.Equal("acme.f(bigint,acme.code) false", await database.ScalarAsync<string>(Closed));
        Outcome.AssertMigrated(await project.UndoAsync(FleetProject.Tenants("acme"), "base"));
        Assert.Equal("acme.f(integer,acme.code) false", await database.ScalarAsync<string>(Closed));
    }

    private static async Task<List<string>> ReadAsync(TestDatabase database)
    {
        await using var connection = await database.DataSource.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var shape = await SnapshotReader.ReadAsync(connection, "acme", CancellationToken.None);
        return [.. shape.Objects.Values.OrderBy(static item => item.Identity).Select(static item => $"{item}: {string.Join("; ", item.Properties.Select(static pair => $"{pair.Key}={pair.Value}"))}")];
    }
}
