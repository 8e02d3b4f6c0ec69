using Npgsql;
using Tenancy.Core.Planning;
using Tenancy.Core.Revisions;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>What others do to tenants while the hook before a run takes its time.</summary>
public sealed class HookDurationTests
{
    // The gate is the test's.
    private const string Hook = "fleet: test\ntimeouts: {statement: 10min}\nhooks: {before_run: SELECT pg_advisory_xact_lock_shared(4711)}";
    private const string One = "revision: aaaa0001\nup: [{create_table: {name: one, columns: [{name: id, type: integer}]}}]";
    private const string Two = "revision: aaaa0002\nparent: aaaa0001\nup: [{create_table: {name: two, columns: [{name: id, type: integer}]}}]";
    private const string Shared = "revision: bbbb0001\nscope: shared\ndepends_on: [aaaa0002]\nup: [{create_table: {name: plan, columns: [{name: id, type: integer}]}}]";

    [Fact]
    public async Task A_tenant_that_was_removed_is_missing_and_not_up_to_date()
    {
        await using var setting = await Setting.CreateAsync();
        var results = await setting.MigrateMeanwhileAsync(async () =>
        {
            await using var fleet = setting.Other.Open();
            await fleet.RemoveTenantAsync(FleetProject.Tenants("t2")[0], keepsSchema: false, setting.Other.Log);
        });

        Assert.Equal([("t1", MigrationStatus.Migrated), ("t2", MigrationStatus.Failed)], results);
    }

    [Fact]
    public async Task A_tenant_that_was_renamed_is_missing_under_its_old_name()
    {
        await using var setting = await Setting.CreateAsync();
        var results = await setting.MigrateMeanwhileAsync(() => setting.Database.ExecuteAsync("ALTER SCHEMA t2 RENAME TO t9"));

        Assert.Equal([("t1", MigrationStatus.Migrated), ("t2", MigrationStatus.Failed)], results);
    }

    [Fact]
    public async Task A_tenant_that_was_moved_down_is_brought_up_again()
    {
        await using var setting = await Setting.CreateAsync();
        var results = await setting.MigrateMeanwhileAsync(async () => Outcome.AssertMigrated(await setting.Other.UndoAsync(FleetProject.Tenants("t2"), "aaaa0001")));

        Assert.Equal([("t1", MigrationStatus.Migrated), ("t2", MigrationStatus.Migrated)], results);
        Assert.Equal(2L, await setting.Database.ScalarAsync<long>("SELECT count(*) FROM tenancy.head WHERE revision = 'aaaa0002'"));
    }

    [Fact]
    public async Task A_tenant_that_was_made_again_is_not_up_to_date()
    {
        await using var setting = await Setting.CreateAsync();
        var results = await setting.MigrateMeanwhileAsync(() => setting.Database.ExecuteAsync("DROP SCHEMA t2 CASCADE; CREATE SCHEMA t2"));

        Assert.Equal([("t1", MigrationStatus.Migrated), ("t2", MigrationStatus.Recreated)], results);
    }

    [Fact]
    public async Task A_tenant_that_was_added_is_waited_for_by_the_shared_schema()
    {
        await using var setting = await Setting.CreateAsync();
        setting.Project.With("3", Shared);
        var results = await setting.MigrateMeanwhileAsync(async () =>
        {
            await setting.Database.ExecuteAsync("CREATE SCHEMA t3");
            Outcome.AssertMigrated(await setting.Other.MigrateAsync(FleetProject.Tenants("t3"), new() { To = "aaaa0001" }));
        });

        Assert.Contains(("shared", MigrationStatus.WaitingForTenants), results);
        Assert.Null(await setting.Database.ScalarAsync<string>("SELECT relname::text FROM pg_class WHERE relname = 'plan'"));
    }

    // t1 is behind, t2 at head.
    private sealed class Setting(TestDatabase database) : IAsyncDisposable
    {
        internal TestDatabase Database => database;

        internal FleetProject Project { get; } = new FleetProject(database, Hook).With("1", One).With("2", Two);

        /// <summary>The same fleet without the hook.</summary>
        internal FleetProject Other { get; } = new FleetProject(database).With("1", One).With("2", Two);

        internal static async Task<Setting> CreateAsync()
        {
            var setting = new Setting(await PostgresFixture.CreateDatabaseAsync());
            await setting.Database.ExecuteAsync("CREATE SCHEMA shared; CREATE SCHEMA t1; CREATE SCHEMA t2");
            Outcome.AssertMigrated(await setting.Other.MigrateAsync(FleetProject.Tenants("t1"), new() { To = "aaaa0001" }));
            Outcome.AssertMigrated(await setting.Other.MigrateAsync(FleetProject.Tenants("t2")));
            return setting;
        }

        internal async Task<List<(string Name, string Status)>> MigrateMeanwhileAsync(Func<Task> meanwhile)
        {
            NpgsqlConnection gate = await database.HoldAsync("SELECT pg_advisory_lock(4711)");
            Task<List<MigrationResult>> run;
            await using (gate)
            {
                run = Project.MigrateAsync(FleetProject.Tenants("t1", "t2"));
                await database.UntilBlockedAsync("SELECT pg_advisory_xact_lock_shared(4711)%");
                await meanwhile();
                await gate.CloseAsync();
            }

            return [.. (await run).Select(static result => (result.Name, result.Status)).Order()];
        }

        public async ValueTask DisposeAsync()
        {
            Project.Dispose();
            Other.Dispose();
            await database.DisposeAsync();
        }
    }
}
