using Tenancy.Core.Tests.Execution;
using Xunit;

namespace Tenancy.Core.Tests.Provisioning;

/// <summary>Rows of copies and new tenants have the values of what they are made from, whatever a database prints and reads, and whether or not rows meet what is not valid.</summary>
public sealed class ValuesTests
{
    private const string Values = """
        revision: aaaa0001
        data: true
        up:
          - sql: |
              CREATE DOMAIN tenant_schema.moment AS timestamptz;
              CREATE DOMAIN tenant_schema.measure AS float8;
              CREATE TYPE tenant_schema.pair AS (at timestamptz, span interval, size float8, words text[]);
              CREATE TYPE tenant_schema.span AS RANGE (subtype = float8);
              CREATE TABLE tenant_schema.item (id int PRIMARY KEY, at tenant_schema.moment, size tenant_schema.measure, sizes tenant_schema.measure[], pair tenant_schema.pair, span tenant_schema.span, plain timestamptz, words text[]);
              INSERT INTO tenant_schema.item VALUES (1, '2024-06-01 12:00:00.123456+00', 0.1::float8 + 0.2, ARRAY[0.1::float8 + 0.2],
                ROW('2024-06-01 12:00:00.123456+00', '-1 day -02:03:04', 0.1::float8 + 0.2, ARRAY['a', NULL]), tenant_schema.span(0.1::float8 + 0.2, 1), '2024-06-01 12:00:00.123456+00', ARRAY['a', NULL, 'NULL']);
              CREATE MATERIALIZED VIEW tenant_schema.printed AS SELECT at::text, size::text FROM tenant_schema.item;
        down: {irreversible: no}
        """;

    private const string NotValid = """
        revision: aaaa0001
        data: true
        up:
          - sql: |
              CREATE DOMAIN tenant_schema.number AS int;
              CREATE TABLE tenant_schema.item (id int, number tenant_schema.number, old int);
              INSERT INTO tenant_schema.item VALUES (-1, -1, -1);
              ALTER TABLE tenant_schema.item ADD CONSTRAINT positive CHECK (id > 0) NOT VALID;
              ALTER DOMAIN tenant_schema.number ADD CONSTRAINT counted CHECK (VALUE > 0) NOT VALID;
        down: {irreversible: no}
        """;

    [Fact]
    public async Task They_are_the_same_whatever_the_database_prints()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        // IST is another time in PostgreSQL than in Kolkata.
        foreach (var setting in new[] { "DateStyle = 'SQL, DMY'", "TimeZone = 'Asia/Kolkata'", "IntervalStyle = 'sql_standard'", "extra_float_digits = 0", "array_nulls = off" })
        {
            await database.ExecuteAsync($"ALTER DATABASE {database.Name} SET {setting}");
        }

        using var project = new FleetProject(database).With("1", Values);
        await using var fleet = project.Open();
        Outcome.AssertMigrated(await fleet.CreateTenantsAsync(FleetProject.Tenants("replayed"), new() { ReplaysHistory = true }, project.Log).ToListAsync());

        Outcome.AssertMigrated([await fleet.CopyTenantAsync(FleetProject.Tenants("replayed")[0], "copied", null, withRows: true, project.Log)]);
        Outcome.AssertMigrated(await fleet.CreateTenantsAsync(FleetProject.Tenants("made_one", "made_two"), new() { ThrottleLimit = 1 }, project.Log).ToListAsync());
        Outcome.AssertMigrated(await fleet.CreateTenantsAsync(FleetProject.Tenants("alone"), new(), project.Log).ToListAsync());

        Assert.DoesNotContain("replaying the history:", project.Log.Text, StringComparison.Ordinal);
        const string text = "SELECT set_config('DateStyle', 'ISO', false), set_config('extra_float_digits', '1', false), (SELECT i::text || array_to_string(i.words, ',', '(null)') FROM {0}.item i) || (SELECT p::text FROM {0}.printed p)";
        var expected = (await database.QueryAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, text, "replayed")))[0][2];
        foreach (var schema in new[] { "copied", "made_one", "made_two", "alone" })
        {
            Assert.Equal(expected, (await database.QueryAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, text, schema)))[0][2]);
        }
    }

    [Fact]
    public async Task They_need_not_meet_what_is_not_valid()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database).With("1", NotValid);
        await using var fleet = project.Open();

        Outcome.AssertMigrated(await fleet.CreateTenantsAsync(FleetProject.Tenants("made"), new(), project.Log).ToListAsync());
        Outcome.AssertMigrated([await fleet.CopyTenantAsync(FleetProject.Tenants("made")[0], "copied", null, withRows: true, project.Log)]);

        Assert.DoesNotContain("replaying", project.Log.Text, StringComparison.Ordinal);
        Outcome.AssertMigrated(await fleet.CreateTenantsAsync(FleetProject.Tenants("replayed"), new() { ReplaysHistory = true }, project.Log).ToListAsync());
        var expected = await ProvisioningProject.DumpWithoutNameAsync(database, "replayed");
        Assert.Equal(expected, await ProvisioningProject.DumpWithoutNameAsync(database, "made"));
        Assert.Equal(expected, await ProvisioningProject.DumpWithoutNameAsync(database, "copied"));
    }
}
