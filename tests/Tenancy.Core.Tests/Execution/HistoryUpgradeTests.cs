using System.Reflection;
using Tenancy.Core.History;
using Tenancy.Core.Tests.Scripts;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>History tables that an older tool made.</summary>
public sealed class HistoryUpgradeTests
{
    private const string Index = """
        revision: aaaa0002
        parent: aaaa0001
        up:
          - create_table: {name: two, columns: [{name: id, type: integer}]}
          - create_index: {name: two_idx, table: one, columns: [id], concurrently: true}
        """;

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Version_1_is_read_as_it_is_and_upgraded_by_the_next_run_or_script(bool isScript)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await using var fresh = await PostgresFixture.CreateDatabaseAsync();
        using var project = Project(database);
        using var other = Project(fresh);
        await database.ExecuteAsync("CREATE SCHEMA t1");
        await fresh.ExecuteAsync("CREATE SCHEMA t1");
        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("t1"), new() { To = "aaaa0001" }));
        Outcome.AssertMigrated(await other.MigrateAsync(FleetProject.Tenants("t1")));
        await ToVersion1Async(database);

        await using (var fleet = project.Open())
        {
            Assert.Equal(["aaaa0001"], (await fleet.GetHistoryAsync(null, new()).ToListAsync()).Select(static entry => entry.Revision));
            Assert.Equal(["aaaa0001"], (await fleet.GetTenantRevisionsAsync(FleetProject.Tenants("t1")).ToListAsync()).Single().Heads);
            if (isScript)
            {
                (await Psql.RunAsync(database, Assert.Single(await fleet.ExportAsync(FleetProject.Tenants("t1"), new() { Migration = new() }).ToListAsync()).Text)).Clean();
            }
        }

        Assert.Equal(isScript ? MigrationStatus.UpToDate : MigrationStatus.Migrated, Assert.Single(await project.MigrateAsync(FleetProject.Tenants("t1"))).Status);

        Assert.Equal(HistoryInstallation.Version, await database.ScalarAsync<int>("SELECT version FROM tenancy.installation"));
        Assert.Equal(await DefinitionsAsync(fresh), await DefinitionsAsync(database));
    }

    [Fact]
    public async Task A_step_that_was_begun_with_version_1_is_ended_with_this_one()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA t1");
        using var project = Project(database);
        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("t1"), new() { To = "aaaa0001" }));
        // The step before is done; the index was begun, and its run died.
        await database.ExecuteAsync("CREATE TABLE t1.two (id integer)");
        await database.MarkStartedAsync(project, "t1", "aaaa0002");
        await database.ExecuteAsync("UPDATE tenancy.stage SET outcome = 'done'");
        await database.MarkStartedAsync(project, "t1", "aaaa0002", number: 2);
        await ToVersion1Async(database);

        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("t1")));

        Assert.True(await database.ScalarAsync<bool>("SELECT indisvalid FROM pg_index WHERE indexrelid = 't1.two_idx'::regclass"));
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM tenancy.stage"));
    }

    private static FleetProject Project(TestDatabase database) => new FleetProject(database)
        .With("1", "revision: aaaa0001\nup:\n  - create_table: {name: one, columns: [{name: id, type: integer}]}")
        .With("2", Index);

    // The same rows in the tables and among the functions of version 1.
    internal static async Task ToVersion1Async(TestDatabase database)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("history_version_1.sql")!;
        using var reader = new StreamReader(stream);
        await database.ExecuteAsync("ALTER SCHEMA tenancy RENAME TO newer; CREATE SCHEMA tenancy; " + new HistorySql("tenancy").Write(await reader.ReadToEndAsync()));
        await database.ExecuteAsync("""
            INSERT INTO tenancy.installation (version, database_oid, history_oid, tool_version)
              SELECT 1, d.oid, 'tenancy'::regnamespace, 'version 1' FROM pg_database d WHERE d.datname = current_database();
            INSERT INTO tenancy.tenant SELECT fleet, schema, name, schema_oid, labels, registered_at FROM newer.tenant;
            INSERT INTO tenancy.head SELECT * FROM newer.head;
            INSERT INTO tenancy.stage SELECT fleet, scope, schema, revision, direction, number, outcome, description, checksum, schema_oid, changed_at FROM newer.stage;
            INSERT INTO tenancy.history OVERRIDING SYSTEM VALUE SELECT id, run, fleet, scope, schema, tenant, revision, direction, step, outcome, checksum, started_at, seconds, who, tool_version, sqlstate, position, message FROM newer.history;
            INSERT INTO tenancy.revision_text SELECT * FROM newer.revision_text;
            SELECT setval('tenancy.history_id_seq', (SELECT max(id) FROM tenancy.history));
            DROP SCHEMA newer CASCADE;
            """);
    }

    // Without the rows, which differ.
    private static async Task<string> DefinitionsAsync(TestDatabase database)
    {
        await database.ExecuteAsync("TRUNCATE tenancy.installation, tenancy.tenant, tenancy.head, tenancy.stage, tenancy.history, tenancy.revision_text, tenancy.run, tenancy.run_request, tenancy.ring");
        return await database.DumpAsync("tenancy");
    }
}
