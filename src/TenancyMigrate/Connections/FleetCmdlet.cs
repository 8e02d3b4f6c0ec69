using System.Management.Automation;
using Tenancy.Core;
using TenancyMigrate.Pipeline;
using TenancyMigrate.Tenants;

namespace TenancyMigrate.Connections;

/// <summary>A cmdlet that works on the tenants of a project. Not for scripts.</summary>
public abstract class FleetCmdlet : ConnectedCmdlet
{
    /// <summary>Opens the fleet, does the work, and closes the fleet; an error of setup ends the cmdlet.</summary>
    private protected void RunWithFleet(Func<Fleet, PipelinePump, CancellationToken, Task> work)
    {
        var project = FindProject();
        var choice = OwnChoice().Over(SessionConnection.Current);
        Run(async (pump, token) =>
        {
            var fleet = Fleet.Open(project, MakeSettings(choice, pump));
            await using (fleet.ConfigureAwait(false))
            {
                foreach (var warning in fleet.Warnings)
                {
                    pump.Post(() => WriteWarning(warning));
                }

                await work(fleet, pump, token).ConfigureAwait(false);
            }
        });
    }

    /// <summary>True when something was to be a tenant and is none.</summary>
    private protected bool HasFaults { get; private set; }

    /// <summary>Finds tenants; what is none becomes an error that stops nothing by itself.</summary>
    private protected TenantSelection MakeSelection(Fleet fleet, PipelinePump pump) => new(fleet, (error, target) =>
    {
        HasFaults = true;
        return pump.SendAsync(() => WriteError(ErrorRecords.From(error, target)));
    });
}
