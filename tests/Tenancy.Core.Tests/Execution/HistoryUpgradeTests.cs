using Tenancy.Core.History;
using Tenancy.Core.Tenants;
using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>History tables that an older tool made.</summary>
public sealed class HistoryUpgradeTests
{
    // What version 2 brought, taken away; the function as version 1 had it.
    private const string ToVersion1 = """
        DROP TABLE tenancy.run;
        ALTER TABLE tenancy.stage DROP COLUMN position;
        ALTER TABLE tenancy.history DROP CONSTRAINT history_outcome_check;
        ALTER TABLE tenancy.history ADD CONSTRAINT history_outcome_check CHECK (outcome IN ('started', 'done', 'failed'));
        DROP FUNCTION tenancy.assert_other_scope;
        DROP FUNCTION tenancy.record_revision;
        CREATE FUNCTION tenancy.record_revision(uuid, text, text, text, oid, text, text, text, text, text, text[], text[]) RETURNS void LANGUAGE sql AS '';
        UPDATE tenancy.installation SET version = 1;
        """;

    [Fact]
    public async Task Version_1_is_read_as_it_is_and_upgraded_by_the_next_run()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await using var fresh = await PostgresFixture.CreateDatabaseAsync();
        using var project = Project(database);
        using var other = Project(fresh);
        await database.ExecuteAsync("CREATE SCHEMA t1");
        await fresh.ExecuteAsync("CREATE SCHEMA t1");
        await project.MigrateAsync(FleetProject.Tenants("t1"), new() { To = "aaaa0001" });
        await other.MigrateAsync(FleetProject.Tenants("t1"));
        await database.ExecuteAsync(ToVersion1);

        await using (var fleet = project.Open())
        {
            Assert.Equal(["aaaa0001"], (await fleet.GetHistoryAsync(null, new()).ToListAsync()).Select(static entry => entry.Revision));
            Assert.Equal(["aaaa0001"], (await fleet.GetTenantRevisionsAsync(FleetProject.Tenants("t1")).ToListAsync()).Single().Heads);
        }

        Assert.Null(Assert.Single(await project.MigrateAsync(FleetProject.Tenants("t1"))).Error);

        Assert.Equal(HistoryInstallation.Version, await database.ScalarAsync<int>("SELECT version FROM tenancy.installation"));
        Assert.Equal(await DefinitionsAsync(fresh), await DefinitionsAsync(database));
    }

    private static FleetProject Project(TestDatabase database) => new FleetProject(database)
        .With("1", "revision: aaaa0001\nup:\n  - create_table: {name: one, columns: [{name: id, type: integer}]}")
        .With("2", "revision: aaaa0002\nparent: aaaa0001\nup:\n  - create_table: {name: two, columns: [{name: id, type: integer}]}");

    // Without the rows, which differ.
    private static async Task<string> DefinitionsAsync(TestDatabase database)
    {
        await database.ExecuteAsync("TRUNCATE tenancy.installation, tenancy.tenant, tenancy.head, tenancy.stage, tenancy.history, tenancy.revision_text, tenancy.run");
        return await database.DumpAsync("tenancy");
    }
}
