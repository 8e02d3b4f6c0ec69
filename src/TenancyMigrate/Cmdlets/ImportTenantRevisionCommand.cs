using System.Management.Automation;
using Tenancy.Core;
using Tenancy.Core.Adoption;
using Tenancy.Core.Manifests;
using Tenancy.Model;
using TenancyMigrate.Pipeline;
using TenancyMigrate.Tenants;

namespace TenancyMigrate.Cmdlets;

/// <summary>Adopts tenants that another tool has migrated until now: reads where each is, and says so to the history.</summary>
/// <remarks>
/// <para>Reads the other tool's table in each tenant's schema, and stamps the tenant by a mapping of its versions to revisions. Runs nothing and changes nothing else; the other tool's table stays as it is, so let that tool rest from then on.</para>
/// <para>A mapping is a YAML file with a line 'version: revision' for each version that a tenant may be at ('version: [revision, revision]' for several branches, 'version: base' for none), or a CSV file with the columns version and revision. Without one, each version is the revision of the same id. A version is, of Alembic, version_num; of Flyway, the version; of EF Core, the MigrationId; of Liquibase, filename::id::author. The whole file is checked before anything is read.</para>
/// <para>Not stamped, with an error that says why: a tenant whose table is missing or cannot be read, whose version the mapping does not have, that has not applied a version which its revision would cover, or that the history has somewhere else already. An empty table means base. Running twice is safe.</para>
/// </remarks>
/// <example>
/// <para>See what would be said of every schema that Alembic has migrated, when its ids were kept as revisions.</para>
/// <code>Get-Tenant -SchemaPattern 'tenant_*' | Import-TenantRevision -From Alembic -WhatIf</code>
/// </example>
/// <example>
/// <para>Adopt what Flyway has migrated, under a table name of its own.</para>
/// <code>Get-Tenant -SchemaPattern 'tenant_*' | Import-TenantRevision -From Flyway -Table schema_version -Mapping flyway.yaml</code>
/// </example>
/// <example>
/// <para>Adopt the schema that all tenants share.</para>
/// <code>Import-TenantRevision -From EFCore -Mapping shared.csv -Scope Shared</code>
/// </example>
[Cmdlet(VerbsData.Import, "TenantRevision", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(TenantImport))]
public sealed class ImportTenantRevisionCommand : TenantCmdlet
{
    private bool isPlanOnly;

    /// <summary>The tool that has migrated the tenants: Alembic, Flyway, EFCore (Entity Framework Core) or Liquibase.</summary>
    [Parameter(Mandatory = true)]
    [ValidateSet("Alembic", "Flyway", "EFCore", "Liquibase")]
    public string From { get; set; } = "";

    /// <summary>The name of its table, where it is not alembic_version, flyway_schema_history, __EFMigrationsHistory or databasechangelog.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Table { get; set; }

    /// <summary>The file that says which of its versions is which revision: YAML, or CSV where the name ends in .csv. Default: revisions have the versions' ids.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Mapping { get; set; }

    /// <summary>Tenant (default) or Shared: whose tables are read, and which revisions are meant.</summary>
    [Parameter]
    [ValidateSet("Tenant", "Shared")]
    public string Scope { get; set; } = "Tenant";

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        var scope = Enum.Parse<MigrationScope>(Scope, ignoreCase: true);
        if (IsEmpty && scope == MigrationScope.Tenant)
        {
            return;
        }

        var source = Enum.Parse<ImportSource>(From, ignoreCase: true);
        var file = Mapping is null ? null : SessionState.Path.GetUnresolvedProviderPathFromPSPath(Mapping);
        RunWithFleet(async (fleet, pump, token) =>
        {
            var mapping = file is null ? RevisionMapping.OfSameIds(fleet.Revisions, scope, source) : RevisionMapping.Read(file, fleet.Revisions, scope, source);
            await ImportAsync(fleet, new() { Source = source, Table = Table, Mapping = mapping, Scope = scope }, pump, token).ConfigureAwait(false);
        });
    }

    private async Task ImportAsync(Fleet fleet, ImportRequest request, PipelinePump pump, CancellationToken token)
    {
        var isShared = request.Scope == MigrationScope.Shared;
        var tenants = isShared && IsEmpty ? [] : await SelectOrAllAsync(fleet, pump, token).ConfigureAwait(false);
        var agreed = await pump.AskAsync(() => isShared
            ? Agree("the shared schema") ? tenants : null
            : AgreeEach(tenants, Agree)).ConfigureAwait(false);
        if (!isPlanOnly && (agreed is null || (agreed.Count == 0 && !isShared)))
        {
            return;
        }

        var log = new PipelineLog(pump, this, "Import revision");
        await foreach (var result in fleet.ImportAsync(isPlanOnly ? tenants : agreed!, request with { PlansOnly = isPlanOnly }, log, token).ConfigureAwait(false))
        {
            await pump.SendAsync(() => this.WriteResult(result, result.Failure)).ConfigureAwait(false);
        }
    }

    private bool Agree(string what)
    {
        var action = $"Import the revision of {what} from {From}";
        var agreed = ShouldProcess(action, action + "?", "Import revision", out var reason);
        isPlanOnly |= reason.HasFlag(ShouldProcessReason.WhatIf);
        return agreed;
    }
}
