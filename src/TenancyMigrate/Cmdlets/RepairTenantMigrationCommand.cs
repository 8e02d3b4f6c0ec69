using System.Collections;
using System.Management.Automation;
using Tenancy.Core;
using Tenancy.Core.Repairs;
using Tenancy.Model;
using TenancyMigrate.Pipeline;
using TenancyMigrate.Tenants;

namespace TenancyMigrate.Cmdlets;

/// <summary>Mends what the history says of tenants: changed checksums, rows that nothing answers to, steps whose run died.</summary>
/// <remarks>
/// <para>Gives one object for each thing that is wrong, with what is done about it and whether it was. -WhatIf gives the same objects and writes nothing; -Confirm asks before each. No table, and no row of a table, of a tenant is touched, but an invalid index that an interrupted build left is dropped, and an interrupted drop of one is finished.</para>
/// <para>Checksum: an applied revision's manifest has changed since. To repair it is to say that the change is one in form only: the new checksum goes into the history. Orphan: rows of schemas that are gone; a head that another head needs; a mark of a revision that is applied already. Step: a statement outside a transaction was started and its run died; it is marked as done where its work is there (a valid index that is the statement's, done_when), else its mark is cleared, and the next run does it again.</para>
/// <para>What cannot be mended so has Status Manual, and Action says what to do: a schema that was dropped and made again, or a revision that no manifest has, is for Set-TenantRevision.</para>
/// <para>Each tenant is worked on under its lock, where what was found is looked for again: what another run has changed meanwhile has Status Gone.</para>
/// </remarks>
/// <example>
/// <para>What is wrong, and what would be done about it.</para>
/// <code>Repair-TenantMigration -WhatIf</code>
/// </example>
/// <example>
/// <para>A comment was moved into a statement of an applied manifest, and nothing else: accept it for every tenant.</para>
/// <code>Get-TenantRevision | Where-Object Status -eq ChecksumMismatch | Repair-TenantMigration -Checksum</code>
/// </example>
/// <example>
/// <para>Forget tenants whose schemas are gone, asked one by one.</para>
/// <code>Repair-TenantMigration -Orphan -Confirm</code>
/// </example>
[Cmdlet(VerbsDiagnostic.Repair, "TenantMigration", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(RepairFinding))]
public sealed class RepairTenantMigrationCommand : TenantCmdlet
{
    /// <summary>Only this, and what else is named: applied revisions whose manifests have changed. Default: all kinds.</summary>
    [Parameter]
    public SwitchParameter Checksum { get; set; }

    /// <summary>Only this, and what else is named: rows of schemas that are gone, heads too many, marks of revisions that are not in progress.</summary>
    [Parameter]
    public SwitchParameter Orphan { get; set; }

    /// <summary>Only this, and what else is named: steps outside a transaction whose run died.</summary>
    [Parameter]
    public SwitchParameter Step { get; set; }

    /// <summary>Values for what an interrupted step and its done_when write as ${x.key}, by key, as the run had them.</summary>
    [Parameter]
    [ValidateNotNull]
    public Hashtable Argument { get; set; } = [];

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (!IsEmpty)
        {
            var kinds = (Checksum ? RepairKind.Checksum : 0) | (Orphan ? RepairKind.Orphan : 0) | (Step ? RepairKind.Step : 0);
            var request = new RepairRequest { Kinds = kinds == RepairKind.None ? RepairKind.All : kinds, Arguments = RunArguments.Read(Argument) };
            RunWithFleet((fleet, pump, token) => RepairAsync(fleet, request, pump, token));
        }
    }

    private async Task RepairAsync(Fleet fleet, RepairRequest request, PipelinePump pump, CancellationToken token)
    {
        var log = new PipelineLog(pump, this, "Repair");
        var selected = await SelectAsync(fleet, pump, token).ConfigureAwait(false);
        var tenants = selected ?? await SelectOrAllAsync(fleet, pump, token).ConfigureAwait(false);
        var findings = new List<RepairFinding>();
        await foreach (var finding in fleet.FindRepairsAsync(tenants, isWhole: selected is null, request, log, token).ConfigureAwait(false))
        {
            findings.Add(finding);
        }

        var agreed = await pump.AskAsync(() => findings.FindAll(Agree)).ConfigureAwait(false);
        foreach (var finding in findings.Except(agreed))
        {
            await pump.SendAsync(() => WriteObject(finding)).ConfigureAwait(false);
        }

        await foreach (var finding in fleet.RepairAsync(agreed, request, log, token).ConfigureAwait(false))
        {
            await pump.SendAsync(() => this.WriteResult(finding, finding.Failure)).ConfigureAwait(false);
        }
    }

    private bool Agree(RepairFinding finding) => finding.Status == RepairStatus.Found
        && ShouldProcess($"{finding.Description} {finding.Action}", $"{finding.Description} {finding.Action}", $"Repair {(finding.Scope == "shared" ? "shared schema" : "tenant")} '{finding.Name}'");
}
