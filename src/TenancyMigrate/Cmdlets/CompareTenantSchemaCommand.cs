using System.Collections;
using System.Management.Automation;
using Tenancy.Core;
using Tenancy.Core.Authoring;
using Tenancy.Core.Catalog.Drift;
using Tenancy.Model;
using TenancyMigrate.Completion;
using TenancyMigrate.Pipeline;
using TenancyMigrate.Tenants;

namespace TenancyMigrate.Cmdlets;

/// <summary>Finds tenants whose schema is not what their revision says: changed by hand, by another tool, half restored.</summary>
/// <remarks>
/// <para>Gives one object for each tenant, with Status Equal or Drifted, its shape, and in Differences what differs, object by object. Tenants of one shape have the same Shape, whatever their names; -Summary gives one object for each shape instead.</para>
/// <para>What is expected comes from the manifests: they are replayed, up to the revisions that the history has each tenant at, in a scratch schema that is rolled back, so the role needs CREATE on the database. On a standby, -DirectServer names the primary, where that is done. With -Reference all are compared with one tenant instead, and nothing is made anywhere.</para>
/// <para>-Repair writes a manifest for each shape that has drifted, and shows its revision: one that brings these tenants back, proved on a copy of the first of them, and that is only recorded on all others. Read it, then run Invoke-TenantMigration. The tenants must be at the latest revision.</para>
/// <para>Of tenants, only catalogs are read, in short transactions: no run is kept waiting. A tenant that a run changes meanwhile is looked at again; its Status is never Drifted for that. What else a Status may be: Missing and Recreated schemas, tenants InProgress and of NoHistory, as in docs/drift.md. Grants and owners belong to a shape, the order of columns does not.</para>
/// </remarks>
/// <example>
/// <para>Which tenants have drifted, and how?</para>
/// <code>Compare-TenantSchema | Where-Object Status -eq Drifted | Format-List</code>
/// </example>
/// <example>
/// <para>How many shapes are there? One object each, with its differences.</para>
/// <code>Compare-TenantSchema -Summary</code>
/// </example>
/// <example>
/// <para>Every difference as a line of its own.</para>
/// <code>Compare-TenantSchema -Summary | Select-Object Count, Shape -ExpandProperty Differences</code>
/// </example>
/// <example>
/// <para>The table of another tool, and who may do what, do not count.</para>
/// <code>Compare-TenantSchema -Exclude table:alembic_version, grants</code>
/// </example>
/// <example>
/// <para>Compare two tenants, whatever the history says.</para>
/// <code>Compare-TenantSchema globex -Reference acme</code>
/// </example>
/// <example>
/// <para>Write the manifest that mends what was changed by hand, and look at what it would do.</para>
/// <code>
/// Compare-TenantSchema -Repair
/// Invoke-TenantMigration -WhatIf
/// </code>
/// </example>
[Cmdlet(VerbsData.Compare, "TenantSchema", DefaultParameterSetName = "Tenant", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(SchemaComparison), typeof(SchemaShape), typeof(Revision))]
public sealed class CompareTenantSchemaCommand : TenantCmdlet
{
    /// <summary>The tenant that all are to be like, in any database: what Get-Tenant gives, or a name. Default: what the manifests say.</summary>
    [Parameter]
    [TenantTransformation]
    [ValidateCount(1, 1)]
    [ArgumentCompleter(typeof(TenantCompleter))]
    public Tenant[]? Reference { get; set; }

    /// <summary>What does not count: grants, owners, comments; a kind of objects, such as trigger; or one of them, such as table:alembic_version, with wildcards.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] Exclude { get; set; } = [];

    /// <summary>One object for each shape that tenants at the same revisions have, with their number and some of their names, instead of one for each tenant.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Summary")]
    public SwitchParameter Summary { get; set; }

    /// <summary>Writes a manifest for each shape that has drifted: it brings these tenants back to what is expected.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Repair")]
    public SwitchParameter Repair { get; set; }

    /// <summary>What the manifest does, in one line: its description, and its file's name. Default: what it changes.</summary>
    [Parameter(ParameterSetName = "Repair")]
    [ValidateNotNullOrEmpty]
    public string? Message { get; set; }

    /// <summary>What of the drift is a rename, from the name that the tenant has to the one that is expected: 'table:client->customer', or with the table's expected name 'column:customer.phone->fax'. Nothing is taken for a rename that is not named here, and where something looks like one nothing is written for that shape: with nothing behind the arrow, 'column:customer.phone->', it is none.</summary>
    [Parameter(ParameterSetName = "Repair")]
    [ValidateNotNullOrEmpty]
    public string[] Rename { get; set; } = [];

    /// <summary>A text file of such renames, one a line, as -Rename has them; renames and what is none. What follows a # is for people.</summary>
    [Parameter(ParameterSetName = "Repair")]
    [ValidateNotNullOrEmpty]
    public string? RenameFile { get; set; }

    /// <summary>Values for what manifests write as ${x.key}, by key, as the runs had them.</summary>
    [Parameter]
    [ValidateNotNull]
    public Hashtable Argument { get; set; } = [];

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (IsEmpty)
        {
            return;
        }

        PipelineLog? log = null;
        try
        {
            RunWithFleet(async (fleet, pump, token) =>
            {
                log = new PipelineLog(pump, this, "Compare");
                await CompareAsync(fleet, pump, log, token).ConfigureAwait(false);
            });
        }
        finally
        {
            log?.Complete();
        }
    }

    private async Task CompareAsync(Fleet fleet, PipelinePump pump, PipelineLog log, CancellationToken token)
    {
        var tenants = await SelectOrAllAsync(fleet, pump, token).ConfigureAwait(false);
        var reference = Reference is null ? [] : await MakeSelection(fleet, pump).SelectAsync(Reference, mustExist: true, token).ConfigureAwait(false);
        if (Reference is not null && reference.Count != 1)
        {
            // A name that nothing has was told already.
            return;
        }

        var request = new ComparisonRequest { Reference = reference.Count == 0 ? null : reference[0], Arguments = RunArguments.Read(Argument), Excluded = [.. Exclude] };
        if (Repair)
        {
            await RepairAsync(fleet, tenants, request, pump, log, token).ConfigureAwait(false);
            return;
        }

        if (Summary)
        {
            foreach (var shape in await fleet.SummarizeSchemasAsync(tenants, request, log, token).ConfigureAwait(false))
            {
                await pump.SendAsync(() => WriteObject(shape)).ConfigureAwait(false);
            }

            return;
        }

        await foreach (var comparison in fleet.CompareSchemasAsync(tenants, request, log, token).ConfigureAwait(false))
        {
            await pump.SendAsync(() => this.WriteResult(comparison, comparison.Failure)).ConfigureAwait(false);
        }
    }

    private async Task RepairAsync(Fleet fleet, List<Tenant> tenants, ComparisonRequest request, PipelinePump pump, PipelineLog log, CancellationToken token)
    {
        var renames = new RepairRenames(RenameParameters.Read(this, Rename, RenameFile));
        var failures = 0;
        var drifted = await fleet.FindDriftAsync(tenants, request, log, failed => pump.SendAsync(() => WriteError(ErrorRecords.From(failed.Failure!, failed))), token).ConfigureAwait(false);
        foreach (var shape in drifted)
        {
            try
            {
                var (result, manifest) = await fleet.MakeRepairAsync(shape, request, new() { Message = Message }, renames, log, token).ConfigureAwait(false);
                foreach (var note in Warnings(result))
                {
                    await pump.SendAsync(() => WriteWarning($"{shape}: {note}")).ConfigureAwait(false);
                }

                if (manifest is not null)
                {
                    await pump.SendAsync(() => Write(manifest, shape)).ConfigureAwait(false);
                }
            }
            catch (TenancyException error)
            {
                failures++;
                await pump.SendAsync(() => WriteError(ErrorRecords.From(error, shape.Tenants[0]))).ConfigureAwait(false);
            }
        }

        foreach (var rename in failures == 0 ? renames.Left : [])
        {
            var error = new TenancyException("RenameNotFound", $"The rename {rename} fits no tenant that has drifted.", "A rename is from the name that the tenant has to the one that is expected; a part of a table is named by the table's expected name.");
            await pump.SendAsync(() => WriteError(ErrorRecords.From(error, rename))).ConfigureAwait(false);
        }
    }

    private static IEnumerable<string> Warnings(GeneratedMigration result) =>
    [
        .. result.Notes,
        .. result.Inexpressible.Select(static left => $"Not in the manifest: {left}"),
        .. result.DataLosses,
    ];

    private void Write(NewManifest manifest, DriftedShape shape)
    {
        if (ShouldProcess(manifest.Path, $"Write the manifest that repairs {shape}"))
        {
            manifest.Write();
            WriteObject(manifest.Node.Describe());
        }
    }
}
