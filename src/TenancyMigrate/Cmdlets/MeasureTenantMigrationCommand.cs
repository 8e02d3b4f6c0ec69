using System.Collections;
using System.Management.Automation;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Revisions;
using Tenancy.Model;
using TenancyMigrate.Completion;
using TenancyMigrate.Pipeline;
using TenancyMigrate.Tenants;

namespace TenancyMigrate.Cmdlets;

/// <summary>Estimates how long a run over all tenants will take, from a few that are rehearsed.</summary>
/// <remarks>
/// <para>A sample is run and rolled back, as with Invoke-TenantMigration -Rehearse, as many tenants at once as -ThrottleLimit says, so that the times are those of such a run. It takes the locks that the run would take. One object comes of it: seconds with a range, and in Plans, for each distinct plan, how many tenants need it, their times, locks and slowest statements, and how the figure was computed. Where the sample shows that time grows with the size of the tables, the sizes of all tenants count.</para>
/// <para>Tenants of the sample that would fail give an error each, and are in Rehearsals; their times do not count.</para>
/// </remarks>
/// <example>
/// <para>How long will it take, four tenants at once?</para>
/// <code>Get-Tenant | Measure-TenantMigration -ThrottleLimit 4</code>
/// </example>
/// <example>
/// <para>Which statements are slow, and which locks are held how long?</para>
/// <code>
/// $estimate = Measure-TenantMigration -Sample 20
/// $estimate.Plans | ForEach-Object { $_.Statements | Select-Object -First 3; $_.Locks }
/// </code>
/// </example>
[Cmdlet(VerbsDiagnostic.Measure, "TenantMigration")]
[OutputType(typeof(MigrationEstimate))]
public sealed class MeasureTenantMigrationCommand : TenantCmdlet
{
    /// <summary>Where to: a revision or its first characters, a branch label, head (default), heads, or +N for N revisions further.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(RevisionCompleter))]
    public string? To { get; set; }

    /// <summary>How many tenants are rehearsed. Default: 10. Each distinct plan has one first; within a plan small and large tenants are chosen.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int Sample { get; set; } = 10;

    /// <summary>How much commits together, in the run that is estimated: PerRevision (default) or PerTenant. It decides how long locks are held.</summary>
    [Parameter]
    [ValidateSet("PerRevision", "PerTenant")]
    public string Transaction { get; set; } = "PerRevision";

    /// <summary>Tenant or Shared: only revisions of that scope. Default: both.</summary>
    [Parameter]
    [ValidateSet("Tenant", "Shared")]
    public string? Scope { get; set; }

    /// <summary>Values for what manifests write as ${x.key}, by key: @{prefix = 'R'}. One that a manifest declares secret is never shown.</summary>
    [Parameter]
    [ValidateNotNull]
    public Hashtable Argument { get; set; } = [];

    /// <summary>How many tenants of a database at once, in the sample and in the run that is estimated. Default: that of Invoke-TenantMigration, from the server's cores and free connections.</summary>
    [Parameter]
    [ValidateRange(1, 1000)]
    public int ThrottleLimit { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (IsEmpty)
        {
            return;
        }

        var request = new MigrationRequest
        {
            Direction = RevisionDirection.Up,
            To = To,
            Scope = Scope is null ? null : Enum.Parse<MigrationScope>(Scope, ignoreCase: true),
            Transaction = Enum.Parse<TransactionMode>(Transaction, ignoreCase: true),
            ThrottleLimit = ThrottleLimit,
            RunId = Guid.NewGuid(),
            Arguments = RunArguments.Read(Argument),
        };
        PipelineLog? log = null;
        try
        {
            RunWithFleet(async (fleet, pump, token) =>
            {
                var tenants = await SelectOrAllAsync(fleet, pump, token).ConfigureAwait(false);
                log = new PipelineLog(pump, this, "Measure");
                var estimate = await fleet.MeasureAsync(tenants, request, Sample, log, token).ConfigureAwait(false);
                await pump.SendAsync(() => WriteObject(estimate)).ConfigureAwait(false);
                var errors = new CommonErrors(this);
                foreach (var rehearsal in estimate.Rehearsals)
                {
                    await pump.SendAsync(() => errors.WriteFailure(rehearsal, rehearsal.Name, rehearsal.Failure)).ConfigureAwait(false);
                }

                await pump.SendAsync(errors.Complete).ConfigureAwait(false);
            });
        }
        finally
        {
            log?.Complete();
        }
    }
}
