using System.Globalization;
using Tenancy.Core.Reports;
using Tenancy.Core.Tests.Execution;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Reports;

/// <summary>Reports of real databases, beside the objects of which they tell.</summary>
public sealed class FleetReportTests
{
    private const string First = "revision: aaaa0001\nup: [{create_table: {name: a, columns: [{name: id, type: int}]}}]";
    private const string Second = "revision: aaaa0002\nparent: aaaa0001\narguments:\n  key: {type: text, secret: true}\nup:\n  - create_table: {name: b, columns: [{name: id, type: int}]}\n  - sql: |\n      INSERT INTO tenant_schema.a\n      VALUES (1),\n        (2);\n  - sql: COMMENT ON TABLE tenant_schema.b IS '${x.key}'\ndown: {irreversible: it is a test}\n";
    private const string Plain = "revision: aaaa0002\nparent: aaaa0001\nup: [{sql: 'INSERT INTO tenant_schema.a VALUES (1), (2)', undo: SELECT 1}]";
    private const string Shared = "revision: bbbb0001\nscope: shared\nup: [{create_table: {name: s, columns: [{name: id, type: int}]}}]";

    [SkippableFact]
    public async Task Its_numbers_are_those_of_the_objects_from_results_and_from_history()
    {
        string[] names = ["t1", "t2", "t3", "t4", "t5", "t6"];
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync(string.Join(';', names.Prepend("shared").Select(static schema => "CREATE SCHEMA " + schema)));
        using var project = new FleetProject(database).With("1", First).With("2", Second).With("3", Shared);
        var tenants = FleetProject.Tenants(names);
        await project.MigrateAsync(tenants, new() { To = "aaaa0001" });
        await database.ExecuteAsync("ALTER TABLE t2.a ADD CHECK (id < 2); ALTER TABLE t4.a ADD CHECK (id < 2)");
        var results = await project.MigrateAsync(tenants[..5], new() { Arguments = new Dictionary<string, string> { ["key"] = "hunter2-secret" } });
        await database.ExecuteAsync("CREATE INDEX by_hand ON t3.a (id)");

        await using var fleet = project.Open();
        var revisions = await fleet.GetTenantRevisionsAsync(tenants).ToListAsync();
        var arguments = new Dictionary<string, string> { ["key"] = "hunter2-secret" };
        var comparisons = await fleet.CompareSchemasAsync(tenants, new() { Arguments = arguments }, project.Log).ToListAsync();
        var html = await fleet.MakeReportAsync(tenants, new() { Results = results, ComparesSchemas = true, Arguments = arguments }, project.Log);
        Assert.DoesNotContain("hunter2", html, StringComparison.Ordinal);
        await using var browser = await Browser.OpenAsync(html);

        Assert.Empty(browser.Errors);
        Assert.Equal(["6", $"{revisions.Count(static revision => revision is { Status: "AtHead", Scope: "tenant" })}", $"{revisions.Count(static revision => revision.Status == "Behind")}", "0", $"{results.Count(static result => result.Failure is not null)}", $"{comparisons.Count(static comparison => comparison.Status == "Drifted")}"], await browser.TextsAsync(".facts dd"));
        Assert.Equal(["2 × ConstraintViolated (23514)"], await browser.TextsAsync("article h3"));
        Assert.Equal(results.First(static result => result.Failure is not null).Failure!.Message, await browser.TextAsync("article .message"));
        Assert.Equal("INSERT INTO tenant_schema.a\nVALUES (1),\n  (2)", await browser.TextAsync("article pre"));
        Assert.Equal(results.GroupBy(static result => result.Status).Select(static group => $"{group.Key}{group.Count()}").Order(StringComparer.Ordinal), (await browser.TextsAsync("#run-statuses tbody tr")).Order(StringComparer.Ordinal));
        Assert.Contains(comparisons.Single(static comparison => comparison.Name == "t3").Shape!, await browser.TextsAsync("#shapes tbody code"));

        var facts = await fleet.CollectAsync(tenants, new(), project.Log, default);
        Assert.Equal(results[0].RunId, facts.Run!.Id);
        Assert.Equal(results.Where(static result => result.Failure is not null).Select(static result => result.Name).Order(StringComparer.Ordinal), facts.Run.Work.Where(static work => work.Failure is not null).Select(static work => work.Name).Order(StringComparer.Ordinal));
        var (told, known) = (FailureCause.Of(RunFromResults.Read(results)).Single().First, FailureCause.Of(facts.Run).Single().First);
        Assert.Equal((told.ErrorId, told.SqlState, told.Revision, told.Manifest, told.Line, told.Operation, told.Statement), (known.ErrorId, known.SqlState, known.Revision, known.Manifest, known.Line, known.Operation, known.Statement));
        Assert.Null(facts.Comparisons);
    }

    [Fact]
    public async Task A_failure_that_was_mended_since_is_no_cell_and_the_last_run_is_not_one_that_made_tenants()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA shared; CREATE SCHEMA t1; CREATE SCHEMA t2");
        using var project = new FleetProject(database).With("1", First).With("2", Plain);
        var tenants = FleetProject.Tenants("t1", "t2");
        await project.MigrateAsync(tenants, new() { To = "aaaa0001" });
        await database.ExecuteAsync("ALTER TABLE t1.a ADD CONSTRAINT few CHECK (id < 2)");
        var failed = await project.MigrateAsync(tenants);
        await project.CreateAsync(new Tenant { Name = "t3", Schema = "t3" });
        await using var fleet = project.Open();

        var before = await fleet.CollectAsync(tenants, new(), project.Log, default);
        await database.ExecuteAsync("ALTER TABLE t1.a DROP CONSTRAINT few");
        await project.MigrateAsync(tenants);
        var after = await fleet.CollectAsync(tenants, new() { RunId = failed[0].RunId }, project.Log, default);

        Assert.Equal(failed[0].RunId, before.Run!.Id);
        Assert.Equal(["af", "aa"], FleetGrid.Of(before, Core.Manifests.MigrationScope.Tenant).Rows.Select(static row => row.Cells));
        Assert.Equal(["aa"], FleetGrid.Of(after, Core.Manifests.MigrationScope.Tenant).Rows.Select(static row => row.Cells));
        Assert.Contains(after.Run!.Work, static work => work.Failure is not null);
        var error = await Assert.ThrowsAsync<TenancyException>(() => fleet.MakeReportAsync(tenants, new() { RunId = Guid.NewGuid() }, project.Log));
        Assert.Equal("RunNotFound", error.ErrorId);
    }

    [Fact]
    public async Task A_database_that_cannot_be_read_stops_no_other()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA t1");
        using var project = new FleetProject(database).With("1", First);
        await using var fleet = project.Open();
        Tenant[] tenants = [.. FleetProject.Tenants("t1"), new Tenant { Name = "gone", Schema = "gone", Database = "no_such_database" }];

        var facts = await fleet.CollectAsync(tenants, new(), project.Log, default);

        Assert.Equal(["gone"], facts.Unread.Select(static unread => unread.Tenant.Name));
        Assert.Equal(["NotRead u", "Behind p"], FleetGrid.Of(facts, Core.Manifests.MigrationScope.Tenant).Rows.Select(static row => string.Create(CultureInfo.InvariantCulture, $"{row.Status} {row.Cells}")));
        await Assert.ThrowsAsync<TenancyException>(() => fleet.MakeReportAsync([tenants[1]], new(), project.Log));
    }
}
