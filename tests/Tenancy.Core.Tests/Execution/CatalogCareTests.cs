using System.Globalization;
using Tenancy.Core.Execution.Servers;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>What a large run leaves dead in the catalog is vacuumed when it is done, as far as the role may.</summary>
public sealed class CatalogCareTests
{
    // Wide, so that a few tenants make a large catalog.
    private static readonly string Wide = $$"""
        revision: aaaa0001
        up:
          - create_table: {name: wide, columns: [{{string.Join(", ", Enumerable.Range(0, 40).Select(static number => $"{{name: c{number.ToString(CultureInfo.InvariantCulture)}, type: integer}}"))}}]}
        """;

    private const string Narrow = """
        revision: aaaa0002
        parent: aaaa0001
        up:
          - add_column: {table: wide, name: more, type: text}
        """;

    [Fact]
    public async Task The_catalog_is_vacuumed_and_analysed_after_a_large_run()
    {
        await using var database = await CreateAsync("postgres");
        using var project = new FleetProject(database).With("1", Wide);

        Outcome.AssertMigrated(await project.MigrateAsync(Tenants(CatalogCare.LargeRun), new() { ThrottleLimit = 4 }));

        Assert.Contains("vacuumed pg_catalog.pg_attribute (", project.Log.Text, StringComparison.Ordinal);
        await database.UntilAsync("SELECT last_vacuum IS NOT NULL AND last_analyze IS NOT NULL FROM pg_stat_all_tables WHERE relid = 'pg_catalog.pg_attribute'::regclass");
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'tenancy %' AND state <> 'idle'"));
    }

    [Fact]
    public async Task A_small_run_or_one_that_is_told_so_leaves_it()
    {
        await using var database = await CreateAsync("postgres");
        using var project = new FleetProject(database).With("1", Wide);
        Outcome.AssertMigrated(await project.MigrateAsync(Tenants(CatalogCare.LargeRun), new() { ThrottleLimit = 4, SkipVacuum = true }));
        project.With("2", Narrow);
        Outcome.AssertMigrated(await project.MigrateAsync(Tenants(5)));

        Assert.DoesNotContain("vacuum", project.Log.Text, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_role_that_may_not_is_told_and_the_run_succeeds()
    {
        var roles = await TestRoles.CreateAsync("deploy");
        await using var database = await CreateAsync(roles["deploy"]);
        await database.ExecuteAsync($"GRANT CREATE ON DATABASE {database.Name} TO {roles["deploy"]}");
        using var project = new FleetProject(database).With("1", Wide);
        project.Connection = project.Connection with { Username = roles["deploy"] };

        Outcome.AssertMigrated(await project.MigrateAsync(Tenants(CatalogCare.LargeRun), new() { ThrottleLimit = 4 }));

        Assert.Matches($"left to autovacuum, because user '{roles["deploy"]}' may not vacuum: .*pg_catalog.pg_attribute", project.Log.Text);
        Assert.DoesNotContain("vacuumed pg_catalog", project.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_owner_of_the_database_may_and_a_lock_in_the_way_is_told()
    {
        var roles = await TestRoles.CreateAsync("owner");
        await using var database = await CreateAsync(roles["owner"]);
        await database.ExecuteAsync($"ALTER DATABASE {database.Name} OWNER TO {roles["owner"]}");
        using var project = new FleetProject(database).With("1", Wide);
        project.Connection = project.Connection with { Username = roles["owner"] };

        // What autovacuum has, or another VACUUM.
        await using (await database.HoldAsync("BEGIN; LOCK TABLE pg_catalog.pg_attribute IN SHARE UPDATE EXCLUSIVE MODE"))
        {
            Outcome.AssertMigrated(await project.MigrateAsync(Tenants(CatalogCare.LargeRun), new() { ThrottleLimit = 4 }));
            Assert.Contains("skipping vacuum of \"pg_attribute\" --- lock not available", project.Log.Text, StringComparison.Ordinal);
        }

        project.With("2", Narrow);
        Outcome.AssertMigrated(await project.MigrateAsync(Tenants(CatalogCare.LargeRun), new() { ThrottleLimit = 4 }));
        Assert.Contains("vacuumed pg_catalog.pg_attribute (", project.Log.Text, StringComparison.Ordinal);
    }

    private static Tenant[] Tenants(int count) => FleetProject.Tenants([.. Enumerable.Range(0, count).Select(static number => $"t{number.ToString(CultureInfo.InvariantCulture)}")]);

    private static async Task<TestDatabase> CreateAsync(string owner)
    {
        var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync(string.Join("; ", Tenants(CatalogCare.LargeRun).Select(tenant => $"CREATE SCHEMA {tenant.Schema} AUTHORIZATION {owner}")));
        return database;
    }
}
