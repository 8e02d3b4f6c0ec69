using Tenancy.Core.History;
using Tenancy.Core.Tenants;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>History functions of another build than the one that runs, with the same version of the tables.</summary>
public sealed class FunctionBuildTests
{
    private const string One = "revision: aaaa0001\nup: [{create_table: {name: one, columns: [{name: id, type: integer}]}}]";
    private const string Two = "revision: aaaa0002\nparent: aaaa0001\nup: [{create_table: {name: two, columns: [{name: id, type: integer}]}}]";

    // As another build has it: it does the same, and can be told.
    private const string OtherLock = """
        CREATE OR REPLACE FUNCTION tenancy.transaction_identity() RETURNS text LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS
        $$BEGIN RETURN 'of another build ' || pg_backend_pid()::text || ':' || extract(epoch FROM transaction_timestamp())::text; END$$
        """;

    [Fact]
    public void The_functions_are_those_whose_checksum_is_noted() =>
        Assert.True(FunctionBuilds.Compute() == FunctionBuilds.Own, $"The history functions were changed: FunctionBuilds.Known must end with \"{FunctionBuilds.Compute()}\".");

    [Fact]
    public async Task Signatures_name_what_is_installed()
    {
        await using var database = await CreateAsync();
        Assert.Equal(0L, await database.ScalarAsync<long>($"SELECT count(*) FROM unnest(ARRAY[{string.Join(", ", FunctionBuilds.Signatures(new("tenancy")).Select(static one => $"'{one}'"))}]) f WHERE to_regprocedure(f) IS NULL"));
        Assert.Equal(FunctionBuilds.Signatures(new("tenancy")).Length, await database.ScalarAsync<int>("SELECT count(*)::int FROM pg_proc WHERE pronamespace = 'tenancy'::regnamespace"));
    }

    [Theory]
    [InlineData("UPDATE tenancy.installation SET functions = NULL")]
    [InlineData("ALTER TABLE tenancy.installation DROP COLUMN functions; DROP FUNCTION tenancy.claim_name(text, text, text)")]
    public async Task Those_of_an_older_build_are_replaced_by_the_next_run(string older)
    {
        await using var database = await CreateAsync();
        using var project = new FleetProject(database).With("1", One).With("2", Two);
        await database.ExecuteAsync($"{OtherLock}; {older}");

        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("t1")));

        Assert.False(await IsOtherAsync(database));
        Assert.Equal(FunctionBuilds.Own, await database.ScalarAsync<string>("SELECT functions FROM tenancy.installation"));
        Assert.True(await database.ScalarAsync<bool>("SELECT to_regprocedure('tenancy.claim_name(text, text, text)') IS NOT NULL"));
    }

    [Fact]
    public async Task Those_of_a_newer_build_stay()
    {
        await using var database = await CreateAsync();
        using var project = new FleetProject(database).With("1", One).With("2", Two);
        await database.ExecuteAsync($"{OtherLock}; UPDATE tenancy.installation SET functions = 'of a build to come', tool_version = '9.9'");

        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("t1")));

        Assert.True(await IsOtherAsync(database));
        Assert.Equal("of a build to come 9.9", await database.ScalarAsync<string>("SELECT functions || ' ' || tool_version FROM tenancy.installation"));
    }

    [Fact]
    public async Task A_role_that_may_not_replace_them_is_told_and_goes_on()
    {
        await using var database = await CreateAsync();
        using var project = await OfPlainRoleAsync(database);
        await database.ExecuteAsync($"{OtherLock}; UPDATE tenancy.installation SET functions = NULL");

        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("t1")));

        Assert.True(await IsOtherAsync(database));
        Assert.Contains("are those of an older tool", project.Log.Text, StringComparison.Ordinal);
        Assert.Contains("run once as the role that owns the history schema", project.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_role_that_may_not_replace_them_is_refused_where_they_lack_one()
    {
        await using var database = await CreateAsync();
        using var project = await OfPlainRoleAsync(database);
        await database.ExecuteAsync("DROP FUNCTION tenancy.claim_name(text, text, text); UPDATE tenancy.installation SET functions = NULL");

        var error = await Assert.ThrowsAsync<TenancyException>(() => project.MigrateAsync(FleetProject.Tenants("t1")));

        Assert.Equal("HistoryNotInstalled", error.ErrorId);
        Assert.Contains("They lack \"tenancy\".claim_name(text, text, text).", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_runs_at_once_replace_them_once()
    {
        await using var database = await CreateAsync();
        using var project = new FleetProject(database, "fleet: test\ntimeouts: {tenant_lock: 5min}").With("1", One).With("2", Two);
        await database.ExecuteAsync($"{OtherLock}; UPDATE tenancy.installation SET functions = NULL");

        var runs = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => project.MigrateAsync(FleetProject.Tenants("t1"))));

        Outcome.AssertNoError(runs.SelectMany(static run => run));
        Assert.False(await IsOtherAsync(database));
    }

    // A tenant at the first of two revisions.
    private static async Task<TestDatabase> CreateAsync()
    {
        var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA t1");
        using var project = new FleetProject(database).With("1", One);
        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("t1")));
        return database;
    }

    private static async Task<FleetProject> OfPlainRoleAsync(TestDatabase database)
    {
        var plain = (await TestRoles.CreateAsync("plain"))["plain"];
        await database.ExecuteAsync($"GRANT USAGE ON SCHEMA tenancy TO {plain}; GRANT ALL ON ALL TABLES IN SCHEMA tenancy TO {plain}; ALTER SCHEMA t1 OWNER TO {plain}");
        return new FleetProject(new ConnectionSettings { Host = database.Server.Host, Port = database.Server.Port, Database = database.Name, Username = plain }).With("1", One).With("2", Two);
    }

    private static Task<bool> IsOtherAsync(TestDatabase database) => database.ScalarAsync<bool>("SELECT tenancy.transaction_identity() LIKE 'of another build%'");
}
