using Tenancy.Core.Planning;
using Tenancy.Core.Revisions;
using Tenancy.Core.Tenants;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>Targets that are counted from where a tenant is: counted once a run, whatever comes between its transactions.</summary>
public sealed class CountedTargetTests
{
    private static readonly MigrationRequest TwoDown = new() { Direction = RevisionDirection.Down, Steps = 2 };

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_undo_of_two_revisions_undoes_two_though_the_connection_is_lost_after_the_first(bool reachesServer)
    {
        await using var database = await CreateAsync();
        await using var proxy = new CuttingProxy(database, "record_revision($1", reachesServer);
        using var project = Project(database);
        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("t1")));
        project.Connection = new ConnectionSettings { Host = "127.0.0.1", Port = proxy.Port, Database = database.Name, Username = "postgres" };

        var result = Assert.Single(await project.MigrateAsync(FleetProject.Tenants("t1"), TwoDown));

        Assert.Equal(1, proxy.Cuts);
        Assert.Null(result.Error);
        Assert.Equal(["aaaa0002"], result.To);
        Assert.Equal(["aaaa0004", "aaaa0003"], result.Revisions);
    }

    [Fact]
    public async Task A_revision_in_progress_counts_as_one()
    {
        await using var database = await CreateAsync();
        using var project = Project(database);
        project.With("2", "revision: aaaa0002\nparent: aaaa0001\nup:\n  - create_table: {name: two, columns: [{name: id, type: integer}]}\n  - {sql: VACUUM tenant_schema.missing}\ndown: []");
        Assert.Equal(MigrationStatus.InProgress, Assert.Single(await project.MigrateAsync(FleetProject.Tenants("t1"))).Status);
        await database.ExecuteAsync("CREATE TABLE t1.missing (id integer)");

        var result = Assert.Single(await project.MigrateAsync(FleetProject.Tenants("t1"), new() { To = "+1" }));

        Assert.Null(result.Error);
        Assert.Equal(["aaaa0002"], result.To);
    }

    private static async Task<TestDatabase> CreateAsync()
    {
        var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA t1");
        return database;
    }

    private static FleetProject Project(TestDatabase database, string settings = "")
    {
        var project = new FleetProject(database, $"fleet: test\n{settings}");
        for (var number = 1; number <= 4; number++)
        {
            project.With($"{number}", $"revision: aaaa000{number}\n{(number == 1 ? "" : $"parent: aaaa000{number - 1}\n")}up:\n  - create_table: {{name: t{number}, columns: [{{name: id, type: integer}}]}}");
        }

        return project;
    }
}
