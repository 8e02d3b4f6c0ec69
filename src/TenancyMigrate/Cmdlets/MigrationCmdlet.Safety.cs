using Tenancy.Core;
using Tenancy.Core.Planning;
using Tenancy.Core.Safety;
using Tenancy.Model;
using TenancyMigrate.Pipeline;

namespace TenancyMigrate.Cmdlets;

/// <content>What safety checks say of a plan.</content>
public abstract partial class MigrationCmdlet
{
    private const int WarningsShown = 10;

    // A line each, after the plans; what is only good to know with -Verbose.
    private async Task WarnAsync(Fleet fleet, List<Tenant> tenants, MigrationRequest request, PipelinePump pump, CancellationToken token)
    {
        SafetyReport report;
        try
        {
            report = await fleet.JudgeAsync(tenants, request, new PipelineLog(pump, this, "Plan"), token).ConfigureAwait(false);
        }
        catch (TenancyException error)
        {
            // The plans are there, and good without it.
            await pump.SendAsync(() => WriteWarning($"The statements could not be judged: {error.Message}")).ConfigureAwait(false);
            return;
        }

        var told = report.Findings.Where(static finding => !finding.IsSuppressed).ToLookup(static finding => finding.Severity == SafetySeverity.Note);
        await pump.SendAsync(() =>
        {
            foreach (var finding in told[true])
            {
                WriteVerbose(finding.ToString());
            }

            foreach (var finding in told[false].OrderByDescending(static finding => SafetySeverity.Rank(finding.Severity)).Take(WarningsShown))
            {
                WriteWarning(finding.ToString());
            }

            if (told[false].Count() is > WarningsShown and var count)
            {
                WriteWarning($"{count - WarningsShown} more findings: Test-TenantMigration shows them.");
            }
        }).ConfigureAwait(false);
    }
}
