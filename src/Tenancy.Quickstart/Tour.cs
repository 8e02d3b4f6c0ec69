using System.Diagnostics;
using Tenancy.Core;
using Tenancy.Core.Planning;
using Tenancy.Model;
using static Tenancy.Quickstart.UnexpectedOutcomeException;

namespace Tenancy.Quickstart;

/// <summary>The main job, step by step, each told in a line. Ends at once where a step does not end as it should.</summary>
internal sealed class Tour
{
    private const int CustomersPerTenant = 200;
    private const string Launched = "3c5e81f7";
    private const string BeforeUnique = "70b1c9d3";
    private const string Unique = "81d6e2f5";

    private readonly Page page;
    private readonly ThrowawayDatabase database;
    private readonly Fleet fleet;
    private readonly RunTimes times = new();
    private readonly Warnings log = new();
    private readonly CancellationToken cancellation;

    private Tour(Page page, ThrowawayDatabase database, Fleet fleet, CancellationToken cancellation)
    {
        this.page = page;
        this.database = database;
        this.fleet = fleet;
        this.cancellation = cancellation;
    }

    /// <summary>Shows all of it.</summary>
    /// <param name="page">Where to.</param>
    /// <param name="cancellation">Ends it, with all that it has started.</param>
    /// <exception cref="UnexpectedOutcomeException">Something differs from what it should be.</exception>
    public static async Task RunAsync(Page page, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        page.Say("One history of migrations brought to 25 tenants of one database, of which one fails, is mended and goes on.");
        page.Step("A throwaway PostgreSQL server");
        string folder;
        await using (var database = await ThrowawayDatabase.StartAsync(cancellation))
        {
            folder = database.Server.DataDirectory;
            page.Say($"PostgreSQL {database.Server.Version} of {database.Server.BinDirectory} on {database.Server.Host}:{database.Server.Port}, started in {RunTimes.Seconds(clock.Elapsed.TotalSeconds)}.");
            page.Step("A history of migrations");
            await using var fleet = Fleet.Open(Example.ProjectFolder, database.Settings);
            await new Tour(page, database, fleet, cancellation).RunAsync();
        }

        Unless(!Directory.Exists(folder), $"the server's folder is still there: {folder}");
        page.Break();
        page.Say($"All as it should be, in {RunTimes.Seconds(clock.Elapsed.TotalSeconds)}. The server is stopped and its folder is removed.");
        page.Say("The manifests are in examples/saas, what they may say is in docs/manifest.md, and how to begin is in README.md.");
    }

    private async Task RunAsync()
    {
        ShowRevisions();
        await LaunchAsync();
        await PlanAsync();
        var failed = await MigrateAsync();
        await ResumeAsync(failed);
        await RepeatAsync();
        page.Step("Times");
        times.Show(page);
    }

    private void ShowRevisions()
    {
        var revisions = fleet.GetRevisions().ToList();
        page.Say($"{revisions.Count} manifests of examples/saas, read and checked without a connection. Each is one revision:");
        page.Table(
            ["Revision", "Scope", "Description", "Depends on"],
            [.. revisions.Select(static revision => (string[])[revision.Id, revision.Scope, revision.Description ?? "", string.Join(", ", revision.DependsOn)])]);
    }

    private async Task LaunchAsync()
    {
        page.Step("A shared schema and 25 tenants");
        var results = await times.MeasureAsync("25 tenants made", fleet.CreateTenantsAsync(Example.Tenants, new() { To = Launched }, log, cancellation), cancellation);
        Unless(results.Count == Example.Tenants.Count && results.All(static result => result.Status == MigrationStatus.Migrated), $"not all tenants could be made: {Errors(results)}");
        foreach (var tenant in Example.Tenants)
        {
            await database.ExecuteAsync(Example.RowsOf(tenant, CustomersPerTenant), cancellation);
        }

        await database.ExecuteAsync(Example.SpoilingOf(Example.Unlucky), cancellation);
        page.Say($"Each tenant is a schema, made and brought to {Launched}, the product as it was launched. Since then each has won {CustomersPerTenant} customers, and '{Example.Unlucky}' has two with the same e-mail address.");
    }

    private async Task PlanAsync()
    {
        page.Step("The plan for one tenant, as -WhatIf gives it: nothing is written");
        var plan = await fleet.PlanAsync([Example.Tenants[0]], new(), cancellation).SingleAsync(static plan => plan.Scope == "tenant", cancellation);
        Unless(plan.Failure is null && plan.Revisions.Length == 6, $"the plan has {plan.Revisions.Length} revisions instead of 6. {plan.Failure?.Message}");
        page.Table(
            ["Revision", "Transaction", "Operation", "SQL (its beginning)"],
            [.. plan.Steps.Select(static step => (string[])[step.Revision, step.IsTransactional ? $"{step.Transaction}" : $"{step.Transaction} (none)", step.Operation, Beginning(step.Sql)])]);
    }

    private async Task<MigrationResult> MigrateAsync()
    {
        page.Step("All tenants to head");
        var results = await times.MeasureAsync("25 tenants to head", fleet.MigrateAsync(Example.Tenants, new(), log, cancellation), cancellation);
        var failed = results.Where(static result => result.Status == MigrationStatus.Failed).ToList();
        var shared = results.Where(static result => result.Scope == "shared").ToList();
        Unless(shared is [{ Status: MigrationStatus.Migrated }], $"the shared schema was not migrated: {Errors(shared)}");
        Unless(failed is [{ Name: var name }] && name == Example.Unlucky.Name, $"one tenant should have failed, and {failed.Count} did: {Errors(failed)}");
        Unless(results.Count(static result => result.Status == MigrationStatus.Migrated && result.Scope == "tenant") == Example.Tenants.Count - 1, $"not all others are migrated: {Errors(results)}");
        page.Say($"The shared schema went first, because a revision of the tenants depends on it. {Example.Tenants.Count - 1} tenants are at head. One failed, which held up no other:");
        ShowFailure(failed[0]);
        return failed[0];
    }

    private void ShowFailure(MigrationResult result)
    {
        var failure = result.Failure!;
        Unless(failure is { SqlState: "23505", Revision: Unique, Line: > 1, Statement.Length: > 0, RecommendedAction.Length: > 0 }, $"the failure says too little: {failure}");
        Unless(result.To is [BeforeUnique], $"the tenant should stand at {BeforeUnique}, not at {string.Join(", ", result.To)}");
        page.Field("Error", failure.Message.Replace(Example.Root, "", StringComparison.Ordinal));
        page.Field("Statement", failure.Statement!);
        page.Field("What to do", failure.RecommendedAction!);
        page.Field("Stands at", $"{string.Join(", ", result.To)}: the revisions before are kept, of {failure.Revision} nothing is.");
    }

    private async Task ResumeAsync(MigrationResult failed)
    {
        page.Step("Mended and resumed");
        await database.ExecuteAsync(Example.MendingOf(Example.Unlucky), cancellation);
        var tenants = Example.Tenants.Where(tenant => tenant.Schema == failed.Schema).ToList();
        var results = await times.MeasureAsync("The failed one again", fleet.MigrateAsync(tenants, new(), log, cancellation), cancellation);
        Unless(results is [{ Status: MigrationStatus.Migrated, Revisions: [Unique, ..] }], $"the tenant was not resumed where it stood: {Errors(results)}");
        page.Say($"The second customer has an address of its own now. Only the failed tenant is run again, and goes on where it stood: {string.Join(", ", results[0].Revisions)}.");
    }

    private async Task RepeatAsync()
    {
        page.Step("A second run has nothing to do");
        var results = await times.MeasureAsync("Nothing to do", fleet.MigrateAsync(Example.Tenants, new(), log, cancellation), cancellation);
        Unless(results.All(static result => result.Status == MigrationStatus.UpToDate && result.Revisions.Length == 0), $"the second run did something: {Errors(results)}");
        var states = await fleet.GetTenantRevisionsAsync(Example.Tenants, cancellation).ToListAsync(cancellation);
        Unless(states.Count == Example.Tenants.Count + 1 && states.All(static state => state.Status == TenantRevisionStatus.AtHead), $"not everything is at head: {string.Join(", ", states.Select(static state => $"{state.Name} {state.Status}"))}");
        page.Say($"All {Example.Tenants.Count} tenants and the shared schema are at head.");
    }

    private static string Beginning(string sql)
    {
        const int Shown = 52;
        var line = string.Join(' ', sql.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return line.Length <= Shown ? line : line[..(Shown - 3)] + "...";
    }

    private static string Errors(IEnumerable<MigrationResult> results) =>
        string.Join(Environment.NewLine, results.Where(static result => result.Failure is not null).Select(static result => $"{result.Name} {result.Status}: {result.Error}"));
}
