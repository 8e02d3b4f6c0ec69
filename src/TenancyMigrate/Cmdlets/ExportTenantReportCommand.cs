using System.Collections;
using System.Management.Automation;
using System.Text;
using Tenancy.Core;
using Tenancy.Core.Reports;
using Tenancy.Model;
using TenancyMigrate.Completion;
using TenancyMigrate.Connections;
using TenancyMigrate.Pipeline;
using TenancyMigrate.Tenants;

namespace TenancyMigrate.Cmdlets;

/// <summary>Writes a page to look at: where the tenants of a fleet are, how a run went, what failed and why, drift, the revisions.</summary>
/// <remarks>
/// <para>One file in HTML that needs nothing else: no network, no server. It can be sent to whoever may see the names of tenants and the text of manifests; passwords and secret arguments are not in it. Its numbers can be read where no script runs; with one, tenants are shown one by one and filtered.</para>
/// <para>The run is the last one that history has, or that of -RunId. What Invoke-TenantMigration gives can be piped in instead: only its results know of tenants that had nothing to do or were not reached. What Compare-TenantSchema gives, piped in, is shown as drift.</para>
/// <para>Reads only, a few queries a database. -Drift makes a comparison, as Compare-TenantSchema does, which takes longer and needs CREATE on the database. A database that cannot be read is told of in the report; where it is the only one, nothing is written.</para>
/// </remarks>
/// <example>
/// <para>The whole fleet, and its last run.</para>
/// <code>Export-TenantReport -Path ./fleet.html</code>
/// </example>
/// <example>
/// <para>A run, and a page about it.</para>
/// <code>
/// $results = Get-Tenant | Invoke-TenantMigration
/// $results | Export-TenantReport -Path ./run.html
/// </code>
/// </example>
/// <example>
/// <para>With drift; over the page of last night.</para>
/// <code>Get-Tenant | Export-TenantReport -Path ./nightly.html -Drift -Force</code>
/// </example>
[Cmdlet(VerbsData.Export, "TenantReport", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(FileInfo))]
public sealed class ExportTenantReportCommand : FleetCmdlet
{
    private readonly List<Tenant> given = [];
    private readonly List<MigrationResult> results = [];
    private readonly List<SchemaComparison> comparisons = [];

    /// <summary>The tenants, as other cmdlets take them: what Get-Tenant gives, names, any object with Schema. Results of Invoke-TenantMigration and Undo-TenantMigration, and what Compare-TenantSchema gives, are shown besides. Default: all of the project.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [Alias("Name")]
    [ArgumentCompleter(typeof(TenantCompleter))]
    [SupportsWildcards]
    [ValidateNotNull]
    public object[]? Tenant { get; set; }

    /// <summary>The file to write, such as ./fleet.html.</summary>
    [Parameter(Mandatory = true)]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>The run to show, as its results have it. Default: that of the results piped in, else the last one.</summary>
    [Parameter]
    [Alias("Run")]
    [ArgumentCompleter(typeof(RunCompleter))]
    public Guid RunId { get; set; }

    /// <summary>Compares the schemas with what their revisions say, and shows what has drifted.</summary>
    [Parameter]
    public SwitchParameter Drift { get; set; }

    /// <summary>Values for what manifests write as ${x.key}, by key, for -Drift, as the runs had them. Those of secret arguments are masked wherever they turn up.</summary>
    [Parameter]
    [ValidateNotNull]
    public Hashtable Argument { get; set; } = [];

    /// <summary>Overwrites a file that is there.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private bool IsSelective => MyInvocation.ExpectingInput || Tenant is not null;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var item in Tenant ?? [])
        {
            var value = item is PSObject wrapped ? wrapped.BaseObject : item;
            if (value is MigrationResult result)
            {
                results.Add(result);
            }
            else if (value is SchemaComparison comparison)
            {
                comparisons.Add(comparison);
            }

            try
            {
                // What -Summary adds to the results is about all of them, and no tenant.
                given.AddRange(value is MigrationSummary ? [] : TenantTransformationAttribute.Read(item));
            }
            catch (ArgumentTransformationMetadataException error)
            {
                WriteError(ErrorRecords.From(new TenancyException("InvalidTenant", error.Message, "Pipe in what Get-Tenant, Invoke-TenantMigration or Compare-TenantSchema gives."), item));
            }
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        var path = SessionState.Path.GetUnresolvedProviderPathFromPSPath(Path);
        if ((IsSelective && given.Count == 0) || !SetUp(() => MayWrite(path), path))
        {
            return;
        }

        var request = new ReportRequest
        {
            RunId = RunId == default ? null : RunId,
            Results = results.FindAll(result => RunId == default || result.RunId == RunId),
            Comparisons = comparisons.Count > 0 ? comparisons : null,
            ComparesSchemas = Drift,
            Arguments = RunArguments.Read(Argument),
        };
        PipelineLog? log = null;
        try
        {
            RunWithFleet(async (fleet, pump, token) =>
            {
                log = new PipelineLog(pump, this, "Report");
                var selection = MakeSelection(fleet, pump);
                var tenants = IsSelective ? await selection.SelectAsync(given, mustExist: false, token).ConfigureAwait(false) : await selection.ReadAllAsync(token).ConfigureAwait(false);
                var page = await fleet.MakeReportAsync(tenants, request, log, token).ConfigureAwait(false);
                await pump.SendAsync(() => Write(path, page)).ConfigureAwait(false);
            });
        }
        finally
        {
            log?.Complete();
        }
    }

    // Before anything is read: that may take long.
    private bool MayWrite(string path) => Directory.Exists(path)
        ? throw new TenancyException("FileNotWritten", $"{path} is a folder.", "Give the path of a file, such as fleet.html in it.")
        : File.Exists(path) && !Force
            ? throw new TenancyException("FileExists", $"{path} is there already.", "Give another -Path, or -Force to overwrite it.")
            : ShouldProcess(path, "Write report");

    private void Write(string path, string page)
    {
        try
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
            File.WriteAllText(path, page, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
            WriteFile(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new TenancyException("FileNotWritten", $"{path} could not be written: {error.Message}", "Give another -Path.", error);
        }
    }
}
