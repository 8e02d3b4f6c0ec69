using Tenancy.Core.Tests.Execution;
using Xunit;

namespace Tenancy.Core.Tests.Provisioning;

/// <summary>Foreign keys come with their tables where rows meet them as they come, and afterwards where they do not; in the end all are there, and proved equal to a replay's.</summary>
public sealed class EarlyKeysTests
{
    private const string Manifest = """
        revision: aaaa0001
        data: true
        up:
          - sql: |
              CREATE TABLE tenant_schema.zone (id int PRIMARY KEY, parent int REFERENCES tenant_schema.zone);
              CREATE TABLE tenant_schema.area (id int PRIMARY KEY, zone int NOT NULL REFERENCES tenant_schema.zone);
              CREATE TABLE tenant_schema.part (area int REFERENCES tenant_schema.area DEFERRABLE INITIALLY DEFERRED, bare int);
              CREATE TABLE tenant_schema.bare (id int PRIMARY KEY, area int REFERENCES tenant_schema.area);
              ALTER TABLE tenant_schema.part ADD FOREIGN KEY (bare) REFERENCES tenant_schema.bare;
              CREATE TABLE tenant_schema.left_one (id int PRIMARY KEY, other int);
              CREATE TABLE tenant_schema.right_one (id int PRIMARY KEY, other int REFERENCES tenant_schema.left_one);
              ALTER TABLE tenant_schema.left_one ADD FOREIGN KEY (other) REFERENCES tenant_schema.right_one;
              CREATE TABLE tenant_schema.broken (zone int);
              CREATE TABLE tenant_schema.many (id int PRIMARY KEY, next int REFERENCES tenant_schema.many, zone int REFERENCES tenant_schema.zone);
              CREATE UNIQUE INDEX zone_parents ON tenant_schema.zone (id, parent);
              CREATE TABLE tenant_schema.by_index (id int, parent int, FOREIGN KEY (id, parent) REFERENCES tenant_schema.zone (id, parent));
              CREATE TABLE tenant_schema.split (id int PRIMARY KEY, zone int REFERENCES tenant_schema.zone) PARTITION BY RANGE (id);
              CREATE TABLE tenant_schema.split_a PARTITION OF tenant_schema.split FOR VALUES FROM (1) TO (9);
              INSERT INTO tenant_schema.zone VALUES (1, 2), (2, NULL);
              INSERT INTO tenant_schema.area VALUES (1, 2);
              INSERT INTO tenant_schema.part VALUES (1, NULL);
              INSERT INTO tenant_schema.left_one VALUES (1, NULL);
              INSERT INTO tenant_schema.right_one VALUES (1, 1);
              UPDATE tenant_schema.left_one SET other = 1;
              INSERT INTO tenant_schema.broken VALUES (77);
              ALTER TABLE tenant_schema.broken ADD FOREIGN KEY (zone) REFERENCES tenant_schema.zone NOT VALID;
              INSERT INTO tenant_schema.many SELECT i, nullif(i % 1000 + 1, i), 1 FROM generate_series(1, 1000) i;
              INSERT INTO tenant_schema.by_index VALUES (1, 2);
              INSERT INTO tenant_schema.split VALUES (3, 1);
        down: {irreversible: no}
        """;

    [Fact]
    public async Task Keys_come_with_their_tables_where_rows_meet_them()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database).With("1", Manifest);
        await using var fleet = project.Open();

        Outcome.AssertMigrated(await fleet.CreateTenantsAsync(FleetProject.Tenants("made"), new(), project.Log).ToListAsync());

        Assert.DoesNotContain("replaying", project.Log.Text, StringComparison.Ordinal);
        string[] late = ["broken_zone_fkey", "many_next_fkey", "many_zone_fkey", "part_area_fkey", "right_one_other_fkey", "split_zone_fkey"];
        var made = project.Log.Text.Split('\n').Where(static line => line.Contains("\"made\"", StringComparison.Ordinal) && line.Contains("ADD CONSTRAINT", StringComparison.Ordinal));
        Assert.Equal(late, made.Select(static line => line.Split('"').Single(static name => name.EndsWith("_fkey", StringComparison.Ordinal))).Order(StringComparer.Ordinal));

        Outcome.AssertMigrated(await fleet.CreateTenantsAsync(FleetProject.Tenants("replayed"), new() { ReplaysHistory = true }, project.Log).ToListAsync());
        Assert.Equal(await ProvisioningProject.DumpWithoutNameAsync(database, "replayed"), await ProvisioningProject.DumpWithoutNameAsync(database, "made"));
        Assert.Equal(1001L, await database.ScalarAsync<long>("SELECT (SELECT count(*) FROM made.many) + (SELECT other FROM made.left_one)"));
    }
}
