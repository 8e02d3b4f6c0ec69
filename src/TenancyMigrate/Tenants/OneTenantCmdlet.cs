using System.Management.Automation;
using Tenancy.Core;
using Tenancy.Model;
using TenancyMigrate.Completion;
using TenancyMigrate.Connections;
using TenancyMigrate.Pipeline;

namespace TenancyMigrate.Tenants;

/// <summary>A cmdlet that gives one tenant a new name, or a new tenant its definition. Not for scripts.</summary>
public abstract class OneTenantCmdlet : FleetCmdlet
{
    private readonly List<Tenant> given = [];

    /// <summary>The tenant: what Get-Tenant gives, a name, or any object or hashtable with Schema.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [Alias("Name")]
    [TenantTransformation]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(TenantCompleter))]
    public Tenant[]? Tenant { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => given.AddRange(Tenant!);

    /// <summary>Finds the tenant, asks, and does the work. An empty pipeline means nothing.</summary>
    /// <param name="done">What is done to it, for the error that there are several, such as <c>copied</c>.</param>
    /// <param name="action">What is asked.</param>
    /// <param name="work">The work.</param>
    private protected void RunWithTenant(string done, Func<Tenant, string> action, Func<Fleet, Tenant, PipelinePump, CancellationToken, Task> work)
    {
        if (given.Count == 0)
        {
            return;
        }

        RunWithFleet(async (fleet, pump, token) =>
        {
            var tenants = await MakeSelection(fleet, pump).SelectAsync(given, mustExist: true, token).ConfigureAwait(false);
            if (tenants.Count > 1)
            {
                throw new TenancyException("SeveralTenants", $"{tenants.Count} tenants cannot all be {done} to the same.", "Name one tenant.");
            }

            foreach (var tenant in tenants)
            {
                if (await pump.AskAsync(() => ShouldProcess($"tenant '{tenant.Name}' (schema '{tenant.Schema}')", action(tenant))).ConfigureAwait(false))
                {
                    await work(fleet, tenant, pump, token).ConfigureAwait(false);
                }
            }
        });
    }
}
