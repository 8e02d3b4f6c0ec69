using Tenancy.Core.History;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>Whatever PostgreSQL takes as a schema's name is a tenant's name, from provisioning to removal.</summary>
public sealed class OddNameTests
{
    private static readonly string[] Names =
    [
        "Ünï \"quoted\" 'x'",
        new('a', 63),
        string.Concat(Enumerable.Repeat("é", 31)) + "x",
        string.Concat(Enumerable.Repeat("漢", 21)),
        "a\"b'; drop schema x; --",
        "back\\slash\\",
        "$$",
        "$tag$",
        "${x}",
        "${tenant.name}",
        "two\nlines",
        "tab\there",
        " leading",
        "trailing ",
        " ",
        "UPPER",
        "upper",
        "select",
        "%s %I",
        "{0}",
        "tenant_schema",
        "-- comment",
        "/* comment",
        "E'\\x41'",
        "dotted.name",
        "a,b",
        "😀",
        "\"",
        "'",
    ];

    [Theory]
    [InlineData("search_path")]
    [InlineData("token")]
    public async Task Every_name_works_everywhere(string mode)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = RichProject.Create(database, mode, extensions: false);
        await database.ExecuteAsync("CREATE SCHEMA shared; CREATE SCHEMA x");
        var tenants = FleetProject.Tenants(Names);

        var created = await project.CreateAsync(tenants);
        Outcome.AssertNoError(created);
        Assert.Equal(Names, created.Where(static result => result.Scope == "tenant").Select(static result => result.Name));
        Assert.Equal(Names, created.Where(static result => result.Scope == "tenant").Select(static result => result.Schema));

        // Nothing but the name differs.
        await using var fleet = project.Open();
        Assert.Equal(1L, await database.ScalarAsync<long>(
            "SELECT count(DISTINCT n) FROM (SELECT count(*) n FROM pg_class c JOIN tenancy.tenant t ON t.schema_oid = c.relnamespace GROUP BY t.schema) s"));
        foreach (var name in Names)
        {
            var schema = '"' + name.Replace("\"", "\"\"", StringComparison.Ordinal) + '"';
            Assert.Equal(name, await database.ScalarAsync<string>($"SELECT first FROM {schema}.person WHERE email = 'c@example.com'"));
            Assert.Equal("\t" + name + "\\", await database.ScalarAsync<string>($"SELECT last FROM {schema}.person WHERE email = 'd@example.com'"));
            Assert.Equal(name, await database.ScalarAsync<string>($"SELECT doc ->> 'name' FROM {schema}.person WHERE id = 1"));
        }

        var read = await fleet.GetTenantRevisionsAsync(tenants).ToListAsync();
        Assert.Equal(Names, read.Where(static tenant => tenant.Scope == "tenant").Select(static tenant => tenant.Schema));
        Assert.All(read, static tenant => Assert.Equal(TenantRevisionStatus.AtHead, tenant.Status));
        var registered = await fleet.GetTenantsAsync(null).ToListAsync();
        Assert.Equal(Names.Order(StringComparer.Ordinal), registered.Select(static finding => finding.Tenant.Name).Order(StringComparer.Ordinal));
        Assert.All(registered, static finding => Assert.Null(finding.Error));

        var undone = await project.UndoAsync(tenants, "rich0003");
        Outcome.AssertNoError(undone);
        var plans = await fleet.PlanAsync(tenants, new()).ToListAsync();
        Assert.Equal(Names, plans.Select(static plan => plan.Schema));
        Assert.All(plans, static plan => Assert.Null(plan.Failure));
        Assert.All(plans, static plan => Assert.Contains(plan.Steps, step => step.Sql.Contains('"' + plan.Schema.Replace("\"", "\"\"", StringComparison.Ordinal) + "\".", StringComparison.Ordinal)));
        var again = await project.MigrateAsync(tenants);
        Outcome.AssertNoError(again);
        Outcome.AssertNoError(await project.UndoAsync(tenants));

        foreach (var tenant in tenants)
        {
            await fleet.RemoveTenantAsync(tenant, keepsSchema: false, project.Log);
        }

        Assert.Equal(["shared", "x"], (await database.QueryAsync("SELECT nspname::text FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname NOT IN ('public', 'information_schema', 'tenancy') ORDER BY 1")).Select(static row => row[0]));
        var history = await fleet.GetHistoryAsync(null, new HistoryQuery()).ToListAsync();
        Assert.Equal(Names.Order(StringComparer.Ordinal), history.Where(static entry => entry.Direction == "remove").Select(static entry => entry.Name).Order(StringComparer.Ordinal));
        Assert.All(history.Where(static entry => entry.Scope == "tenant"), static entry => Assert.Equal(entry.Schema, entry.Name));
        Assert.Equal(Names.Length, (await fleet.GetHistoryAsync(tenants, new HistoryQuery()).ToListAsync()).Select(static entry => entry.Schema).Distinct().Count());
    }

    [Fact]
    public async Task A_concurrent_index_takes_every_name()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database).With("1", """"
            revision: aaaa0001
            up:
              - create_table: {name: '"odd ""name"""', columns: [{name: "it's", type: integer}]}
            """").With("2", """"
            revision: aaaa0002
            parent: aaaa0001
            up:
              - create_index: {name: 'odd "index"', table: '"odd ""name"""', columns: ["it's"], concurrently: true}
            """");

        Outcome.AssertNoError(await project.CreateAsync(FleetProject.Tenants(Names)));

        Assert.Equal((long)Names.Length, await database.ScalarAsync<long>("SELECT count(*) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relname = 'odd \"index\"' AND i.indisvalid"));
        Outcome.AssertNoError(await project.UndoAsync(FleetProject.Tenants(Names)));
    }

    [Theory]
    [InlineData('a', 64)]
    [InlineData('é', 32)]
    public async Task A_name_that_would_be_cut_touches_nothing(char character, int length)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = RichProject.Create(database, "search_path", extensions: false);
        var kept = new string(character, length)[..^1];
        await database.ExecuteAsync($"CREATE SCHEMA shared; CREATE SCHEMA \"{kept}\"");
        var before = await database.DumpAsync();
        var tooLong = FleetProject.Tenants(new string(character, length), new string(character, length - 1) + "bb");

        await using var fleet = project.Open();
        List<MigrationFailure?> failures =
        [
            .. (await project.CreateAsync(tooLong)).Select(static result => result.Failure),
            .. (await project.MigrateAsync(tooLong)).Select(static result => result.Failure),
            .. (await fleet.PlanAsync(tooLong, new()).ToListAsync()).Select(static plan => plan.Failure),
        ];
        var removal = await Assert.ThrowsAsync<TenancyException>(() => fleet.RemoveTenantAsync(tooLong[0], keepsSchema: false, project.Log));
        var report = await Assert.ThrowsAsync<TenancyException>(async () => await fleet.GetTenantRevisionsAsync(tooLong).ToListAsync());

        Assert.Equal(6, failures.Count);
        Assert.All(failures, static failure => Assert.Equal("InvalidTenant", failure!.ErrorId));
        Assert.All([removal, report], static error => Assert.Equal("InvalidTenant", error.ErrorId));
        Assert.Contains("64 bytes", failures[0]!.Message, StringComparison.Ordinal);
        Assert.Equal(before, await database.DumpAsync());
    }
}
