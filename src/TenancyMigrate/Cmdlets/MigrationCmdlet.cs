using System.Collections;
using System.Management.Automation;
using Tenancy.Core;
using Tenancy.Core.Execution;
using Tenancy.Core.Execution.Reports;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Model;
using TenancyMigrate.Pipeline;
using TenancyMigrate.Tenants;

namespace TenancyMigrate.Cmdlets;

/// <summary>A cmdlet that runs revisions, up or down. Not for scripts.</summary>
public abstract partial class MigrationCmdlet : TenantCmdlet
{
    private const int MostNames = 10;

    private bool isPlanOnly;

    /// <summary>How much commits together: PerRevision, each revision by itself (default); PerTenant, all pending revisions of a tenant, except where PostgreSQL demands a commit between; AllTenants, all tenants of a database in one transaction, so that one failure rolls back all of them.</summary>
    [Parameter]
    [ValidateSet("PerRevision", "PerTenant", "AllTenants")]
    public string Transaction { get; set; } = "PerRevision";

    /// <summary>Tenant or Shared: only revisions of that scope. Default: on the way up both, on the way down tenants.</summary>
    [Parameter]
    [ValidateSet("Tenant", "Shared")]
    public string? Scope { get; set; }

    /// <summary>Values for what manifests write as ${x.key}, by key: @{prefix = 'R'}. One that a manifest declares secret is never shown.</summary>
    [Parameter]
    [ValidateNotNull]
    public Hashtable Argument { get; set; } = [];

    /// <summary>How many tenants of a database are worked on at once, at the most; 1 keeps the order of a database's results. Default: two for each core where the server is on this machine (at most 16), 8 where it is elsewhere, 4 behind a connection pooler, but no more than half of the server's free connections; -Verbose tells what was chosen. What locks tables that all tenants use (what manifests declare under touches) is done for one tenant after another all the same. With -Transaction AllTenants it has no meaning.</summary>
    [Parameter]
    [ValidateRange(1, 1000)]
    public int ThrottleLimit { get; set; }

    /// <summary>How many tenants of a server are worked on at once, over all its databases, at the most. Default: as many as -ThrottleLimit has, or would have by default if that is more. Servers are worked on side by side.</summary>
    [Parameter]
    [ValidateRange(1, 10000)]
    public int ServerThrottleLimit { get; set; }

    /// <summary>Leaves the system catalogs and the history tables that a large run has bloated to autovacuum. Without it they are vacuumed and analysed when the work on their server is done, as far as the role may; -Verbose tells.</summary>
    [Parameter]
    public SwitchParameter SkipVacuum { get; set; }

    /// <summary>Gives one more object after all results: a summary of the run, with its id, the number of tenants by status and by error, and the slowest of them.</summary>
    [Parameter]
    public SwitchParameter Summary { get; set; }

    /// <summary>Ends with an error that ends the script too if any tenant failed, when all results and the summary have been given: pwsh ends with exit code 1, a job of Azure Automation as failed. It counts as a throw: try and catch see it, -ErrorAction has no part in it. With -WhatIf: if any cannot be planned for.</summary>
    [Parameter]
    public SwitchParameter FailOnError { get; set; }

    /// <summary>When what is committed is safe from a crash of the server. Run (default): at the end, when one commit a server waits for the disk, and the results' Durable becomes true; a crash before it may take back the last tenants, history included, and running again does them again. Each: with each commit, as -Transaction AllTenants does always.</summary>
    [Parameter]
    [ValidateSet("Run", "Each")]
    public string Durability { get; set; } = "Run";

    /// <summary>How often a tenant's transaction is tried again, without progress between, after a lock timeout, a deadlock, a serialization failure, too many connections or a lost connection; 0 for never. Default: retries.max of the project, which is 5 unless set. The pauses grow; a tenant that waits goes behind the others, which go on. With -Transaction AllTenants it has no meaning.</summary>
    [Parameter]
    [ValidateRange(0, 1000)]
    public int? MaxRetries { get; set; }

    /// <summary>Asks, plans or runs.</summary>
    /// <param name="request">What to do; scope, transaction, limits and arguments are filled in here.</param>
    /// <param name="action">What is done to a tenant, for the question.</param>
    /// <param name="run">The run to go on with, where -Resume is given.</param>
    private protected void Migrate(MigrationRequest request, string action, Guid run)
    {
        // An id that is empty is no run, and must not begin one.
        var isResumed = IsBound("Resume");
        if (IsEmpty)
        {
            if (Summary)
            {
                WriteObject(new RunSummary(request).Describe());
            }

            return;
        }

        EnsureSampleMeansSomething();
        action = Rehearse ? $"Rehearse: {action}" : action;
        if (isResumed)
        {
            SetUp(() =>
            {
                EnsureResumes();
                return true;
            });
        }

        request = SetUp(() => WithPolicy(request)) with
        {
            Scope = Scope is null ? null : Enum.Parse<MigrationScope>(Scope, ignoreCase: true),
            Transaction = Enum.Parse<TransactionMode>(Transaction, ignoreCase: true),
            ThrottleLimit = ThrottleLimit,
            Durability = Enum.Parse<Durability>(Durability, ignoreCase: true),
            MaxRetries = MaxRetries,
            ServerThrottleLimit = ServerThrottleLimit,
            SkipVacuum = SkipVacuum,
            RunId = Guid.NewGuid(),
            Arguments = RunArguments.Read(Argument),
        };
        var rollout = Rollout is null ? null : SetUp(() => RolloutReader.Read(SessionState.Path.GetUnresolvedProviderPathFromPSPath(Rollout)));
        PipelineLog? log = null;
        var summary = new RunSummary(request);
        try
        {
            RunWithFleet(async (fleet, pump, token) =>
            {
                List<Tenant> tenants;
                if (!isResumed)
                {
                    if (rollout is null && (rollout = OwnRollout(fleet.Project, request)) is not null)
                    {
                        pump.Post(() => WriteVerbose($"In the rings of {rollout.Path}, as 'rollout' in {fleet.Project.Path} says; -NoRollout leaves them out."));
                    }

                    tenants = await SelectOrAllAsync(fleet, pump, token).ConfigureAwait(false);
                    request = request with { Rollout = RingLabel is null ? rollout : Tenancy.Core.Rollouts.Rollout.OfLabel(RingLabel, tenants) };
                }
                else
                {
                    var stopped = await fleet.FindRunAsync(run, request.Direction, request.Arguments, rollout, token).ConfigureAwait(false);
                    tenants = [.. stopped.Tenants];
                    if (stopped.Removed is { Count: > 0 and var count } gone)
                    {
                        var names = string.Join(", ", gone.Take(MostNames).Select(static tenant => tenant.Name)) + (count > MostNames ? $" and {count - MostNames} more" : "");
                        await pump.SendAsync(() => WriteWarning($"Left out, because removed since the run began: {names}.")).ConfigureAwait(false);
                    }

                    request = request.GoOnWith(stopped.Request);
                    summary = new(request);
                }

                var agreed = await pump.AskAsync(() => Agree(tenants, action)).ConfigureAwait(false);
                if (isPlanOnly)
                {
                    await PlanAsync(fleet, tenants, request, summary, pump, token).ConfigureAwait(false);
                }
                else if (agreed is not null)
                {
                    log = new PipelineLog(pump, this, action);
                    await (Rehearse ? RehearseAsync(fleet, agreed, request, summary, pump, log, token) : MigrateAsync(fleet, agreed, request, summary, pump, log, token)).ConfigureAwait(false);
                }
                else if (tenants.Count == 0)
                {
                    await WriteSummaryAsync(summary, pump).ConfigureAwait(false);
                }
            });
        }
        finally
        {
            log?.Complete();
        }

        if (FailOnError && (summary.FailedCount + summary.IncompleteCount > 0 || HasFaults))
        {
            throw ErrorRecords.EndOfScript(summary.Describe());
        }
    }

    // Null where nothing is left to do.
    private List<Tenant>? Agree(List<Tenant> tenants, string action)
    {
        if (string.Equals(Scope, nameof(MigrationScope.Shared), StringComparison.OrdinalIgnoreCase))
        {
            return Agree($"{action} the shared schema") ? tenants : null;
        }

        var agreed = AgreeEach(tenants, what => Agree($"{action} {what}"));
        return agreed.Count > 0 ? agreed : null;
    }

    private bool Agree(string what)
    {
        var agreed = ShouldProcess(what, what + "?", "Tenant migration", out var reason);
        isPlanOnly |= reason.HasFlag(ShouldProcessReason.WhatIf);
        return agreed;
    }

    private async Task PlanAsync(Fleet fleet, List<Tenant> tenants, MigrationRequest request, RunSummary summary, PipelinePump pump, CancellationToken token)
    {
        var errors = new CommonErrors(this);
        await foreach (var plan in fleet.PlanAsync(tenants, request, token).ConfigureAwait(false))
        {
            summary.Add(new() { Name = plan.Name, Database = plan.Database, Server = plan.Server, Status = plan.Failure is null ? "Planned" : MigrationStatus.Failed, Failure = plan.Failure });
            await pump.SendAsync(() => errors.Write(plan, plan.Name, plan.Failure)).ConfigureAwait(false);
        }

        await pump.SendAsync(errors.Complete).ConfigureAwait(false);
        await WarnAsync(fleet, tenants, request, pump, token).ConfigureAwait(false);
    }

    private async Task MigrateAsync(Fleet fleet, List<Tenant> tenants, MigrationRequest request, RunSummary summary, PipelinePump pump, PipelineLog log, CancellationToken token)
    {
        var errors = new CommonErrors(this);
        try
        {
            await foreach (var result in fleet.MigrateAsync(tenants, request, log, token).ConfigureAwait(false))
            {
                summary.Add(result);
                await pump.SendAsync(() => errors.Write(result, result.Name, result.Failure)).ConfigureAwait(false);
            }
        }
        catch (TenancyException) when (summary.Count > 0)
        {
            // What the run as a whole ends with comes behind what it did.
            await EndAsync(errors, summary, pump).ConfigureAwait(false);
            throw;
        }

        await EndAsync(errors, summary, pump).ConfigureAwait(false);
    }

    private async Task EndAsync(CommonErrors errors, RunSummary summary, PipelinePump pump)
    {
        await pump.SendAsync(errors.Complete).ConfigureAwait(false);
        await WriteSummaryAsync(summary, pump).ConfigureAwait(false);
    }

    private Task WriteSummaryAsync(RunSummary summary, PipelinePump pump) => Summary ? pump.SendAsync(() => WriteObject(summary.Describe())) : Task.CompletedTask;
}
