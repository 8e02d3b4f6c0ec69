using System.Management.Automation;
using Tenancy.Core;
using Tenancy.Core.Execution;
using Tenancy.Core.Execution.Reports;
using Tenancy.Core.Planning;
using Tenancy.Model;
using TenancyMigrate.Pipeline;

namespace TenancyMigrate.Cmdlets;

/// <content>Trying a run.</content>
public abstract partial class MigrationCmdlet
{
    /// <summary>Runs everything and rolls it back: says which tenants would fail and why, how long each takes, and which locks it holds. Nothing is kept, in the history neither, but the locks are taken meanwhile. Concurrent forms run as plain ones, which keep writers out longer; the results say so.</summary>
    [Parameter]
    public SwitchParameter Rehearse { get; set; }

    /// <summary>With -Rehearse: how many tenants that have something to do stand for all. Each distinct plan has one first; within a plan small and large tenants are chosen. The same tenants each time.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int Sample { get; set; }

    private void EnsureSampleMeansSomething()
    {
        if (Sample > 0 && !Rehearse)
        {
            ThrowTerminatingError(ErrorRecords.From(new TenancyException("SampleWithoutRehearse", "-Sample says how many tenants are rehearsed, and this is no rehearsal: a run is of all tenants given.", "Add -Rehearse, or give fewer tenants."), Sample));
        }
    }

    private async Task RehearseAsync(Fleet fleet, List<Tenant> tenants, MigrationRequest request, RunSummary summary, PipelinePump pump, PipelineLog log, CancellationToken token)
    {
        var errors = new CommonErrors(this);
        await foreach (var result in fleet.RehearseAsync(tenants, request, Sample == 0 ? null : Sample, log, token).ConfigureAwait(false))
        {
            summary.Add(new() { Name = result.Name, Database = result.Database, Server = result.Server, Status = result.Status, Seconds = result.Seconds, Failure = result.Failure });
            await pump.SendAsync(() => errors.Write(result, result.Name, result.Failure)).ConfigureAwait(false);
        }

        await EndAsync(errors, summary, pump).ConfigureAwait(false);
    }
}
