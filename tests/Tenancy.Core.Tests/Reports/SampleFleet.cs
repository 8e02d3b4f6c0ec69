using Tenancy.Core.Manifests;
using Tenancy.Core.Reports;
using Tenancy.Core.Revisions;
using Tenancy.Core.Tests.Revisions;
using Tenancy.Model;

namespace Tenancy.Core.Tests.Reports;

/// <summary>What a fleet of any size would give, as the engine's own objects; for the page alone, which reads nothing.</summary>
internal static class SampleFleet
{
    internal const string Statement = "ALTER TABLE tenant_schema.customer\n  ADD CONSTRAINT customer_email_unique UNIQUE (email)";

    private static readonly DateTime Night = new(2026, 11, 27, 2, 0, 0, DateTimeKind.Utc);

    /// <summary>A fleet after a run in which of a hundred tenants two failed and three are behind; every 250th has drifted.</summary>
    internal static ReportFacts Make(int tenants, bool isCompared = true, string? name = null)
    {
        var graph = Graphs.Of("1f0c3a91", "2b7e55d0 < 1f0c3a91", "3fa9d210 < 2b7e55d0", "4c1d77aa < 3fa9d210 label billing", "5e9b0c13 < 3fa9d210", "6a02ff41 < 4c1d77aa,5e9b0c13", "7c1e04b2 < 6a02ff41", "9e1c55d1 < 7c1e04b2", "s1a2b3c4 shared");
        var run = Guid.Parse("3f2504e0-4f89-41d3-9a0c-0305e82c3301");
        List<TenantRevision> revisions = [];
        List<MigrationResult> results = [];
        List<SchemaComparison> comparisons = [];
        SchemaDifference[] differences = [new() { Kind = "index", Name = "invoice_customer_idx", Table = "invoice", Change = SchemaChangeKind.Missing }, new() { Kind = "column", Name = "total", Table = "invoice", Change = SchemaChangeKind.Different, Property = "type", Expected = "numeric(14,2)", Actual = "numeric" }];
        for (var number = 0; number < tenants; number++)
        {
            var (isFailed, isBehind) = (number % 50 == 7, number % 100 is 20 or 40 or 60);
            var schema = name ?? $"customer_{number:00000}";
            var database = $"app{number % 4 + 1}";
            string[] heads = isFailed ? ["7c1e04b2"] : isBehind ? ["3fa9d210"] : ["9e1c55d1"];
            string[] pending = isFailed ? ["9e1c55d1"] : isBehind ? [.. graph.UpgradePath(MigrationScope.Tenant, heads, ["9e1c55d1"]).Select(static step => step.Manifest.Revision)] : [];
            var labels = new TenantLabels { ["ring"] = number % 100 == 0 ? "canary" : "rest" };
            revisions.Add(new() { Name = schema, Schema = name is null ? schema : $"s{number}", Database = database, Server = "db1.example:5432", Status = pending.Length > 0 ? "Behind" : "AtHead", Heads = heads, Pending = pending, Changed = Night.AddSeconds(number * 0.02), Labels = labels });
            results.Add(new()
            {
                Name = schema,
                Schema = revisions[^1].Schema,
                Database = database,
                Server = "db1.example:5432",
                Status = isFailed ? MigrationStatus.Failed : isBehind ? MigrationStatus.Incomplete : MigrationStatus.Migrated,
                Revisions = isFailed || isBehind ? [] : ["9e1c55d1"],
                Started = Night.AddSeconds(number * 0.02),
                Seconds = isBehind ? 0 : 0.08 + number * 7919 % 97 / 60.0,
                RunId = run,
                Failure = !isFailed ? null : number % 100 == 7
                    ? new() { ErrorId = "ConstraintViolated", SqlState = "23505", Message = $"tenant '{schema}', revision 9e1c55d1 (manifests/tenant/08-unique-emails.yaml:7, sql): could not create unique index \"customer_email_unique\" (23505).", RecommendedAction = "Rows break the constraint. Correct them, or the manifest, and run again: nothing of the revision was kept.", Revision = "9e1c55d1", Manifest = "manifests/tenant/08-unique-emails.yaml", Line = 7, Operation = "sql", Statement = Statement }
                    : new() { ErrorId = "LockTimeout", SqlState = "55P03", Message = $"tenant '{schema}', revision 9e1c55d1 (manifests/tenant/08-unique-emails.yaml:7, sql): canceling statement due to lock timeout (55P03).", RecommendedAction = "Another session holds a lock on what the statement needs. Run again when it is gone, or raise timeouts.lock.", Revision = "9e1c55d1", Manifest = "manifests/tenant/08-unique-emails.yaml", Line = 7, Operation = "sql", Statement = Statement },
            });
            var isDrifted = number % 250 == 3;
            comparisons.Add(new() { Name = schema, Schema = revisions[^1].Schema, Database = database, Server = "db1.example:5432", Heads = heads, Status = isDrifted ? "Drifted" : "Equal", Shape = isDrifted ? "0badc0ffee00" : heads[0][..4] + "aabbccdd", Differences = isDrifted ? differences : [] });
        }

        revisions.AddRange(Enumerable.Range(1, 4).Select(static number => new TenantRevision { Name = "shared", Schema = "shared", Database = $"app{number}", Server = "db1.example:5432", Scope = "shared", Status = "AtHead", Heads = ["s1a2b3c4"] }));
        return new() { Fleet = "saas", Made = Night.AddHours(1), Graph = graph, Revisions = revisions, Run = RunFromResults.Read(results), Comparisons = isCompared ? comparisons : null };
    }
}
