using System.Globalization;
using System.Management.Automation;
using Tenancy.Core.Planning;
using Tenancy.Core.Revisions;
using Tenancy.Model;
using TenancyMigrate.Completion;

namespace TenancyMigrate.Cmdlets;

/// <summary>Undoes revisions of tenants.</summary>
/// <remarks>
/// <para>Tenants only, unless -Scope Shared says otherwise; a shared revision is not undone while a tenant has a revision that depends on it. A revision that its manifest declares irreversible is not undone: the tenant fails with the reason, before anything runs on it.</para>
/// </remarks>
/// <example>
/// <para>Undo the last revision of one tenant.</para>
/// <code>Undo-TenantMigration -Tenant acme -Steps 1</code>
/// </example>
/// <example>
/// <para>See what going back to a revision would do to every tenant, then do it.</para>
/// <code>
/// Get-Tenant | Undo-TenantMigration -To 3fa9 -WhatIf
/// Get-Tenant | Undo-TenantMigration -To 3fa9
/// </code>
/// </example>
/// <example>
/// <para>Undo the last revision of all tenants, or of none if one fails.</para>
/// <code>Get-Tenant | Undo-TenantMigration -Steps 1 -Transaction AllTenants</code>
/// </example>
[Cmdlet(VerbsCommon.Undo, "TenantMigration", DefaultParameterSetName = ToSet, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(MigrationResult), typeof(MigrationPlan), typeof(MigrationRehearsal), typeof(MigrationSummary))]
public sealed class UndoTenantMigrationCommand : MigrationCmdlet
{
    private const string ToSet = "To";
    private const string StepsSet = "Steps";
    private const string ResumeSet = "Resume";

    /// <summary>The revision to go back to, which stays applied: its id or the first characters of it, a branch label, or base for none.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ToSet)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(RevisionCompleter))]
    public string? To { get; set; }

    /// <summary>How many revisions to undo, counted within the scope.</summary>
    [Parameter(Mandatory = true, ParameterSetName = StepsSet)]
    [ValidateRange(1, int.MaxValue)]
    public int Steps { get; set; }

    /// <summary>The run to go on with, by its RunId, as with Invoke-TenantMigration. A run with -Steps cannot be gone on with: pipe its results back in.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ResumeSet)]
    [ArgumentCompleter(typeof(RunCompleter))]
    public Guid Resume { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        var action = ParameterSetName switch
        {
            ToSet => $"Go back to '{To}':",
            ResumeSet => $"Go on with run {Resume}:",
            _ => string.Create(CultureInfo.InvariantCulture, $"Undo {Steps} revision{(Steps == 1 ? "" : "s")} of"),
        };
        Migrate(new MigrationRequest { Direction = RevisionDirection.Down, To = To, Steps = ParameterSetName == StepsSet ? Steps : null }, action, Resume);
    }
}
