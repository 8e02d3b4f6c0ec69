using System.Globalization;
using System.Management.Automation;
using Tenancy.Core;
using Tenancy.Model;
using TenancyMigrate.Pipeline;
using TenancyMigrate.Tenants;

namespace TenancyMigrate.Cmdlets;

/// <summary>Judges the statements of a run before it runs; or tests whether every tenant is at head.</summary>
/// <remarks>
/// <para>Without -Head each pending statement is judged by safety checks: locks held while a table is read or written anew, indexes built without CONCURRENTLY, what running code still uses, and so on; docs/safety.md has every rule. Reads only, a few queries a database. The tables of the tenants given decide how grave a finding is: one that is empty everywhere is a Note. SafeWay of a finding says how to write it.</para>
/// <para>A finding as grave as -FailOn gives one error after all, TenantMigration.UnsafeMigration.</para>
/// <para>With -Prove every revision goes up, down and up again on a scratch schema; one that does not come back gives an error, TenantMigration.ProofFailed, one that fails its own.</para>
/// <para>With -Head: the tenants that are not at head, as Get-TenantRevision gives them, and one error, TenantMigration.NotAtHead, after them; nothing where all are. The shared schema of each database is tested too. In a database without history every tenant is at base.</para>
/// <para>What pwsh ends with after any of these errors: with -Command, 1 where the test is the last statement; with -File, 0 unless the test has -ErrorAction Stop, which makes it 1 and ends the script. In a script that goes on: if (-not (Test-TenantMigration -Head -Quiet)) { exit 1 }.</para>
/// </remarks>
/// <example>
/// <para>What would the next run do that it should not?</para>
/// <code>Get-Tenant | Test-TenantMigration | Format-List</code>
/// </example>
/// <example>
/// <para>A step of a pipeline for code review: every revision from one on, without a database, with a file that the review shows beside the lines.</para>
/// <code>Test-TenantMigration -Revision 7c1e: -Offline -Sarif safety.sarif -FailOn Warning</code>
/// </example>
/// <example>
/// <para>Which locks does the next run really take? One tenant tells, and is rolled back.</para>
/// <code>Test-TenantMigration acme -Trace | Where-Object Locks</code>
/// </example>
/// <example>
/// <para>Does every revision's down give back what was before? A step of a pipeline that needs an empty database only.</para>
/// <code>Test-TenantMigration -Prove | Where-Object Status -ne Proved</code>
/// </example>
/// <example>
/// <para>A step of a pipeline that fails when a tenant was left behind.</para>
/// <code>Test-TenantMigration -Head -ErrorAction Stop</code>
/// </example>
/// <example>
/// <para>Bring the tenants there that are not.</para>
/// <code>Test-TenantMigration -Head -ErrorAction SilentlyContinue | Invoke-TenantMigration</code>
/// </example>
/// <example>
/// <para>As a condition.</para>
/// <code>if (-not (Get-Tenant | Test-TenantMigration -Head -Quiet)) { exit 1 }</code>
/// </example>
[Cmdlet(VerbsDiagnostic.Test, "TenantMigration", DefaultParameterSetName = SafetySet)]
[OutputType(typeof(SafetyFinding), typeof(StatementTrace), typeof(ProvedRevision), typeof(TenantRevision), typeof(bool))]
public sealed partial class TestTenantMigrationCommand : TenantCmdlet
{
    private const string HeadSet = "Head";

    private const int NamesShown = 3;

    /// <summary>Tests that nothing is pending: every tenant, and the shared schema, is at the latest revision, and nothing of it is in doubt.</summary>
    [Parameter(Mandatory = true, ParameterSetName = HeadSet)]
    public SwitchParameter Head { get; set; }

    /// <summary>Gives true or false instead of the tenants and the error.</summary>
    [Parameter(ParameterSetName = HeadSet)]
    public SwitchParameter Quiet { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (!IsEmpty)
        {
            RunWithFleet(ParameterSetName switch { HeadSet => TestAsync, ProveSet => ProveAsync, _ => JudgeAsync });
        }
        else if (Quiet)
        {
            WriteObject(true);
        }
    }

    private async Task TestAsync(Fleet fleet, PipelinePump pump, CancellationToken token)
    {
        var tenants = await SelectOrAllAsync(fleet, pump, token).ConfigureAwait(false);
        List<string> names = [];
        var (tested, behind) = (0, 0);
        await foreach (var revision in fleet.GetTenantRevisionsAsync(tenants, token).ConfigureAwait(false))
        {
            tested++;
            if (revision.Status == TenantRevisionStatus.AtHead)
            {
                continue;
            }

            behind++;
            if (names.Count < NamesShown)
            {
                names.Add(revision.Scope == "shared" ? $"shared schema '{revision.Name}'" : revision.Name);
            }

            if (!Quiet)
            {
                await pump.SendAsync(() => WriteObject(revision)).ConfigureAwait(false);
            }
        }

        if (Quiet)
        {
            await pump.SendAsync(() => WriteObject(behind == 0 && !HasFaults)).ConfigureAwait(false);
        }
        else if (behind > 0)
        {
            await pump.SendAsync(() => WriteError(ErrorRecords.From(NotAtHead(tested, behind, names), target: null))).ConfigureAwait(false);
        }
    }

    private static TenancyException NotAtHead(int tested, int behind, List<string> names) => new(
        "NotAtHead",
        string.Create(
            CultureInfo.InvariantCulture,
            $"{behind} of {tested} {(behind == 1 ? "is" : "are")} not at head: {string.Join(", ", names)}{(behind > names.Count ? $" and {behind - names.Count} more" : "")}."),
        "Get-TenantRevision shows why; Invoke-TenantMigration brings there what is only behind.");
}
