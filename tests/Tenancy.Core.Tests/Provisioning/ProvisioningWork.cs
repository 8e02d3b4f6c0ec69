using Tenancy.Core.Execution;
using Tenancy.Core.Tests.Execution;
using Tenancy.Model;

namespace Tenancy.Core.Tests.Provisioning;

/// <summary>What tenants as a whole go through, by its name.</summary>
internal static class ProvisioningWork
{
    /// <summary>Makes <paramref name="to"/>; copies or renames <paramref name="from"/> to it; or removes <paramref name="from"/>.</summary>
    /// <exception cref="MigrationException">It failed.</exception>
    internal static async Task RunAsync(Fleet fleet, string work, string from, string to, IRunLog log, CancellationToken cancellation = default)
    {
        var tenant = FleetProject.Tenants(from)[0];
        switch (work)
        {
            case "new":
                foreach (var result in await fleet.CreateTenantsAsync(FleetProject.Tenants(to.Split(',')), new(), log, cancellation).ToListAsync(CancellationToken.None))
                {
                    Check(result);
                }

                break;
            case "copy":
                Check(await fleet.CopyTenantAsync(tenant, to, null, withRows: true, log, cancellation));
                break;
            case "rename":
                await fleet.RenameTenantAsync(tenant, to, to, log, cancellation);
                break;
            default:
                await fleet.RemoveTenantAsync(tenant, keepsSchema: false, log, cancellation);
                break;
        }
    }

    private static void Check(MigrationResult result)
    {
        if (result.Failure is { } failure)
        {
            throw new MigrationException(failure);
        }
    }
}
