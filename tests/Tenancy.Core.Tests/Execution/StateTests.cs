using Tenancy.Core.Planning;
using Tenancy.Core.Revisions;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>Tenants that are not where history and manifests say: nothing runs on them, and others are none the worse.</summary>
public sealed class StateTests
{
    private const string Customer = """
        revision: aaaa0001
        up:
          - create_table: {name: customer, columns: [{name: id, type: bigint}]}
        """;

    private const string Name = """
        revision: aaaa0002
        parent: aaaa0001
        up:
          - add_column: {table: customer, name: name, type: text}
        """;

    private const string Street = """
        revision: aaaa0003
        parent: aaaa0002
        up:
          - add_column: {table: customer, name: street, type: text}
        """;

    [Fact]
    public async Task A_manifest_changed_after_it_was_applied_stops_those_that_have_it()
    {
        await using var database = await CreateAsync();
        using var project = new FleetProject(database).With("1", Customer).With("2", Name);
        await project.MigrateAsync(FleetProject.Tenants("t1"));
        await project.MigrateAsync(FleetProject.Tenants("t2"), new() { To = "aaaa0001" });

        project.With("2", "# why it is\n" + Name.Replace("{table: customer, name: name, type: text}", "{ name: name, table: customer, type: \"text\" }   # a name\n", StringComparison.Ordinal).ReplaceLineEndings("\r\n"));
        Assert.Equal(MigrationStatus.UpToDate, (await project.MigrateAsync(FleetProject.Tenants("t1"))).Single().Status);

        project.With("2", Name.Replace("text", "varchar(10)", StringComparison.Ordinal)).With("3", Street);
        var before = await database.DumpAsync("t1");
        var results = await project.MigrateAsync(FleetProject.Tenants("t1", "t2"));

        Assert.Equal([MigrationStatus.Failed, MigrationStatus.Migrated], results.Select(static result => result.Status));
        Assert.Equal("ChecksumMismatch", results[0].Failure!.ErrorId);
        Assert.Contains("aaaa0002", results[0].Error, StringComparison.Ordinal);
        Assert.Equal(["aaaa0003"], results[1].To);
        Assert.Equal(before, await database.DumpAsync("t1"));
    }

    [Fact]
    public async Task A_tenant_made_anew_is_not_held_to_what_its_forerunner_had_applied()
    {
        await using var database = await CreateAsync();
        using var project = new FleetProject(database).With("1", Customer);
        await project.MigrateAsync(FleetProject.Tenants("t1"));
        await using (var fleet = project.Open())
        {
            await fleet.RemoveTenantAsync(FleetProject.Tenants("t1")[0], keepsSchema: false, project.Log);
        }

        project.With("1", Customer.Replace("bigint", "int", StringComparison.Ordinal));
        var result = (await project.CreateAsync(FleetProject.Tenants("t1"))).Single();

        Assert.Null(result.Error);
        Assert.Equal(["aaaa0001"], result.To);
    }

    [Fact]
    public async Task A_revision_that_no_manifest_has_stops_those_that_are_at_it()
    {
        await using var database = await CreateAsync();
        using var project = new FleetProject(database).With("1", Customer).With("2", Name);
        await project.MigrateAsync(FleetProject.Tenants("t1"));
        project.Without("2").With("3", Street.Replace("aaaa0002", "aaaa0001", StringComparison.Ordinal));

        var results = await project.MigrateAsync(FleetProject.Tenants("t1", "t2"));

        Assert.Equal([MigrationStatus.Failed, MigrationStatus.Migrated], results.Select(static result => result.Status));
        Assert.Equal("UnknownRevision", results[0].Failure!.ErrorId);
        Assert.Contains("aaaa0002", results[0].Error, StringComparison.Ordinal);
        Assert.Equal(["aaaa0002"], results[0].To);
    }

    [Theory]
    [InlineData(TransactionMode.PerRevision)]
    [InlineData(TransactionMode.PerTenant)]
    [InlineData(TransactionMode.AllTenants)]
    public async Task A_revision_that_no_manifest_has_any_more_is_undone_as_it_was_applied(TransactionMode mode)
    {
        await using var database = await CreateAsync();
        using var project = new FleetProject(database).With("1", Customer).With("2", Name).With("3", Street);
        await project.MigrateAsync(FleetProject.Tenants("t1"), new() { To = "aaaa0001" });
        var before = await database.DumpAsync("t1");
        await project.MigrateAsync(FleetProject.Tenants("t1"));
        project.Without("2").Without("3");
        await using (var fleet = project.Open())
        {
            var plan = Assert.Single(await fleet.PlanAsync(FleetProject.Tenants("t1"), new() { Direction = RevisionDirection.Down, To = "aaaa0001" }).ToListAsync());
            Assert.Equal((null, "aaaa0003 aaaa0002"), (plan.Failure?.ErrorId, string.Join(' ', plan.Revisions)));
        }

        var undone = Assert.Single(await project.MigrateAsync(FleetProject.Tenants("t1"), new() { Direction = RevisionDirection.Down, To = "aaaa0001", Transaction = mode }));

        Assert.Null(undone.Error);
        Assert.Equal(["aaaa0001"], undone.To);
        Assert.Equal(before, await database.DumpAsync("t1"));
        Assert.Equal(MigrationStatus.UpToDate, Assert.Single(await project.MigrateAsync(FleetProject.Tenants("t1"))).Status);
    }

    [Fact]
    public async Task Several_heads_are_refused_unless_they_are_meant()
    {
        await using var database = await CreateAsync();
        using var project = new FleetProject(database).With("1", Customer).With("2", Name).With("3", Street.Replace("aaaa0002", "aaaa0001", StringComparison.Ordinal));

        var refused = await project.MigrateAsync(FleetProject.Tenants("t1", "t2"));

        Assert.All(refused, static result => Assert.Equal("MultipleHeads", result.Failure!.ErrorId));
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM tenancy.head"));
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM pg_class WHERE relnamespace IN ('t1'::regnamespace, 't2'::regnamespace)"));

        var meant = await project.MigrateAsync(FleetProject.Tenants("t1", "t2"), new() { To = "heads" });
        Assert.All(meant, static result => Assert.Equal(["aaaa0002", "aaaa0003"], result.To));
    }

    [Fact]
    public async Task Nothing_runs_on_a_schema_that_is_missing_or_was_made_again()
    {
        await using var database = await CreateAsync();
        using var project = new FleetProject(database).With("1", Customer);
        await project.MigrateAsync(FleetProject.Tenants("t1", "t2"));
        await database.ExecuteAsync("DROP SCHEMA t1 CASCADE; DROP SCHEMA t2 CASCADE; CREATE SCHEMA t1");
        project.With("2", Name);

        var results = await project.MigrateAsync(FleetProject.Tenants("t1", "t2", "t3"));

        Assert.Equal(MigrationStatus.Recreated, results[0].Status);
        Assert.Equal(["Recreated", "SchemaMissing", "SchemaMissing"], results.Select(static result => result.Failure!.ErrorId));
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM pg_class WHERE relnamespace = 't1'::regnamespace"));
    }

    [Fact]
    public async Task A_history_of_a_newer_tool_is_left_alone()
    {
        await using var database = await CreateAsync();
        using var project = new FleetProject(database).With("1", Customer);
        await project.MigrateAsync(FleetProject.Tenants("t1"));
        project.With("2", Name);
        await database.ExecuteAsync("UPDATE tenancy.installation SET version = 1000000");
        var before = await database.DumpAsync();

        var error = await Assert.ThrowsAsync<TenancyException>(() => project.MigrateAsync(FleetProject.Tenants("t1", "t2")));

        Assert.Equal("HistoryNewer", error.ErrorId);
        Assert.Equal(before, await database.DumpAsync());
    }

    private static async Task<TestDatabase> CreateAsync()
    {
        var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA t1; CREATE SCHEMA t2");
        return database;
    }
}
