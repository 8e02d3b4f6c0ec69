using Tenancy.Core.Planning;
using Tenancy.Core.Revisions;
using Tenancy.Core.Safety;
using Tenancy.Core.Tests.Execution;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Safety;

/// <summary>What is pending is judged, and the tenants' own tables say how grave it is.</summary>
public sealed class JudgementTests
{
    private const string Index = "- create_index: {name: customer_city_idx, table: customer, columns: [city]}";

    [Fact]
    public async Task The_largest_table_of_all_tenants_decides()
    {
        await using var database = await CreateAsync("t1", "t2", "t3");
        using var project = await AppliedAsync(database, "t1", "t2", "t3");
        project.With("2", SafetyDocument.Manifest(Index));

        async Task<SafetyFinding> OneAsync(params string[] schemas) => Assert.Single(await FindAsync(project, schemas), static finding => finding.Rule == "index-not-concurrent");

        var empty = await OneAsync("t1", "t2", "t3");
        Assert.Equal((SafetySeverity.Note, 0L, 3, 0), (empty.Severity, empty.LargestBytes, empty.Tenants, empty.TenantsWithRows));
        Assert.EndsWith("It is empty everywhere.", empty.Message, StringComparison.Ordinal);

        // Never vacuumed: the file's own size.
        await database.ExecuteAsync("INSERT INTO t2.customer (id, name) SELECT n, repeat('x', 1000) FROM generate_series(1, 15000) n; INSERT INTO t3.customer (id) VALUES (1)");
        var large = await OneAsync("t1", "t2", "t3");
        Assert.Equal((SafetySeverity.Warning, "t2", 2), (large.Severity, large.LargestSchema, large.TenantsWithRows));
        Assert.InRange(large.LargestBytes!.Value, 15_000_000, 20_000_000);
        Assert.Equal(SafetySeverity.Note, (await OneAsync("t1", "t3")).Severity);

        // As VACUUM would have it of a table of 2 GB, its TOAST table included.
        await database.ExecuteAsync("UPDATE pg_class SET relpages = 262144 WHERE oid = (SELECT reltoastrelid FROM pg_class WHERE oid = 't1.customer'::regclass)");
        var huge = await OneAsync("t1", "t2", "t3");
        Assert.Equal((SafetySeverity.Error, "t1"), (huge.Severity, huge.LargestSchema));
        Assert.Contains("2.0 GB in t1", huge.Message, StringComparison.Ordinal);
        Assert.Equal(("customer", "Share", "index build", 4, "create_index"), (huge.Table, huge.Lock, huge.Effect, huge.Line, huge.Operation));
    }

    [Fact]
    public async Task What_fails_where_there_is_a_row_is_an_error_however_small_the_table_is()
    {
        await using var database = await CreateAsync("t1", "t2");
        using var project = await AppliedAsync(database, "t1", "t2");
        project.With("2", SafetyDocument.Manifest("- add_column: {table: customer, name: code, type: text, nullable: false}"));

        async Task<SafetyFinding> OneAsync() => Assert.Single(await FindAsync(project, "t1", "t2"), static finding => finding.Rule == "not-null-scan");

        Assert.Equal(SafetySeverity.Note, (await OneAsync()).Severity);
        await database.ExecuteAsync("INSERT INTO t2.customer (id) VALUES (1)");
        Assert.Equal((SafetySeverity.Error, 1), ((await OneAsync()).Severity, (await OneAsync()).TenantsWithRows));
    }

    [Fact]
    public async Task A_divided_table_is_as_large_as_its_partitions()
    {
        await using var database = await CreateAsync("t1");
        using var project = await AppliedAsync(database, "t1");
        await database.ExecuteAsync("CREATE TABLE t1.visit_all PARTITION OF t1.visit DEFAULT; INSERT INTO t1.visit SELECT date '2026-01-01' + n % 300 FROM generate_series(1, 400000) n; ANALYZE t1.visit_all");
        project.With("2", SafetyDocument.Manifest("- create_index: {name: visit_day_idx, table: visit, columns: [day]}"));

        var finding = Assert.Single(await FindAsync(project, "t1"), static finding => finding.Rule == "index-not-concurrent");

        Assert.Equal(SafetySeverity.Warning, finding.Severity);
        Assert.True(finding.LargestBytes > 10_000_000);
    }

    [Fact]
    public async Task Only_what_is_pending_is_judged_and_a_table_that_the_plan_makes_is_empty()
    {
        await using var database = await CreateAsync("t1", "t2");
        using var project = await AppliedAsync(database, "t1");
        project.With("2", SafetyDocument.Manifest(Index));

        // On t2 the table comes in the same run.
        Assert.DoesNotContain("index-not-concurrent", (await FindAsync(project, "t2")).Select(static finding => finding.Rule));
        Assert.Equal(1, Assert.Single(await FindAsync(project, "t1", "t2"), static finding => finding.Rule == "index-not-concurrent").Tenants);
        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("t1", "t2")));
        Assert.Empty(await FindAsync(project, "t1", "t2"));
    }

    [Fact]
    public async Task A_revision_is_judged_by_itself_with_or_without_a_database()
    {
        await using var database = await CreateAsync("t1");
        using var project = await AppliedAsync(database, "t1");
        project.With("2", SafetyDocument.Manifest(Index));
        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("t1")));
        await using var fleet = project.Open();

        var offline = (await fleet.JudgeAsync([fleet.Revisions["ba5e0002"]], tenants: null, project.Log)).Findings;
        var online = (await fleet.JudgeAsync([fleet.Revisions["ba5e0002"]], FleetProject.Tenants("t1"), project.Log)).Findings;

        var rule = Assert.Single(offline, static finding => finding.Rule == "index-not-concurrent");
        Assert.Equal((SafetySeverity.Warning, null, null), (rule.Severity, rule.LargestBytes, rule.Tenants));
        Assert.Equal(SafetySeverity.Note, Assert.Single(online, static finding => finding.Rule == "index-not-concurrent").Severity);
    }

    [Fact]
    public async Task What_is_suppressed_is_kept_with_its_reason_and_what_keeps_nothing_back_is_told()
    {
        await using var database = await CreateAsync("t1");
        using var project = await AppliedAsync(database, "t1");
        project.With("2", SafetyDocument.Manifest(Index, "suppress:\n  - {rule: index-not-concurrent, reason: Few rows}\n  - {rule: rename-in-use, reason: Nobody}\n"));

        var findings = await FindAsync(project, "t1");

        var suppressed = Assert.Single(findings, static finding => finding.IsSuppressed);
        Assert.Equal(("index-not-concurrent", "Few rows"), (suppressed.Rule, suppressed.Reason));
        var unused = Assert.Single(findings, static finding => finding.Rule == SafetyRules.UnusedSuppression);
        Assert.Equal((5, SafetySeverity.Note), (unused.Line, unused.Severity));
        Assert.Contains("rename-in-use", unused.Message, StringComparison.Ordinal);
        Assert.Null(new SafetyReport([suppressed], []).Gravest);
    }

    [Fact]
    public async Task A_rule_that_is_suppressed_twice_is_told_of_once()
    {
        await using var database = await CreateAsync("t1");
        using var project = await AppliedAsync(database, "t1");
        project.With("2", SafetyDocument.Manifest(Index, "suppress:\n  - {rule: index-not-concurrent, reason: Few rows}\n  - {rule: index-not-concurrent, reason: Nobody writes}\n"));

        var findings = await FindAsync(project, "t1");

        Assert.Equal("Few rows", Assert.Single(findings, static finding => finding.IsSuppressed).Reason);
        var repeated = Assert.Single(findings, static finding => finding.Rule == SafetyRules.UnusedSuppression);
        Assert.Equal((5, "'index-not-concurrent' is suppressed above already."), (repeated.Line, repeated.Message));
    }

    [Fact]
    public async Task An_undo_that_loses_rows_is_told_of()
    {
        await using var database = await CreateAsync("t1", "t2");
        using var project = await AppliedAsync(database, "t1", "t2");
        project.With("2", SafetyDocument.Manifest("- add_column: {table: customer, name: phone, type: text}\n- create_table: {name: fresh, columns: [{name: id, type: bigint}]}"));
        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("t1", "t2")));
        await database.ExecuteAsync("INSERT INTO t2.customer (id, phone) VALUES (1, '1')");

        var findings = (await FindAsync(project, new MigrationRequest { Direction = RevisionDirection.Down, To = "ba5e0001" }, "t1", "t2")).Where(static finding => finding.Rule == "down-loses-data").ToList();

        Assert.Equal([("customer", SafetySeverity.Warning), ("fresh", SafetySeverity.Note)], findings.Select(static finding => (finding.Table!, finding.Severity)).Order());
        Assert.All(findings, static finding => Assert.Equal("down", finding.Direction));
    }

    [Fact]
    public async Task A_tenant_that_cannot_be_planned_for_is_told_of_and_the_others_are_judged()
    {
        await using var database = await CreateAsync("t1", "t2");
        using var project = await AppliedAsync(database, "t1", "t2");
        await database.ExecuteAsync("DROP SCHEMA t2 CASCADE");
        project.With("2", SafetyDocument.Manifest(Index));
        await using var fleet = project.Open();

        var report = await fleet.JudgeAsync(FleetProject.Tenants("t1", "t2"), new MigrationRequest(), project.Log);

        Assert.Contains(report.Findings, static finding => finding.Rule == "index-not-concurrent");
        Assert.Equal("t2", Assert.Single(report.Faults).Tenant?.Name);
    }

    internal static async Task<TestDatabase> CreateAsync(params string[] schemas)
    {
        var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync(string.Concat(schemas.Select(static schema => $"CREATE SCHEMA {schema};")) + "CREATE SCHEMA shared; CREATE TABLE shared.users (id bigint PRIMARY KEY)");
        return database;
    }

    internal static async Task<FleetProject> AppliedAsync(TestDatabase database, params string[] schemas)
    {
        var project = new FleetProject(database).With("1", SafetyDocument.Base);
        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants(schemas)));
        return project;
    }

    private static Task<IReadOnlyList<SafetyFinding>> FindAsync(FleetProject project, params string[] schemas) => FindAsync(project, new MigrationRequest(), schemas);

    private static async Task<IReadOnlyList<SafetyFinding>> FindAsync(FleetProject project, MigrationRequest request, params string[] schemas)
    {
        await using var fleet = project.Open();
        var report = await fleet.JudgeAsync(FleetProject.Tenants(schemas), request, project.Log);
        Assert.Empty(report.Faults);
        return report.Findings;
    }
}
