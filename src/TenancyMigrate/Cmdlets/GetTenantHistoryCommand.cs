using System.Management.Automation;
using Tenancy.Core;
using Tenancy.Core.History;
using Tenancy.Model;
using TenancyMigrate.Completion;
using TenancyMigrate.Pipeline;
using TenancyMigrate.Tenants;

namespace TenancyMigrate.Cmdlets;

/// <summary>Shows how tenants got to where they are: what ran, when, by whom, and how it ended.</summary>
/// <remarks>
/// <para>Oldest first. Failures are here too, with the server's message and the place in the manifest; nothing of the history is ever changed or removed. Without -Tenant also what happened to tenants that are gone.</para>
/// </remarks>
/// <example>
/// <para>All that happened to one tenant.</para>
/// <code>Get-TenantHistory -Tenant acme</code>
/// </example>
/// <example>
/// <para>What failed in the last day, with the messages.</para>
/// <code>Get-TenantHistory -Since (Get-Date).AddDays(-1) | Where-Object Outcome -eq failed | Format-List</code>
/// </example>
[Cmdlet(VerbsCommon.Get, "TenantHistory")]
[OutputType(typeof(TenantHistoryEntry))]
public sealed class GetTenantHistoryCommand : TenantCmdlet
{
    /// <summary>Only rows of this run, as its results have it.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(RunCompleter))]
    public Guid RunId { get; set; }

    /// <summary>Only what started at this time or later.</summary>
    [Parameter]
    public DateTime Since { get; set; }

    /// <summary>Only so many rows of each database, the newest.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int Last { get; set; }

    /// <summary>Rows of the shared schema too.</summary>
    [Parameter]
    public SwitchParameter IncludeShared { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (!IsEmpty)
        {
            RunWithFleet(WriteAsync);
        }
    }

    private async Task WriteAsync(Fleet fleet, PipelinePump pump, CancellationToken token)
    {
        var tenants = await SelectAsync(fleet, pump, token).ConfigureAwait(false);
        if (tenants is { Count: 0 })
        {
            return;
        }

        var query = new HistoryQuery
        {
            RunId = RunId == default ? null : RunId,
            Since = Since == default ? null : Since.ToUniversalTime(),
            Last = Last == 0 ? null : Last,
            IncludesShared = IncludeShared,
        };
        await foreach (var entry in fleet.GetHistoryAsync(tenants, query, token).ConfigureAwait(false))
        {
            await pump.SendAsync(() => WriteObject(entry)).ConfigureAwait(false);
        }
    }
}
