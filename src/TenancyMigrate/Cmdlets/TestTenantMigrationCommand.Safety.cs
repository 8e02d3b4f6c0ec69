using System.Collections;
using System.Management.Automation;
using Tenancy.Core;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Revisions;
using Tenancy.Core.Safety;
using Tenancy.Model;
using TenancyMigrate.Completion;
using TenancyMigrate.Pipeline;
using TenancyMigrate.Tenants;

namespace TenancyMigrate.Cmdlets;

/// <content>Judging statements before they run.</content>
public sealed partial class TestTenantMigrationCommand
{
    private const string SafetySet = "Safety";
    private const string ProveSet = "Prove";

    /// <summary>Where the run to be judged would go: a revision or its first characters, a branch label, head (default), heads, or +N for N revisions further.</summary>
    [Parameter(ParameterSetName = SafetySet)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(RevisionCompleter))]
    public string? To { get; set; }

    /// <summary>Revisions to judge by themselves, whether they are pending or not, or to prove: ids with wildcards, identifiers such as 7c1e, and ranges a:b. Default: what is pending; with -Offline and -Prove all.</summary>
    [Parameter(ParameterSetName = SafetySet)]
    [Parameter(ParameterSetName = ProveSet)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(RevisionCompleter))]
    public string[] Revision { get; set; } = [];

    /// <summary>Asks no database: judges all revisions, or those of -Revision, with each rule's own severity.</summary>
    [Parameter(ParameterSetName = SafetySet)]
    public SwitchParameter Offline { get; set; }

    /// <summary>Tenant or Shared: only revisions of that scope. Default: both.</summary>
    [Parameter(ParameterSetName = SafetySet)]
    [ValidateSet("Tenant", "Shared")]
    public string? Scope { get; set; }

    /// <summary>How much commits together in the run to be judged: PerRevision (default), PerTenant or AllTenants. It decides how long locks are held.</summary>
    [Parameter(ParameterSetName = SafetySet)]
    [ValidateSet("PerRevision", "PerTenant", "AllTenants")]
    public string Transaction { get; set; } = "PerRevision";

    /// <summary>Values for what manifests write as ${x.key}, by key: @{prefix = 'R'}.</summary>
    [Parameter(ParameterSetName = SafetySet)]
    [Parameter(ParameterSetName = ProveSet)]
    [ValidateNotNull]
    public Hashtable Argument { get; set; } = [];

    /// <summary>Gives an error, TenantMigration.UnsafeMigration, after all findings, where one that is not suppressed is as grave as that or more: Error (default), Warning, Note; None for never.</summary>
    [Parameter(ParameterSetName = SafetySet)]
    [ValidateSet("Error", "Warning", "Note", "None")]
    public string FailOn { get; set; } = "Error";

    /// <summary>Gives what manifests suppress too, with the reason.</summary>
    [Parameter(ParameterSetName = SafetySet)]
    public SwitchParameter IncludeSuppressed { get; set; }

    /// <summary>A file to write all findings to as SARIF 2.1.0, for code review. One that is there is replaced.</summary>
    [Parameter(ParameterSetName = SafetySet)]
    [ValidateNotNullOrEmpty]
    public string? Sarif { get; set; }

    /// <summary>Runs what is pending on the specimen (the one tenant given, else specimen of the project file), rolls it back, and gives for each statement the locks that it really took, the tables that it wrote anew, and those that it read from end to end. It takes these locks meanwhile; concurrent forms run as plain ones, and RanAs says so.</summary>
    [Parameter(ParameterSetName = SafetySet)]
    public SwitchParameter Trace { get; set; }

    /// <summary>Runs every revision of the tenants' scope, or those of -Revision, up, down and up again on a scratch schema, of which nothing is left: down must give what was before, up again what was after the first time. One object a revision, an error for each that does not. The scratch schema stands for the one tenant given, else for a made-up one in the default database.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ProveSet)]
    public SwitchParameter Prove { get; set; }

    private async Task ProveAsync(Fleet fleet, PipelinePump pump, CancellationToken token)
    {
        var nodes = await SelectRevisionsAsync(fleet, pump).ConfigureAwait(false);
        var specimen = IsSelective ? await FindSpecimenAsync(fleet, pump, token).ConfigureAwait(false) : null;
        var results = await fleet.ProveAsync(nodes, specimen, RunArguments.Read(Argument), new PipelineLog(pump, this, "Prove"), token).ConfigureAwait(false);
        await pump.SendAsync(() =>
        {
            foreach (var result in results)
            {
                WriteObject(result);
                if (result.Failure is not null)
                {
                    WriteError(ErrorRecords.From(result.Failure, result));
                }
                else if (result.Status == ProofStatus.Differs)
                {
                    WriteError(ErrorRecords.From(
                        new TenancyException(
                            "ProofFailed",
                            $"Revision {result.Revision} ({result.Manifest}): {result.Message} {string.Join("; ", result.Differences.Take(3))}{(result.Differences.Length > 3 ? $"; … and {result.Differences.Length - 3} more" : "")}",
                            "Correct its 'down', or write down: {irreversible: why}."),
                        result));
                }
            }
        }).ConfigureAwait(false);
    }

    private async Task JudgeAsync(Fleet fleet, PipelinePump pump, CancellationToken token)
    {
        var log = new PipelineLog(pump, this, "Test");
        var report = await FindAsync(fleet, pump, log, token).ConfigureAwait(false);
        if (Sarif is not null)
        {
            SarifLog.Write(SessionState.Path.GetUnresolvedProviderPathFromPSPath(Sarif), report.Findings, SessionState.Path.CurrentFileSystemLocation.ProviderPath);
        }

        foreach (var finding in report.Findings.Where(finding => IncludeSuppressed || !finding.IsSuppressed))
        {
            await pump.SendAsync(() => WriteObject(finding)).ConfigureAwait(false);
        }

        await pump.SendAsync(() =>
        {
            foreach (var (tenant, error) in report.Faults)
            {
                WriteError(ErrorRecords.From(error, tenant));
            }
        }).ConfigureAwait(false);
        if (Trace)
        {
            await TraceAsync(fleet, pump, log, token).ConfigureAwait(false);
        }

        if (FailOn != "None" && SafetySeverity.Rank(report.Gravest) >= SafetySeverity.Rank(FailOn))
        {
            await pump.SendAsync(() => WriteError(ErrorRecords.From(Unsafe(report, FailOn), target: null))).ConfigureAwait(false);
        }
    }

    private async Task<SafetyReport> FindAsync(Fleet fleet, PipelinePump pump, PipelineLog log, CancellationToken token)
    {
        if (Offline || Revision.Length > 0)
        {
            var nodes = await SelectRevisionsAsync(fleet, pump).ConfigureAwait(false);
            return await fleet.JudgeAsync(nodes, Offline ? null : await SelectOrAllAsync(fleet, pump, token).ConfigureAwait(false), log, token).ConfigureAwait(false);
        }

        return await fleet.JudgeAsync(await SelectOrAllAsync(fleet, pump, token).ConfigureAwait(false), MakeRequest(), log, token).ConfigureAwait(false);
    }

    private async Task<List<RevisionNode>> SelectRevisionsAsync(Fleet fleet, PipelinePump pump)
    {
        var selection = new RevisionSelection(fleet.Revisions, new() { Names = [.. Revision], Scope = ChosenScope() });
        List<RevisionNode> nodes = [.. selection.Select()];
        await pump.SendAsync(() =>
        {
            foreach (var (name, error) in selection.Faults)
            {
                WriteError(ErrorRecords.From(error, name));
            }
        }).ConfigureAwait(false);
        return nodes;
    }

    private async Task TraceAsync(Fleet fleet, PipelinePump pump, PipelineLog log, CancellationToken token)
    {
        var specimen = await FindSpecimenAsync(fleet, pump, token).ConfigureAwait(false);
        var (statements, failure, left) = await fleet.TraceAsync(specimen, MakeRequest(), log, token).ConfigureAwait(false);
        await pump.SendAsync(() =>
        {
            WriteObject(statements, enumerateCollection: true);
            foreach (var note in left)
            {
                WriteWarning($"Not run: {note}");
            }

            if (failure is not null)
            {
                WriteError(ErrorRecords.From(failure, specimen));
            }
            else if (statements.Count == 0)
            {
                WriteWarning($"Nothing is pending on {PrintableText.Line(specimen.Name)}, so nothing was run.");
            }
        }).ConfigureAwait(false);
    }

    private async Task<Tenant> FindSpecimenAsync(Fleet fleet, PipelinePump pump, CancellationToken token)
    {
        var given = await SelectOrAllAsync(fleet, pump, token).ConfigureAwait(false);
        return given.Count == 1 ? given[0]
            : fleet.Project.Specimen is { } name ? (await MakeSelection(fleet, pump).SelectAsync([TenantFields.OfName(name)], mustExist: true, token).ConfigureAwait(false))[0]
            : throw new TenancyException(
                "SpecimenUnknown",
                given.Count == 0 ? "There is no tenant to run anything on." : $"There are {given.Count} tenants, and nobody has said which of them stands for all.",
                "Give one tenant, or name it with 'specimen' in the project file.");
    }

    private MigrationRequest MakeRequest() => new()
    {
        To = To,
        Scope = ChosenScope(),
        Transaction = Enum.Parse<TransactionMode>(Transaction, ignoreCase: true),
        Arguments = RunArguments.Read(Argument),
        RunId = Guid.NewGuid(),
    };

    private MigrationScope? ChosenScope() => Scope is null ? null : Enum.Parse<MigrationScope>(Scope, ignoreCase: true);

    private static TenancyException Unsafe(SafetyReport report, string failOn)
    {
        var grave = report.Findings.Where(finding => !finding.IsSuppressed && SafetySeverity.Rank(finding.Severity) >= SafetySeverity.Rank(failOn)).ToList();
        return new(
            "UnsafeMigration",
            $"{grave.Count} {(grave.Count == 1 ? "finding is" : "findings are")} as grave as {failOn} or more: {string.Join(", ", grave.Select(static finding => $"{finding.Rule} ({Path.GetFileName(finding.Manifest)}:{finding.Line})").Distinct().Take(3))}{(grave.Count > 3 ? ", …" : "")}.",
            "SafeWay of each finding says how to write it; what is meant is suppressed in the manifest, with a reason.");
    }
}
