using Npgsql;
using Tenancy.Core.Authoring.Autogenerate;
using Tenancy.Core.Tests.Execution;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Authoring;

/// <summary>An index whose building failed is built again by a generated migration.</summary>
public sealed class AutogenerateInvalidTests
{
    [Theory]
    [InlineData("search_path", false)]
    [InlineData("token", false)]
    [InlineData("search_path", true)]
    public async Task An_index_whose_building_failed_is_built_again(string mode, bool isPlain)
    {
        const string Valid = "SELECT count(*) FROM pg_index WHERE indexrelid = 'acme.t_a'::regclass AND indisvalid AND indisunique";
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA acme; CREATE TABLE acme.t (a int); INSERT INTO acme.t VALUES (1), (1)");
        await Assert.ThrowsAsync<PostgresException>(() => database.ExecuteAsync("CREATE UNIQUE INDEX CONCURRENTLY t_a ON acme.t (a)"));
        Assert.Equal(0, await database.ScalarAsync<long>(Valid));
        using var project = new FleetProject(database, $"fleet: test\nmode: {mode}");
        const string Desired = "CREATE TABLE t (a int); CREATE UNIQUE INDEX t_a ON t (a)";

        var result = await AutogenerateTests.GenerateAsync(project, Desired, request => request with { UsesPlainForms = isPlain });

        Assert.Equal(GeneratedMigrationStatus.Proved, result.Status);
        Assert.Equal(isPlain ? 0 : 2, result.Text!.Split("concurrently: true").Length - 1);
        await database.ExecuteAsync("DELETE FROM acme.t");
        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("acme")));
        Assert.Equal(1, await database.ScalarAsync<long>(Valid));
        Assert.Equal(GeneratedMigrationStatus.Same, (await AutogenerateTests.GenerateAsync(project, Desired)).Status);
    }
}
