using System.Management.Automation;
using Tenancy.Core;
using Tenancy.Core.Authoring.Autogenerate;
using Tenancy.Model;
using TenancyMigrate.Completion;
using TenancyMigrate.Pipeline;
using TenancyMigrate.Tenants;

namespace TenancyMigrate.Cmdlets;

/// <content>-Autogenerate.</content>
public sealed partial class NewTenantMigrationCommand
{
    private const string AutogenerateSet = "Autogenerate";

    /// <summary>Writes what it does from the difference between the specimen and how its schema is to be, proved. Needs one of -DesiredSql, -DesiredDump, -DesiredTenant and -DesiredLiveSchema.</summary>
    [Parameter(Mandatory = true, ParameterSetName = AutogenerateSet)]
    public SwitchParameter Autogenerate { get; set; }

    /// <summary>The tenant whose schema stands for all; it must be at head. Default: specimen in the project file, else the only tenant.</summary>
    [Parameter(ParameterSetName = AutogenerateSet)]
    [TenantTransformation]
    [ValidateCount(1, 1)]
    [ArgumentCompleter(typeof(TenantCompleter))]
    public Tenant[]? Specimen { get; set; }

    /// <summary>SQL files, and folders of such, that make the schema as it is to be, in an empty schema: of a folder every .sql file in and below it, by name. Bare names, the token, and names with the schema public (or -DesiredSchema) are the tenant's. It is run in a transaction that is rolled back; what would end that, or lands in another schema, is refused.</summary>
    [Parameter(ParameterSetName = AutogenerateSet)]
    [ValidateNotNullOrEmpty]
    public string[]? DesiredSql { get; set; }

    /// <summary>A dump by pg_dump in plain format of a schema that is as it is to be. Rows are passed over, and nothing of it that is meant for psql is run.</summary>
    [Parameter(ParameterSetName = AutogenerateSet)]
    [ValidateNotNullOrEmpty]
    public string? DesiredDump { get; set; }

    /// <summary>A tenant whose schema is as it is to be; or any schema, as @{Schema = 'dev'; Database = 'dev'; Server = 'localhost'}.</summary>
    [Parameter(ParameterSetName = AutogenerateSet)]
    [TenantTransformation]
    [ValidateCount(1, 1)]
    [ArgumentCompleter(typeof(TenantCompleter))]
    public Tenant[]? DesiredTenant { get; set; }

    /// <summary>A schema of the specimen's database that is as it is to be, and no tenant's.</summary>
    [Parameter(ParameterSetName = AutogenerateSet)]
    [ValidateNotNullOrEmpty]
    public string? DesiredLiveSchema { get; set; }

    /// <summary>The schema in -DesiredSql or -DesiredDump that stands for the tenant's. Default: of a dump the only one that it has, else public.</summary>
    [Parameter(ParameterSetName = AutogenerateSet)]
    [ValidateNotNullOrEmpty]
    public string? DesiredSchema { get; set; }

    /// <summary>Renames, as 'table:customer->client', or with the table's new name 'column:client.fax->phone'. Nothing is taken for a rename that is not named here, and where something looks like one nothing is written: with nothing behind the arrow, 'column:client.fax->', it is none.</summary>
    [Parameter(ParameterSetName = AutogenerateSet)]
    [ValidateNotNullOrEmpty]
    public string[] Rename { get; set; } = [];

    /// <summary>A text file of renames, one a line, as -Rename has them; renames and what is none. What follows a # is for people.</summary>
    [Parameter(ParameterSetName = AutogenerateSet)]
    [ValidateNotNullOrEmpty]
    public string? RenameFile { get; set; }

    /// <summary>What does not count: grants, owners, comments; a kind such as trigger; or a kind with a name, wildcards too, such as table:alembic_version.</summary>
    [Parameter(ParameterSetName = AutogenerateSet)]
    [ValidateNotNullOrEmpty]
    public string[] Exclude { get; set; } = [];

    /// <summary>Writes it for one transaction: without CREATE INDEX CONCURRENTLY, and without constraints that are validated later. Shorter, and blocks whoever writes meanwhile.</summary>
    [Parameter(ParameterSetName = AutogenerateSet)]
    public SwitchParameter PlainForm { get; set; }

    /// <summary>Says only whether the specimen differs from how it is to be: an object, and an error where it does.</summary>
    [Parameter(ParameterSetName = AutogenerateSet)]
    public SwitchParameter Check { get; set; }

    private async Task GenerateAsync(Fleet fleet, PipelinePump pump, CancellationToken token)
    {
        var selection = MakeSelection(fleet, pump);
        if (await FindSpecimenAsync(fleet, selection, token).ConfigureAwait(false) is not { } specimen
            || await FindDesiredAsync(selection, token).ConfigureAwait(false) is not { } desired)
        {
            return;
        }

        var request = new AutogenerateRequest
        {
            Specimen = specimen,
            Desired = desired,
            Renames = RenameParameters.Read(this, Rename, RenameFile),
            Excluded = [.. Exclude],
            UsesPlainForms = PlainForm,
            OnlyChecks = Check,
            Revision = MakeRevision(),
        };
        var (result, manifest) = await fleet.AutogenerateAsync(request, new PipelineLog(pump, this, "Autogenerate"), token).ConfigureAwait(false);
        await pump.SendAsync(() => Tell(result)).ConfigureAwait(false);
        if (manifest is not null && await pump.AskAsync(() => ShouldProcess(manifest.Path, "Write manifest")).ConfigureAwait(false))
        {
            manifest.Write();
            result = result with { Status = GeneratedMigrationStatus.Written };
        }

        await pump.SendAsync(() => End(result)).ConfigureAwait(false);
    }

    private void Tell(GeneratedMigration result)
    {
        foreach (var note in result.Notes)
        {
            WriteVerbose(note);
        }

        foreach (var table in result.ColumnOrders)
        {
            WriteVerbose($"The columns of {table} stand in another order than is wanted, which nothing changes.");
        }

        foreach (var left in result.Inexpressible)
        {
            WriteWarning($"Not in the manifest: {left}");
        }

        foreach (var rename in result.RenameSuggestions)
        {
            WriteWarning($"One goes and an alike one comes. If it is a rename, say -Rename '{rename}'; if it is none, say so, and what it holds is lost: -Rename '{rename[..(rename.LastIndexOf("->", StringComparison.Ordinal) + 2)]}'.");
        }
    }

    private void End(GeneratedMigration result)
    {
        WriteObject(result);
        if (Check && result.HasChanges)
        {
            WriteError(ErrorRecords.From(
                new TenancyException(
                    "SchemaDiffers",
                    $"The schema of '{result.Specimen}' differs from {result.Desired} in {result.Changes.Length + result.Inexpressible.Length} objects: {string.Join(", ", result.Changes.Select(static change => change.Name).Concat(result.Inexpressible).Take(5))}{(result.Changes.Length + result.Inexpressible.Length > 5 ? ", …" : "")}.",
                    "The same without -Check writes the manifest."),
                result.Specimen));
        }
        else if (result.Status == GeneratedMigrationStatus.Inexpressible)
        {
            WriteError(ErrorRecords.From(
                new TenancyException("NothingExpressible", $"The schema of '{result.Specimen}' differs from {result.Desired} only in what no manifest can say: {string.Join(" ", result.Inexpressible)}", "Write it by hand, or leave it out with -Exclude."),
                result.Specimen));
        }
    }

    private async Task<Tenant?> FindSpecimenAsync(Fleet fleet, TenantSelection selection, CancellationToken token)
    {
        if (Specimen is { } given)
        {
            return (await selection.SelectAsync(given, mustExist: true, token).ConfigureAwait(false)).FirstOrDefault();
        }

        if (fleet.Project.Specimen is { } name)
        {
            return (await selection.SelectAsync([TenantFields.OfName(name)], mustExist: true, token).ConfigureAwait(false)).FirstOrDefault();
        }

        var all = await selection.ReadAllAsync(token).ConfigureAwait(false);
        return all.Count == 1 ? all[0] : throw new TenancyException(
            "SpecimenUnknown",
            all.Count == 0 ? "The project has no tenant." : $"The project has {all.Count} tenants, and nobody has said whose schema stands for all.",
            "Name it with -Specimen, or with 'specimen' in the project file.");
    }

    private async Task<DesiredSource?> FindDesiredAsync(TenantSelection selection, CancellationToken token)
    {
        if (new object?[] { DesiredSql, DesiredDump, DesiredTenant, DesiredLiveSchema }.Count(static source => source is not null) != 1)
        {
            throw new TenancyException("DesiredUnknown", "One way must say how the schema is to be.", "Give one of -DesiredSql, -DesiredDump, -DesiredTenant and -DesiredLiveSchema.");
        }

        if (DesiredTenant is { } given)
        {
            return (await selection.SelectAsync(given, mustExist: true, token).ConfigureAwait(false)).FirstOrDefault() is { } tenant ? new DesiredSource.Live(tenant) : null;
        }

        return DesiredSql is { } paths ? new DesiredSource.Files([.. paths.Select(SessionState.Path.GetUnresolvedProviderPathFromPSPath)], DesiredSchema)
            : DesiredDump is { } dump ? new DesiredSource.Dump(SessionState.Path.GetUnresolvedProviderPathFromPSPath(dump), DesiredSchema)
            : new DesiredSource.Live(new() { Name = DesiredLiveSchema!, Schema = DesiredLiveSchema! });
    }
}
