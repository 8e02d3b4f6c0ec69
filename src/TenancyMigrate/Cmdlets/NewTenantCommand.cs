using System.Collections;
using System.Management.Automation;
using Tenancy.Core.Planning;
using Tenancy.Model;
using TenancyMigrate.Completion;
using TenancyMigrate.Connections;
using TenancyMigrate.Pipeline;
using TenancyMigrate.Tenants;

namespace TenancyMigrate.Cmdlets;

/// <summary>Makes new tenants: the schema, its place in the registry, and every revision up to the latest.</summary>
/// <remarks>
/// <para>The history is replayed once, in a scratch schema that is rolled back; tenants are made from a snapshot of it, each in one transaction, and proved equal to it. Whatever stops that, a tenant is there whole or not at all.</para>
/// <para>Rows are a part of the snapshot where a revision says data: true. Where the snapshot cannot say what the history does (-Verbose tells why), and with -Replay, every revision runs on each tenant. One whose revisions fail half way then stays
/// registered at the last revision that worked: mend the cause and run Invoke-TenantMigration.</para>
/// <para>A schema that exists already is an error for that tenant.</para>
/// </remarks>
/// <example>
/// <para>A new tenant whose schema has the same name.</para>
/// <code>New-Tenant acme</code>
/// </example>
/// <example>
/// <para>A name for people, another for the schema.</para>
/// <code>New-Tenant -Tenant 'Acme Corp.' -Schema tenant_acme</code>
/// </example>
/// <example>
/// <para>Many at once, from a file with the columns Name and Schema; further columns become labels.</para>
/// <code>Import-Csv ./customers.csv | New-Tenant -ThrottleLimit 4</code>
/// </example>
/// <example>
/// <para>Where the tenants are whose ring was reached last, while head is still being rolled out.</para>
/// <code>New-Tenant initrode -To 7c1e</code>
/// </example>
[Cmdlet(VerbsCommon.New, "Tenant", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(MigrationResult))]
public sealed class NewTenantCommand : FleetCmdlet
{
    private readonly List<Tenant> agreed = [];

    /// <summary>The tenants to make: names, or any object or hashtable with Schema, such as a row of a CSV file.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [Alias("Name")]
    [TenantTransformation]
    [ValidateNotNull]
    public Tenant[]? Tenant { get; set; }

    /// <summary>The schema, where one name is given. Default: the name.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Schema { get; set; }

    /// <summary>Where to bring them: a revision or its first characters, a branch label, head (default), or base for an empty schema.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(RevisionCompleter))]
    public string? To { get; set; }

    /// <summary>How many tenants of a database are made at once, at the most. Default 0: what the server can take.</summary>
    [Parameter]
    [ValidateRange(0, 1000)]
    public int ThrottleLimit { get; set; }

    /// <summary>Runs every revision on each tenant, instead of making it from a snapshot.</summary>
    [Parameter]
    public SwitchParameter Replay { get; set; }

    /// <summary>Values for what manifests write as ${x.key}, by key: @{prefix = 'R'}. One that a manifest declares secret is never shown.</summary>
    [Parameter]
    [ValidateNotNull]
    public Hashtable Argument { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var given in Tenant!)
        {
            var tenant = given with { Schema = Schema ?? (given.Schema.Length > 0 ? given.Schema : given.Name) };
            if (agreed.Exists(other => (other.Server, other.Database, other.Schema) == (tenant.Server, tenant.Database, tenant.Schema)))
            {
                WriteVerbose($"The schema '{PrintableText.Line(tenant.Schema)}' was named twice.");
            }
            else if (ShouldProcess($"tenant '{tenant.Name}' (schema '{tenant.Schema}')", "Make"))
            {
                agreed.Add(tenant);
            }
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (agreed.Count == 0)
        {
            return;
        }

        var request = new MigrationRequest { To = To, Arguments = RunArguments.Read(Argument), ThrottleLimit = ThrottleLimit, ReplaysHistory = Replay };
        PipelineLog? log = null;
        try
        {
            RunWithFleet(async (fleet, pump, token) =>
            {
                log = new PipelineLog(pump, this, "Make tenants");
                await foreach (var result in fleet.CreateTenantsAsync(agreed, request, log, token).ConfigureAwait(false))
                {
                    await pump.SendAsync(() => this.WriteResult(result, result.Failure)).ConfigureAwait(false);
                }
            });
        }
        finally
        {
            log?.Complete();
        }
    }
}
