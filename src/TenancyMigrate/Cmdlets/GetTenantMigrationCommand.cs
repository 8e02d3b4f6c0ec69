using System.Management.Automation;
using Tenancy.Core;
using Tenancy.Core.Tenants;
using Tenancy.Model;
using TenancyMigrate.Completion;
using TenancyMigrate.Connections;
using TenancyMigrate.Pipeline;

namespace TenancyMigrate.Cmdlets;

/// <summary>Shows the revisions of a project, as its manifests have them.</summary>
/// <remarks>
/// <para>In an order in which they can be applied. Connects to nothing. All manifests are read and checked; every error of every file is reported at once.</para>
/// </remarks>
/// <example>
/// <para>The revision graph of the project in the current folder.</para>
/// <code>Get-TenantMigration</code>
/// </example>
/// <example>
/// <para>The latest revisions, and those that cannot be undone.</para>
/// <code>
/// Get-TenantMigration -Project ./migrations | Where-Object IsHead
/// Get-TenantMigration -Project ./migrations | Where-Object { -not $_.IsReversible }
/// </code>
/// </example>
/// <example>
/// <para>One revision in full, by the first characters of its id.</para>
/// <code>Get-TenantMigration 7c1e* | Format-List</code>
/// </example>
[Cmdlet(VerbsCommon.Get, "TenantMigration")]
[OutputType(typeof(Revision))]
public sealed class GetTenantMigrationCommand : ProjectCmdlet
{
    /// <summary>Ids of revisions; wildcards are allowed. Default: all.</summary>
    [Parameter(Position = 0)]
    [Alias("Id")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(RevisionCompleter))]
    public string[]? Revision { get; set; }

    /// <summary>Tenant or Shared: only revisions of that scope.</summary>
    [Parameter]
    [ValidateSet("Tenant", "Shared")]
    public string? Scope { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        var project = FindProject();
        Run(async (pump, _) =>
        {
            var fleet = Fleet.Open(project, new ConnectionSettings());
            await using (fleet.ConfigureAwait(false))
            {
                await pump.SendAsync(() => Write([.. fleet.GetRevisions()])).ConfigureAwait(false);
            }
        });
    }

    private void Write(List<Revision> all)
    {
        var patterns = (Revision ?? ["*"]).Select(static text => new NamePattern(text, ignoreCase: true)).ToList();
        foreach (var revision in all.Where(revision => patterns.Exists(pattern => pattern.IsMatch(revision.Id))))
        {
            if (Scope is null || string.Equals(revision.Scope, Scope, StringComparison.OrdinalIgnoreCase))
            {
                WriteObject(revision);
            }
        }

        foreach (var missed in patterns.Where(pattern => !pattern.IsWildcard && !all.Exists(revision => pattern.IsMatch(revision.Id))))
        {
            WriteError(ErrorRecords.From(
                new TenancyException("RevisionNotFound", $"There is no revision '{missed}'.", "Get-TenantMigration without a name shows all; a wildcard finds an id by its first characters."),
                missed.Text));
        }
    }
}
