using System.Management.Automation;
using Tenancy.Core.Planning;
using Tenancy.Core.Revisions;
using Tenancy.Model;
using TenancyMigrate.Completion;

namespace TenancyMigrate.Cmdlets;

/// <summary>Brings tenants to the latest revision, or to another one further up.</summary>
/// <remarks>
/// <para>Each tenant ends with one result object, as soon as it is done; a tenant that fails is rolled back, gives a result with Status Failed and an error, and does not stop the others. Results can be piped back in. Pending shared revisions run first; their results have Scope shared.</para>
/// <para>Running twice is safe: the history tables say what each tenant has. Ctrl+C cancels the running statement, rolls back and lets go of all locks before the prompt returns.</para>
/// <para>What passes by itself (a lock timeout, a deadlock, a serialization failure, too many connections, a lost connection) is tried again, -MaxRetries times with growing pauses. A tenant that waits goes behind all others, which go on. The last error of a lock says who blocked: process, application, age of its transaction, statement.</para>
/// <para>Several runs may work on one fleet at once, on whatever machines: each revision of a tenant is done by one of them. A tenant that another run brought to where this one was to has the Status TakenElsewhere, and TakenBy is that run; it is no failure. What a run that died leaves is done by the others.</para>
/// <para>With -Transaction AllTenants each plan is first rehearsed on one tenant and rolled back. That tells the locks that all need, which must fit into the server's lock table, and how long the first tenant will be blocked, which a warning says. Steps outside a transaction are refused. Over several databases each commits when all are done; that is not atomic, and the results say what happened where.</para>
/// <para>With -Rehearse everything is run and rolled back: one MigrationRehearsal a tenant says whether it would fail and why, how long it took, and which locks it held. It takes these locks: on production choose a quiet hour, or a few tenants with -Sample. docs/rehearsal.md says what one transaction cannot rehearse.</para>
/// <para>Limits (-FailurePolicy, -MaxFailures, -Until, -TimeBudget, -MaxReplicaLag) and rings (-Rollout, -RingLabel) keep new tenants from being started; what runs ends. Every tenant that was not reached has a result with Status Incomplete that says why, and can be piped back in. With -Transaction AllTenants they make no sense and are refused.</para>
/// <para>In an unattended job use -FailOnError: an error of one tenant alone does not fail a script. With -ErrorAction Stop the first error would end the run.</para>
/// <para>Tenants in many databases, on many servers, are worked on side by side, as far as -ThrottleLimit and -ServerThrottleLimit allow. A database or a server that cannot be worked on fails only its tenants.</para>
/// </remarks>
/// <example>
/// <para>Bring every tenant of the project to the latest revision.</para>
/// <code>Get-Tenant | Invoke-TenantMigration</code>
/// </example>
/// <example>
/// <para>See the SQL that two tenants would get. Nothing is written, not even to the history tables.</para>
/// <code>Invoke-TenantMigration -Tenant acme, globex -WhatIf | Select-Object -ExpandProperty Steps</code>
/// </example>
/// <example>
/// <para>Run again what failed, up to a certain revision.</para>
/// <code>
/// $results = Get-Tenant | Invoke-TenantMigration -To 7c1e
/// $results | Where-Object Status -eq Failed | Invoke-TenantMigration -To 7c1e
/// </code>
/// </example>
/// <example>
/// <para>In a window of two hours: nothing is started that would not end in it, or while a standby is more than 10 s behind; after more than 5 % failures nothing new is started. What was left is run later.</para>
/// <code>
/// $results = Get-Tenant | Invoke-TenantMigration -TimeBudget 2h -MaxReplicaLag 10s -MaxFailures 5%
/// $results | Where-Object Status -in Failed, Incomplete | Invoke-TenantMigration
/// </code>
/// </example>
/// <example>
/// <para>In rings: the canary first, then the others, as rollout.yaml says. If the run is stopped, or a ring fails, it is gone on with later, also from elsewhere.</para>
/// <code>
/// $results = Get-Tenant | Invoke-TenantMigration -Rollout rollout.yaml
/// Invoke-TenantMigration -Resume $results[0].RunId
/// </code>
/// </example>
/// <example>
/// <para>Without the rollout that the project file names: all tenants at once.</para>
/// <code>Get-Tenant | Invoke-TenantMigration -NoRollout</code>
/// </example>
/// <example>
/// <para>All tenants or none: if one fails, none is changed.</para>
/// <code>Get-Tenant | Invoke-TenantMigration -Transaction AllTenants</code>
/// </example>
/// <example>
/// <para>Find the tenants whose data would break the new revisions, before anything is changed.</para>
/// <code>Get-Tenant | Invoke-TenantMigration -Rehearse | Where-Object Status -ne Rehearsed</code>
/// </example>
/// <example>
/// <para>Rehearse five tenants that stand for all, and see the locks that they would hold.</para>
/// <code>Invoke-TenantMigration -Rehearse -Sample 5 | Select-Object -ExpandProperty Locks</code>
/// </example>
/// <example>
/// <para>An unattended job: a summary at the end, and an exit code that says whether any tenant failed.</para>
/// <code>Get-Tenant | Invoke-TenantMigration -Summary -FailOnError</code>
/// </example>
[Cmdlet(VerbsLifecycle.Invoke, "TenantMigration", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(MigrationResult), typeof(MigrationPlan), typeof(MigrationRehearsal), typeof(MigrationSummary))]
public sealed class InvokeTenantMigrationCommand : MigrationCmdlet
{
    /// <summary>Where to: a revision or its first characters, a branch label, head (default), heads, or +N for N revisions further.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(RevisionCompleter))]
    public string? To { get; set; }

    /// <summary>Works on all tenants at once though the project file names a rollout. Without it, and without -Rollout or -RingLabel, the rings of that file are used; never with -Resume, -Scope Shared, -Transaction AllTenants and -Rehearse.</summary>
    [Parameter]
    public SwitchParameter NoRollout { get; set; }

    /// <summary>The run to go on with, by its RunId: its tenants, target, rings and arguments. Rings that are done are not repeated, of a soak the rest is waited for, failed tenants and those that were not reached are worked on. Refused where the manifests are others than when it began. Secret arguments must be given again.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(RunCompleter))]
    public Guid Resume { get; set; }

    private protected override bool LeavesRolloutOut => NoRollout;

    /// <inheritdoc/>
    protected override void EndProcessing() =>
        Migrate(new MigrationRequest { Direction = RevisionDirection.Up, To = To }, IsBound(nameof(Resume)) ? $"Go on with run {Resume}:" : To is null ? "Migrate" : $"Migrate to '{To}'", Resume);
}
