using Npgsql;
using Tenancy.Core.Planning;
using Tenancy.Core.Tests.Execution;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Safety;

/// <summary>Where a rule names a lock, a scan or a rewrite, a real server takes it; and not for what is recommended instead.</summary>
public sealed class TraceTests
{
    // What the rule of the document claims of its example is what happens. The rules that claim a lock, each by its example; and the further forms.
    public static TheoryData<string, string> Claims
    {
        get
        {
            var claims = new TheoryData<string, string>();
            foreach (var rule in (string[])["table-rewrite", "type-change-rewrite", "volatile-default", "lock-during-scan", "not-null-scan", "constraint-without-not-valid", "constraint-builds-index", "index-not-concurrent", "after-access-exclusive", "shared-foreign-key"])
            {
                claims.Add(rule, SafetyDocument.Rules[rule].Caught);
            }

            foreach (var (rule, sql) in new[]
            {
                ("table-rewrite", "ALTER TABLE tenant_schema.customer SET UNLOGGED"),
                ("table-rewrite", "ALTER TABLE tenant_schema.customer ADD COLUMN number serial"),
                ("table-rewrite", "ALTER TABLE tenant_schema.customer ADD COLUMN number bigint GENERATED ALWAYS AS IDENTITY"),
                ("table-rewrite", "CLUSTER tenant_schema.customer USING customer_name_idx"),
                ("type-change-rewrite", "ALTER TABLE tenant_schema.customer ALTER city TYPE varchar(30)"),
                ("type-change-rewrite", "ALTER TABLE tenant_schema.customer ALTER name TYPE varchar(80)"),
                ("type-change-rewrite", "ALTER TABLE tenant_schema.customer ALTER name TYPE text COLLATE \"C\""),
                ("lock-during-scan", "REFRESH MATERIALIZED VIEW tenant_schema.known_country"),
                ("lock-during-scan", "REINDEX TABLE tenant_schema.customer"),
                ("constraint-without-not-valid", "ALTER TABLE tenant_schema.customer ADD CONSTRAINT c FOREIGN KEY (country_id) REFERENCES tenant_schema.country"),
                ("constraint-without-not-valid", "ALTER TABLE tenant_schema.customer ADD COLUMN a int CHECK (a > 0)"),
                ("constraint-builds-index", "ALTER TABLE tenant_schema.customer ADD EXCLUDE (name WITH =)"),
                ("constraint-builds-index", "ALTER TABLE tenant_schema.customer ADD a int UNIQUE"),
                ("index-not-concurrent", "DROP INDEX tenant_schema.customer_name_idx"),
                ("index-not-concurrent", "CREATE UNIQUE INDEX ON tenant_schema.customer (id)"),
                ("lock-during-scan", "REINDEX INDEX tenant_schema.customer_name_idx"),
                ("constraint-without-not-valid", "ALTER TABLE tenant_schema.customer ADD COLUMN c bigint DEFAULT 1 REFERENCES tenant_schema.country"),
                ("constraint-without-not-valid", "ALTER TABLE tenant_schema.customer ADD a int, ADD CONSTRAINT c FOREIGN KEY (country_id) REFERENCES tenant_schema.country"),
                ("volatile-default", "ALTER TABLE tenant_schema.customer ADD at timestamptz NOT NULL DEFAULT clock_timestamp()"),
            })
            {
                claims.Add(rule, $"- sql: {sql}\n  undo: SELECT 1");
            }

            // It fails where there is a row.
            claims.Add("not-null-scan", "- sql: DELETE FROM tenant_schema.country\n  undo: SELECT 1\n- sql: ALTER TABLE tenant_schema.country ADD COLUMN code text NOT NULL\n  undo: SELECT 1");
            return claims;
        }
    }

    [Theory]
    [MemberData(nameof(Claims))]
    public async Task The_lock_and_the_rewrite_that_a_rule_names_are_those_taken(string rule, string operations)
    {
        var (findings, traces) = await TraceAsync(operations);

        var claims = findings.Where(finding => finding.Rule == rule && finding.Lock is not null).ToList();
        Assert.NotEmpty(claims);
        Assert.All(claims, finding =>
        {
            var seen = string.Join('\n', traces.Select(static trace => $"{trace.Line}: {string.Join(", ", trace.Locks)} | {string.Join(", ", trace.Rewritten)} | {string.Join(", ", trace.Scanned)}"));
            var own = traces.Where(trace => rule == "after-access-exclusive" ? trace.Line <= finding.Line : trace.Line == finding.Line).ToList();
            // A serial or stored column takes more than one statement.
            Assert.True(own.Exists(trace => trace.Locks.Contains($"{finding.Lock} {finding.Table}")), $"{finding.Lock} {finding.Table}:\n{seen}");
            Assert.True((finding.Effect == "rewrite") == own.Exists(trace => trace.Rewritten.Contains(finding.Table)), $"rewrite of {finding.Table}:\n{seen}");
            Assert.True(finding.Effect is null or "rewrite" || own.Exists(trace => trace.Scanned.Contains(finding.Table)), $"scan of {finding.Table}:\n{seen}");
        });
    }

    /// <summary>Of a domain no table is named: all that have a column of it are meant.</summary>
    [Theory]
    [InlineData("constraint-without-not-valid", "ADD CHECK (VALUE > 0)")]
    [InlineData("not-null-scan", "SET NOT NULL")]
    public async Task A_change_of_a_domain_reads_the_tables_that_use_it(string rule, string change)
    {
        var (findings, traces) = await TraceAsync($"- sql: ALTER DOMAIN tenant_schema.amount {change}\n  undo: SELECT 1");

        var finding = Assert.Single(findings, finding => finding.Rule == rule);
        Assert.Equal(("Share", "scan", null), (finding.Lock, finding.Effect, finding.Table));
        var trace = Assert.Single(traces);
        Assert.Contains("Share price", trace.Locks);
        Assert.Equal(["price"], trace.Scanned);
        Assert.Empty(trace.Rewritten);
    }

    /// <summary>What no transaction can hold is not traced: it waits here for the lock that it takes, and is let go.</summary>
    [Theory]
    [InlineData("table-rewrite", "VACUUM FULL tenant_schema.customer", "AccessExclusive", true)]
    [InlineData("lock-during-scan", "REINDEX SCHEMA tenant_schema", "Share", false)]
    public async Task What_cannot_be_traced_takes_the_lock_named_too(string rule, string sql, string heldLock, bool isRewrite)
    {
        await using var database = await JudgementTests.CreateAsync("t1");
        using var project = await JudgementTests.AppliedAsync(database, "t1");
        project.With("2", SafetyDocument.Manifest($"- sql: {sql}\n  undo: SELECT 1"));
        await using var fleet = project.Open();
        var finding = Assert.Single((await fleet.JudgeAsync(FleetProject.Tenants("t1"), new MigrationRequest(), project.Log)).Findings, finding => finding.Rule == rule);
        Assert.Equal((heldLock, isRewrite), (finding.Lock, finding.Effect == "rewrite"));
        Assert.True(finding.Table is null or "customer", finding.Table);

        const string Files = "SELECT pg_relation_filenode('t1.customer')::bigint, pg_relation_filenode('t1.customer_name_idx')::bigint";
        var before = (await database.QueryAsync(Files))[0];
        await using var holder = await database.DataSource.OpenConnectionAsync();
        await using var held = await holder.BeginTransactionAsync();
        await using (var command = new NpgsqlCommand("LOCK TABLE t1.customer IN ROW EXCLUSIVE MODE", holder, held))
        {
            await command.ExecuteNonQueryAsync();
        }

        var work = database.ExecuteAsync(sql.Replace("tenant_schema", "t1", StringComparison.Ordinal));
        string? waited;
        while ((waited = await database.ScalarAsync<string>("SELECT mode FROM pg_locks WHERE NOT granted AND relation = 't1.customer'::regclass::oid")) is null && !work.IsCompleted)
        {
            await Task.Delay(50);
        }

        await held.RollbackAsync();
        await work;
        Assert.Equal($"{heldLock}Lock", waited);
        var after = (await database.QueryAsync(Files))[0];
        Assert.Equal((isRewrite, true), (!Equals(before[0], after[0]), !Equals(before[1], after[1])));
    }

    [Theory]
    [InlineData("type-change-rewrite", null)]
    [InlineData("volatile-default", null)]
    [InlineData("not-null-scan", 7)]
    [InlineData("lock-during-scan", 7)]
    [InlineData("table-rewrite", null)]
    public async Task What_is_recommended_instead_neither_writes_anew_nor_reads_under_the_lock(string rule, int? line)
    {
        var (_, traces) = await TraceAsync(SafetyDocument.Rules[rule].Safe);

        Assert.NotEmpty(traces);
        Assert.All(traces, static trace => Assert.DoesNotContain("customer", trace.Rewritten));
        Assert.All(traces.Where(trace => line is null || trace.Line == line), static trace => Assert.Empty(trace.Scanned));
    }

    [Theory]
    [InlineData("ALTER TABLE tenant_schema.customer ALTER city TYPE text")]
    [InlineData("ALTER TABLE tenant_schema.customer ALTER city TYPE varchar")]
    [InlineData("ALTER TABLE tenant_schema.customer ALTER city TYPE varchar(80) USING city::varchar(80)")]
    [InlineData("ALTER TABLE tenant_schema.customer ADD COLUMN c bigint REFERENCES tenant_schema.country")]
    [InlineData("ALTER TABLE tenant_schema.customer ADD a int NOT NULL DEFAULT 1, ADD b timestamptz DEFAULT now()")]
    public async Task What_no_rule_is_told_of_is_not_written_anew(string sql)
    {
        var (findings, traces) = await TraceAsync($"- sql: {sql}\n  undo: SELECT 1");

        Assert.DoesNotContain("rewrite", findings.Select(static finding => finding.Effect));
        Assert.All(traces, static trace => Assert.Empty(trace.Rewritten.Concat(trace.Scanned)));
        Assert.Contains("AccessExclusive customer", Assert.Single(traces).Locks);
    }

    [Fact]
    public async Task A_concurrent_form_runs_as_a_plain_one_and_says_so()
    {
        var (_, traces) = await TraceAsync(SafetyDocument.Rules["down-loses-data"].Safe);

        var trace = Assert.Single(traces);
        Assert.Contains("Share customer", trace.Locks);
        Assert.Contains("without CONCURRENTLY", trace.RanAs, StringComparison.Ordinal);
    }

    private static async Task<(IReadOnlyList<SafetyFinding> Findings, IReadOnlyList<StatementTrace> Traces)> TraceAsync(string operations)
    {
        await using var database = await JudgementTests.CreateAsync("t1");
        using var project = await JudgementTests.AppliedAsync(database, "t1");
        await database.ExecuteAsync("INSERT INTO t1.country VALUES (1); INSERT INTO shared.users SELECT generate_series(1, 20); INSERT INTO t1.customer SELECT n, 'n' || n, 'Ulm', 1, '2020-01-01' FROM generate_series(1, 20) n; INSERT INTO t1.visit_2026 VALUES ('2026-01-01'); REFRESH MATERIALIZED VIEW t1.known_country; CREATE DOMAIN t1.amount AS int; CREATE TABLE t1.price (amount t1.amount); INSERT INTO t1.price VALUES (1)");
        project.With("2", SafetyDocument.Manifest(operations, "touches: [shared.users]\n"));
        var before = await database.DumpAsync("t1");
        await using var fleet = project.Open();
        var findings = (await fleet.JudgeAsync(FleetProject.Tenants("t1"), new MigrationRequest(), project.Log)).Findings;
        var (traces, failure, left) = await fleet.TraceAsync(FleetProject.Tenants("t1")[0], new MigrationRequest(), project.Log);
        Assert.Null(failure?.Message);
        Assert.Empty(left.Select(static note => note.Message));
        Assert.Equal(before, await database.DumpAsync("t1"));
        return (findings, traces);
    }
}
