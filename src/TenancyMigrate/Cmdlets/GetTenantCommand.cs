using System.Management.Automation;
using Tenancy.Core;
using Tenancy.Core.Manifests;
using Tenancy.Core.Tenants;
using Tenancy.Model;
using TenancyMigrate.Completion;
using TenancyMigrate.Connections;
using TenancyMigrate.Pipeline;

namespace TenancyMigrate.Cmdlets;

/// <summary>Finds tenants: in the registry, by a pattern of schema names, by a query, or in a file.</summary>
/// <remarks>
/// <para>Without a parameter that says where, the project file's source is used, else the registry in the history schema. Each tenant comes once. PostgreSQL's own schemas, the history schema and the shared schema never are tenants.</para>
/// <para>Any object with a Schema can be piped to the other cmdlets instead, such as a row of Import-Csv.</para>
/// </remarks>
/// <example>
/// <para>Migrate all tenants.</para>
/// <code>Get-Tenant | Invoke-TenantMigration</code>
/// </example>
/// <example>
/// <para>All schemas whose name starts with tenant_, but not the test ones.</para>
/// <code>Get-Tenant -SchemaPattern 'tenant_*' -ExcludeName 'tenant_test*'</code>
/// </example>
/// <example>
/// <para>Tenants of a table of your own; further columns become labels.</para>
/// <code>Get-Tenant -Query 'SELECT title AS name, schema_name AS schema, region FROM shared.customer WHERE active'</code>
/// </example>
[Cmdlet(VerbsCommon.Get, "Tenant", DefaultParameterSetName = ProjectSet)]
[OutputType(typeof(Tenant))]
public sealed class GetTenantCommand : FleetCmdlet
{
    private const string ProjectSet = "Project";
    private const string RegistrySet = "Registry";
    private const string PatternSet = "SchemaPattern";
    private const string QuerySet = "Query";
    private const string PathSet = "Path";
    private const string LiteralPathSet = "LiteralPath";

    /// <summary>Names of tenants; wildcards are allowed. Default: all.</summary>
    [Parameter(Position = 0)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(TenantCompleter))]
    public string[]? Name { get; set; }

    /// <summary>Names of tenants to leave out; wildcards are allowed.</summary>
    [Parameter]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(TenantCompleter))]
    public string[] ExcludeName { get; set; } = [];

    /// <summary>From the registry, whatever the project file says.</summary>
    [Parameter(Mandatory = true, ParameterSetName = RegistrySet)]
    public SwitchParameter Registry { get; set; }

    /// <summary>Every schema of the database whose name matches; * and ? are wildcards.</summary>
    [Parameter(Mandatory = true, ParameterSetName = PatternSet)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string? SchemaPattern { get; set; }

    /// <summary>A query that gives the columns name and schema, and database and server if they differ; further columns become labels.</summary>
    [Parameter(Mandatory = true, ParameterSetName = QuerySet)]
    [ValidateNotNullOrEmpty]
    public string? Query { get; set; }

    /// <summary>YAML or CSV files that list tenants; wildcards are allowed.</summary>
    [Parameter(Mandatory = true, ParameterSetName = PathSet)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Path { get; set; }

    /// <summary>YAML or CSV files that list tenants, by their literal names.</summary>
    [Parameter(Mandatory = true, ParameterSetName = LiteralPathSet)]
    [Alias("PSPath")]
    [ValidateNotNullOrEmpty]
    public string[]? LiteralPath { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        var sources = ChooseSources();
        var filter = SetUp(() => new NameFilter(Name ?? []));
        var excluded = SetUp(() => ExcludeName.Select(static text => new NamePattern(text, ignoreCase: true)).ToList());
        RunWithFleet(async (fleet, pump, token) =>
        {
            var seen = new HashSet<(string?, string?, string)>();
            foreach (var source in sources)
            {
                await foreach (var (tenant, error) in fleet.GetTenantsAsync(source, token).ConfigureAwait(false))
                {
                    if (error is not null)
                    {
                        await pump.SendAsync(() => WriteError(ErrorRecords.From(error, tenant))).ConfigureAwait(false);
                    }
                    else if (filter.IsMatch(tenant) && !excluded.Exists(pattern => pattern.IsMatch(tenant.Name)) && seen.Add((tenant.Server, tenant.Database, tenant.Schema)))
                    {
                        await pump.SendAsync(() => WriteObject(tenant)).ConfigureAwait(false);
                    }
                }
            }
        });
        foreach (var miss in filter.Misses())
        {
            WriteError(ErrorRecords.From(miss, null));
        }
    }

    private List<TenantSourceSettings?> ChooseSources() => ParameterSetName switch
    {
        RegistrySet => [new TenantSourceSettings(Registry: true, null, null, null)],
        PatternSet => [new TenantSourceSettings(Registry: false, SchemaPattern, null, null)],
        QuerySet => [new TenantSourceSettings(Registry: false, null, Query, null)],
        PathSet => [.. Path!.SelectMany(FindFiles).Select(OfFile)],
        LiteralPathSet => [.. LiteralPath!.Select(path => OfFile(SessionState.Path.GetUnresolvedProviderPathFromPSPath(path)))],
        _ => [null],
    };

    // What no file matches is an error of PowerShell's own: "Cannot find path".
    private IEnumerable<string> FindFiles(string path) => SessionState.Path.GetResolvedProviderPathFromPSPath(path, out _);

    private static TenantSourceSettings OfFile(string file) => new(Registry: false, null, null, file);
}
