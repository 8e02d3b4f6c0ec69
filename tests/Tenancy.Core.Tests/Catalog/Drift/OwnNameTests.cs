using Tenancy.Core.Catalog.Drift;
using Tenancy.Core.Tests.Execution;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Catalog.Drift;

/// <summary>Where definitions have the schema's name as text, tenants are of one shape all the same; and a word that is a tenant's name stays a word.</summary>
public sealed class OwnNameTests
{
    // The second revision has a default, a check, a view, a body, a trigger's argument and a comment with the name; and each has the words too that tenants are named by.
    private static FleetProject Write(TestDatabase database, string mode) => new FleetProject(database, $"fleet: test\nmode: {mode}")
        .With("1", "revision: aaaa0001\nup:\n  - create_table: {name: customer, columns: [{name: id, type: int, primary_key: true}, {name: status, type: text, default: \"'active'\"}]}")
        .With("2", """
            revision: aaaa0002
            parent: aaaa0001
            up:
              - add_column: {table: customer, name: owner, type: text, default: "'${tenant.schema}'"}
              - sql: |
                  ALTER TABLE tenant_schema.customer ADD CONSTRAINT owned CHECK (owner <> 'nobody' OR owner = '${tenant.schema}');
                  CREATE VIEW tenant_schema.mine AS SELECT c.id, '${tenant.schema}'::text AS tenant, 'active'::text AS word FROM tenant_schema.customer c;
                  CREATE FUNCTION tenant_schema.tell() RETURNS text LANGUAGE plpgsql AS $$ DECLARE t text := '${tenant.schema}'; BEGIN RETURN t || 'active'; END $$;
                  CREATE FUNCTION tenant_schema.done() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
                  CREATE TRIGGER told BEFORE INSERT ON tenant_schema.customer FOR EACH ROW EXECUTE FUNCTION tenant_schema.done('${tenant.schema}', 'active');
                  COMMENT ON TABLE tenant_schema.customer IS 'Customers of ${tenant.schema}, active ones';
            down: {irreversible: a test}
            """);

    [Theory]
    [InlineData("search_path")]
    [InlineData("token")]
    public async Task Tenants_of_any_name_are_of_one_shape_and_are_mended_each_with_its_own(string mode)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = Write(database, mode);
        string[] tenants = ["t1", "active", "nobody", "customer", "O'Brien \"x\"", "t2", "t3"];
        await project.MigrateAsync("head", tenants);
        var results = await project.CompareAsync(tenants);
        Assert.All(results, static result => Assert.EndsWith("Equal", DriftProject.Describe(result), StringComparison.Ordinal));
        Assert.Single(results.Select(static result => result.Shape).Distinct());

        // The same in three, among them one that is named like a word.
        foreach (var schema in new[] { "t2", "t3", "active" })
        {
            await database.ExecuteAsync($"ALTER TABLE {schema}.customer ALTER COLUMN owner SET DEFAULT 'lost'; DROP VIEW {schema}.mine; COMMENT ON TABLE {schema}.customer IS NULL; CREATE OR REPLACE FUNCTION {schema}.tell() RETURNS text LANGUAGE plpgsql AS 'BEGIN RETURN 1; END'; DROP TRIGGER told ON {schema}.customer; ALTER TABLE {schema}.customer DROP CONSTRAINT owned");
        }

        results = await project.CompareAsync(tenants);
        Assert.Equal(["active", "t2", "t3"], results.Where(static result => result.Status == SchemaComparisonStatus.Drifted).Select(static result => result.Name).Order(StringComparer.Ordinal));
        Assert.Equal(2, results.Select(static result => result.Shape).Distinct().Count());
        Assert.Contains(results.Single(static result => result.Name == "t2").Differences, static difference => difference is { Property: "default", Expected: "'${tenant.schema}'::text", Actual: "'lost'::text" });

        var text = await File.ReadAllTextAsync(Assert.Single(await project.RepairAsync(tenants)));
        Assert.DoesNotContain("tenancy_scratch", text, StringComparison.Ordinal);
        Assert.Contains("${tenant.schema}", text, StringComparison.Ordinal);
        Assert.All(await project.MigrateAsync(FleetProject.Tenants(tenants)), static result => Assert.Null(result.Error));
        Assert.All(await project.CompareAsync(tenants), static result => Assert.EndsWith("Equal", DriftProject.Describe(result), StringComparison.Ordinal));
        Assert.Equal("'active'::text 'active'::text", await database.ScalarAsync<string>("SELECT string_agg(pg_get_expr(adbin, adrelid), ' ' ORDER BY adnum) FROM pg_attrdef WHERE adrelid = 'active.customer'::regclass"));
        Assert.Equal("'t3'::text", await database.ScalarAsync<string>("SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = 't3.customer'::regclass AND adnum = 3"));
        Assert.Equal("Customers of t3, active ones", await database.ScalarAsync<string>("SELECT obj_description('t3.customer'::regclass)"));
    }

    [Fact]
    public async Task A_name_in_the_place_of_another_is_drift()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = Write(database, "search_path");
        await project.MigrateAsync("head", "t1", "t2", "active");
        await database.ExecuteAsync("ALTER TABLE t1.customer ALTER COLUMN owner SET DEFAULT 't2'; ALTER TABLE t2.customer ALTER COLUMN status SET DEFAULT 't2'; ALTER TABLE active.customer ALTER COLUMN owner DROP DEFAULT");

        Assert.Equal(
            [
                "active Drifted; column customer.owner has default (none), expected '${tenant.schema}'::text",
                "t1 Drifted; column customer.owner has default 't2'::text, expected '${tenant.schema}'::text",
                "t2 Drifted; column customer.status has default 't2'::text, expected 'active'::text",
            ],
            (await project.CompareAsync("t1", "t2", "active")).Select(DriftProject.Describe).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_schema_is_recognized_by_what_has_its_name_too()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = Write(database, "search_path");
        await project.MigrateAsync("aaaa0001", "one", "active");
        await project.MigrateAsync("head", "two", "nobody", "odd");
        await database.ExecuteAsync("DELETE FROM tenancy.head; ALTER TABLE odd.customer ADD COLUMN extra int");
        await using var fleet = project.Open();

        var results = await fleet.StampFromShapeAsync(FleetProject.Tenants("one", "active", "two", "nobody", "odd"), new(), plansOnly: false, project.Log).ToListAsync();

        Assert.Equal(["one aaaa0001", "active aaaa0001", "two aaaa0002", "nobody aaaa0002", "odd UnknownShape"], results.Select(static result => $"{result.Name} {result.Failure?.ErrorId ?? string.Join(' ', result.To)}"));
        Assert.Contains("Nearest is aaaa0002, with 1 difference: column customer.extra", results[4].Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Beside_a_reference_each_may_have_its_own_name_and_the_reference_s_is_never_written_to_another()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = Write(database, "search_path");
        await project.MigrateAsync("head", "main", "active", "t2", "t3");
        await database.ExecuteAsync("ALTER TABLE t2.customer ADD COLUMN extra int; ALTER TABLE t3.customer ALTER COLUMN owner SET DEFAULT 'lost'");
        var request = new ComparisonRequest { Reference = FleetProject.Tenants("main")[0] };

        Assert.Equal(
            ["active Equal", "main Equal", "t2 Drifted; column customer.extra is not expected", "t3 Drifted; column customer.owner has default 'lost'::text, expected 'main'::text"],
            (await project.CompareAsync(FleetProject.Tenants("main", "active", "t2", "t3"), request)).Select(DriftProject.Describe).Order(StringComparer.Ordinal));

        var text = await File.ReadAllTextAsync(Assert.Single(await project.RepairAsync(request, "active", "t2")));
        Assert.DoesNotContain("'main'::", text, StringComparison.Ordinal);
        Assert.All(await project.MigrateAsync(FleetProject.Tenants("main", "active", "t2", "t3")), static result => Assert.Null(result.Error));
        Assert.Equal(["t2 Equal"], (await project.CompareAsync(FleetProject.Tenants("t2"), request)).Select(DriftProject.Describe));
        Assert.Equal("NameInDefinition", (await Assert.ThrowsAsync<TenancyException>(() => project.RepairAsync(request, "t3"))).ErrorId);
    }
}
