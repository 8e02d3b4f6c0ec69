using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Revisions;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>The shared schema and the tenants beside it.</summary>
public sealed class SharedScopeTests
{
    private const string Impatient = "fleet: test\ntimeouts: {lock: 60s, tenant_lock: 300ms}";

    private const string Customer = """
        revision: aaaa0001
        up:
          - create_table: {name: customer, columns: [{name: id, type: bigint}]}
        """;

    private const string Users = """
        revision: bbbb0001
        scope: shared
        up:
          - create_table: {name: users, columns: [{name: id, type: bigint, primary_key: true}]}
        """;

    // The gate is the test's.
    private const string Gate = "\n  - sql: SELECT pg_advisory_xact_lock_shared(4242)\n    undo: SELECT 1";

    [Fact]
    public async Task Tenants_wait_for_a_shared_revision_and_are_told_who_holds_them()
    {
        await using var database = await CreateAsync();
        using var project = new FleetProject(database, Impatient).With("1", Customer).With("s", Users + Gate);
        await using var gate = await database.HoldAsync("SELECT pg_advisory_lock(4242)");
        var shared = project.MigrateAsync([], new() { Scope = MigrationScope.Shared });
        var process = await database.UntilBlockedAsync("%pg_advisory_xact_lock_shared%");

        var refused = (await project.MigrateAsync(FleetProject.Tenants("t1"), new() { Scope = MigrationScope.Tenant })).Single();

        Assert.Equal("TenantInUse", refused.Failure!.ErrorId);
        Assert.Contains($"process {process.ToString(System.Globalization.CultureInfo.InvariantCulture)}, 'tenancy ", refused.Error, StringComparison.Ordinal);
        await gate.CloseAsync();
        Assert.Equal(MigrationStatus.Migrated, (await shared).Single().Status);
        Assert.Null((await project.MigrateAsync(FleetProject.Tenants("t1"), new() { Scope = MigrationScope.Tenant })).Single().Error);
    }

    [Fact]
    public async Task A_shared_revision_waits_for_tenants_at_work_and_is_told_who_they_are()
    {
        await using var database = await CreateAsync();
        using var project = new FleetProject(database, Impatient).With("1", Customer + Gate).With("s", Users);
        await using var gate = await database.HoldAsync("SELECT pg_advisory_lock(4242)");
        var tenants = project.MigrateAsync(FleetProject.Tenants("t1"), new() { Scope = MigrationScope.Tenant });
        var process = await database.UntilBlockedAsync("%pg_advisory_xact_lock_shared%");

        var refused = (await project.MigrateAsync([], new() { Scope = MigrationScope.Shared })).Single();

        Assert.Equal("TenantInUse", refused.Failure!.ErrorId);
        Assert.Contains($"process {process.ToString(System.Globalization.CultureInfo.InvariantCulture)}, 'tenancy ", refused.Error, StringComparison.Ordinal);
        await gate.CloseAsync();
        Assert.Null((await tenants).Single().Error);
        Assert.Equal(MigrationStatus.Migrated, (await project.MigrateAsync([], new() { Scope = MigrationScope.Shared })).Single().Status);
    }

    [Fact]
    public async Task A_shared_revision_that_fails_leaves_the_tenants_untouched()
    {
        await using var database = await CreateAsync();
        using var project = new FleetProject(database).With("1", Customer).With("s", Users + "\n  - sql: SELECT 1 / 0\n    undo: SELECT 1");

        var results = await project.MigrateAsync(FleetProject.Tenants("t1", "t2"));

        Assert.Equal(["shared", "tenant", "tenant"], results.Select(static result => result.Scope));
        Assert.Equal("22012", results[0].Failure!.SqlState);
        Assert.All(results.Skip(1), static result => Assert.Equal((MigrationStatus.Incomplete, "SharedFailed"), (result.Status, result.Failure!.ErrorId)));
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM pg_class WHERE relnamespace IN ('t1'::regnamespace, 't2'::regnamespace, 'shared'::regnamespace)"));
    }

    private const string After = """
        revision: bbbb0002
        parent: bbbb0001
        depends_on: [aaaa0001]
        scope: shared
        up:
          - add_column: {table: users, name: name, type: text}
        """;

    [Fact]
    public async Task A_shared_revision_that_depends_on_tenants_comes_in_the_second_round()
    {
        await using var database = await CreateAsync();
        using var project = new FleetProject(database).With("1", Customer).With("s", Users).With("s2", After).With("2", """
            revision: aaaa0002
            parent: aaaa0001
            depends_on: [bbbb0002]
            up:
              - add_column: {table: customer, name: name, type: text}
            """);

        var results = await project.MigrateAsync(FleetProject.Tenants("t1", "t2"));

        Assert.All(results, static result => Assert.Null(result.Error));
        Assert.All(results, static result => Assert.Equal(MigrationStatus.Migrated, result.Status));
        Assert.Equal(["bbbb0002"], results.Single(static result => result.Scope == "shared").To);
        Assert.All(results.Where(static result => result.Scope == "tenant"), static result => Assert.Equal(["aaaa0001", "aaaa0002"], result.Revisions));

        // The tenants had theirs before the shared one that needs it.
        Assert.Equal(
            ["bbbb0001", "aaaa0001", "aaaa0001", "bbbb0002", "aaaa0002", "aaaa0002"],
            (await database.QueryAsync("SELECT revision FROM tenancy.history WHERE outcome = 'done' ORDER BY id")).Select(static row => row[0]));
    }

    [Fact]
    public async Task A_shared_revision_waits_for_every_registered_tenant()
    {
        await using var database = await CreateAsync();
        using var project = new FleetProject(database).With("0", Customer.Replace("aaaa0001", "aaaa0000", StringComparison.Ordinal).Replace("customer", "other", StringComparison.Ordinal));
        await project.MigrateAsync(FleetProject.Tenants("t1", "t2"));
        project.With("1", Customer.Replace("up:", "parent: aaaa0000\nup:", StringComparison.Ordinal)).With("s", Users).With("s2", After);

        var first = await project.MigrateAsync(FleetProject.Tenants("t1"));
        Assert.Equal(MigrationStatus.WaitingForTenants, first.Single(static result => result.Scope == "shared").Status);
        Assert.Equal(MigrationStatus.Migrated, first.Single(static result => result.Scope == "tenant").Status);

        var second = await project.MigrateAsync(FleetProject.Tenants("t2"));
        Assert.Equal(["bbbb0002"], second.Single(static result => result.Scope == "shared").To);
        Assert.Equal(MigrationStatus.Migrated, second.Single(static result => result.Scope == "shared").Status);
    }

    [Fact]
    public async Task What_the_other_scope_depends_on_is_not_undone()
    {
        await using var database = await CreateAsync();
        using var project = new FleetProject(database).With("s", Users).With("1", Customer.Replace("up:", "depends_on: [bbbb0001]\nup:", StringComparison.Ordinal));
        Assert.All(await project.MigrateAsync(FleetProject.Tenants("t1", "t2")), static result => Assert.Null(result.Error));

        // t2 is registered, though not in the run.
        await project.UndoAsync(FleetProject.Tenants("t1"));
        var refused = (await project.MigrateAsync([], new() { Direction = RevisionDirection.Down, To = "base", Scope = MigrationScope.Shared })).Single();
        Assert.Equal("DependedOn", refused.Failure!.ErrorId);
        Assert.Equal(["bbbb0001"], refused.To);

        await project.UndoAsync(FleetProject.Tenants("t2"));
        var undone = (await project.MigrateAsync([], new() { Direction = RevisionDirection.Down, To = "base", Scope = MigrationScope.Shared })).Single();
        Assert.Null(undone.Error);
        Assert.Empty(undone.To);
    }

    [Theory]
    [InlineData(TransactionMode.PerRevision, true)]
    [InlineData(TransactionMode.AllTenants, true)]
    [InlineData(TransactionMode.PerRevision, false)]
    [InlineData(TransactionMode.AllTenants, false)]
    public async Task What_a_tenant_depends_on_by_a_revision_that_no_manifest_has_any_more_is_not_undone(TransactionMode mode, bool isKept)
    {
        await using var database = await CreateAsync();
        using var project = new FleetProject(database).With("s", Users).With("1", Customer.Replace("up:", "depends_on: [bbbb0001]\nup:", StringComparison.Ordinal));
        Assert.All(await project.MigrateAsync(FleetProject.Tenants("t1", "t2")), static result => Assert.Null(result.Error));
        await project.UndoAsync(FleetProject.Tenants("t1"));
        project.Without("1");
        if (!isKept)
        {
            await database.ExecuteAsync("DELETE FROM tenancy.revision_text WHERE revision = 'aaaa0001'");
        }

        var request = new MigrationRequest { Direction = RevisionDirection.Down, To = "base", Scope = MigrationScope.Shared, Transaction = mode };
        var refused = (await project.MigrateAsync([], request)).Single();

        Assert.Equal(MigrationStatus.Failed, refused.Status);
        Assert.Equal(isKept ? "DependedOn" : "UnknownRevision", refused.Failure?.ErrorId);
        Assert.Contains(isKept ? "aaaa0001" : "t2", refused.Error, StringComparison.Ordinal);
        Assert.Equal(["bbbb0001"], refused.To);
        await using var fleet = project.Open();
        Assert.Equal(refused.Failure?.ErrorId, Assert.Single(await fleet.PlanAsync([], request).ToListAsync()).Failure?.ErrorId);
    }

    [Fact]
    public async Task What_a_tenant_in_the_middle_of_a_revision_depends_on_is_not_undone()
    {
        await using var database = await CreateAsync();
        using var project = new FleetProject(database).With("s", Users).With("1", Customer.Replace("up:", "depends_on: [bbbb0001]\nup:", StringComparison.Ordinal) + "\n  - sql: VACUUM tenant_schema.missing\n    undo: SELECT 1");
        Assert.Equal(MigrationStatus.InProgress, (await project.MigrateAsync(FleetProject.Tenants("t1"))).Single(static result => result.Scope == "tenant").Status);

        var refused = (await project.MigrateAsync([], new() { Direction = RevisionDirection.Down, To = "base", Scope = MigrationScope.Shared })).Single();

        Assert.Equal("DependedOn", refused.Failure?.ErrorId);
        Assert.Equal(["bbbb0001"], refused.To);
    }

    [Fact]
    public async Task What_the_shared_schema_depends_on_in_the_middle_of_a_revision_is_not_undone()
    {
        await using var database = await CreateAsync();
        using var project = new FleetProject(database).With("1", Customer).With("s", Users).With("s2", After + "\n  - sql: VACUUM shared_schema.missing\n    undo: SELECT 1");
        Assert.Equal(MigrationStatus.InProgress, (await project.MigrateAsync(FleetProject.Tenants("t1"))).Single(static result => result.Scope == "shared").Status);

        var refused = (await project.UndoAsync(FleetProject.Tenants("t1"))).Single();

        Assert.Equal("DependedOn", refused.Failure?.ErrorId);
    }

    [Fact]
    public async Task What_the_shared_schema_depends_on_is_not_undone()
    {
        await using var database = await CreateAsync();
        using var project = new FleetProject(database).With("1", Customer).With("s", Users).With("s2", After);
        Assert.All(await project.MigrateAsync(FleetProject.Tenants("t1")), static result => Assert.Null(result.Error));

        var refused = (await project.UndoAsync(FleetProject.Tenants("t1"))).Single();

        Assert.Equal("DependedOn", refused.Failure!.ErrorId);
        Assert.Equal(["aaaa0001"], refused.To);
    }

    [Fact]
    public async Task A_target_brings_all_that_it_needs_of_the_shared_schema_and_no_more()
    {
        await using var database = await CreateAsync();
        using var project = new FleetProject(database).With("s", Users).With("s2", After.Replace("depends_on: [aaaa0001]\n", "", StringComparison.Ordinal))
            .With("s3", After.Replace("bbbb0002", "bbbb0003", StringComparison.Ordinal).Replace("bbbb0001", "bbbb0002", StringComparison.Ordinal).Replace("name: name", "name: more", StringComparison.Ordinal))
            .With("1", Customer.Replace("up:", "depends_on: [bbbb0001]\nup:", StringComparison.Ordinal))
            .With("2", Customer.Replace("up:", "parent: aaaa0001\ndepends_on: [bbbb0002]\nup:", StringComparison.Ordinal).Replace("revision: aaaa0001", "revision: aaaa0002", StringComparison.Ordinal).Replace("customer", "other", StringComparison.Ordinal));

        var results = await project.MigrateAsync(FleetProject.Tenants("t1"), new() { To = "aaaa0002" });

        Assert.All(results, static result => Assert.Null(result.Error));
        Assert.Equal(["bbbb0002"], results.Single(static result => result.Scope == "shared").To);
        Assert.Equal(["aaaa0002"], results.Single(static result => result.Scope == "tenant").To);
    }

    [Fact]
    public async Task What_the_shared_schema_gets_to_depend_on_meanwhile_is_not_undone()
    {
        await using var database = await CreateAsync();
        using var project = new FleetProject(database).With("1", Customer).With("s", Users);
        Assert.All(await project.MigrateAsync(FleetProject.Tenants("t1")), static result => Assert.Null(result.Error));
        project.With("s2", After);
        await using var holder = await database.HoldAsync("SELECT pg_advisory_lock(tenancy.lock_key('test', 'tenant', 't1'))");

        // It is planned while nothing depends on the tenant's revision.
        var undo = project.UndoAsync(FleetProject.Tenants("t1"));
        await project.Log.UntilAsync("down aaaa0001");
        Assert.Equal(["bbbb0002"], (await project.MigrateAsync([], new() { Scope = MigrationScope.Shared })).Single().To);
        await holder.CloseAsync();

        var refused = (await undo).Single();
        Assert.Equal("DependedOn", refused.Failure?.ErrorId);
        Assert.Equal(["aaaa0001"], refused.To);
    }

    [Fact]
    public async Task What_a_tenant_gets_to_depend_on_meanwhile_is_not_undone()
    {
        await using var database = await CreateAsync();
        using var project = new FleetProject(database).With("s", Users).With("1", Customer.Replace("up:", "depends_on: [bbbb0001]\nup:", StringComparison.Ordinal));
        Assert.Null((await project.MigrateAsync([], new() { Scope = MigrationScope.Shared })).Single().Error);
        await using var holder = await database.HoldAsync("SELECT pg_advisory_lock_shared(tenancy.lock_key('test', 'scope', ''))");

        var undo = project.MigrateAsync([], new() { Direction = RevisionDirection.Down, To = "base", Scope = MigrationScope.Shared });
        await project.Log.UntilAsync("down bbbb0001");
        Assert.Null((await project.MigrateAsync(FleetProject.Tenants("t1"), new() { Scope = MigrationScope.Tenant })).Single().Error);
        await holder.CloseAsync();

        var refused = (await undo).Single();
        Assert.Equal("DependedOn", refused.Failure?.ErrorId);
        Assert.Equal(["bbbb0001"], refused.To);
    }

    private static async Task<TestDatabase> CreateAsync()
    {
        var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA shared; CREATE SCHEMA t1; CREATE SCHEMA t2");
        return database;
    }
}
