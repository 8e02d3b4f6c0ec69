using System.Management.Automation;
using Tenancy.Model;
using TenancyMigrate.Completion;
using TenancyMigrate.Connections;
using TenancyMigrate.Pipeline;
using TenancyMigrate.Tenants;

namespace TenancyMigrate.Cmdlets;

/// <summary>Removes tenants: drops the schema with all its data, and takes it out of the registry.</summary>
/// <remarks>
/// <para>Asks before each tenant, unless -Confirm:$false is given. What happened stays in the history.</para>
/// <para>A schema with more tables than the server can lock at once is dropped in steps. If that is broken off nothing migrates the tenant any more, and the next Remove-Tenant goes on.</para>
/// <para>A tenant on which something outside its schema depends is refused: objects of other schemas, event triggers, casts.</para>
/// </remarks>
/// <example>
/// <para>Remove a tenant with all its data, after a question.</para>
/// <code>Remove-Tenant acme</code>
/// </example>
/// <example>
/// <para>Stop looking after tenants, but leave their schemas as they are.</para>
/// <code>Get-Tenant 'legacy*' | Remove-Tenant -KeepSchema -Confirm:$false</code>
/// </example>
[Cmdlet(VerbsCommon.Remove, "Tenant", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
public sealed class RemoveTenantCommand : FleetCmdlet
{
    private readonly List<Tenant> given = [];

    /// <summary>The tenants to remove: what Get-Tenant gives, names (wildcards are looked up), or any object or hashtable with Schema.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [Alias("Name")]
    [TenantTransformation]
    [SupportsWildcards]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(TenantCompleter))]
    public Tenant[]? Tenant { get; set; }

    /// <summary>Leaves the schema and its data; only the registry forgets the tenant.</summary>
    [Parameter]
    public SwitchParameter KeepSchema { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => given.AddRange(Tenant!);

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (given.Count == 0)
        {
            return;
        }

        RunWithFleet(async (fleet, pump, token) =>
        {
            // A name is never taken for a schema's here: what is dropped must be known for a tenant.
            var tenants = await MakeSelection(fleet, pump).SelectAsync(given, mustExist: true, token).ConfigureAwait(false);
            async IAsyncEnumerable<Tenant> AgreedAsync()
            {
                foreach (var tenant in tenants)
                {
                    if (await pump.AskAsync(() => Agree(tenant)).ConfigureAwait(false))
                    {
                        yield return tenant;
                    }
                }
            }

            await foreach (var (tenant, error) in fleet.RemoveTenantsAsync(AgreedAsync(), KeepSchema, new PipelineLog(pump, this, "Remove tenants"), token).ConfigureAwait(false))
            {
                if (error is not null)
                {
                    // Of its database, most often; those in others go on.
                    await pump.SendAsync(() => WriteError(ErrorRecords.From(error, tenant))).ConfigureAwait(false);
                }
            }
        });
    }

    private bool Agree(Tenant tenant) =>
        ShouldProcess($"tenant '{tenant.Name}' (schema '{tenant.Schema}')", KeepSchema ? "Forget, and leave the schema" : "Drop the schema with all its data");
}
