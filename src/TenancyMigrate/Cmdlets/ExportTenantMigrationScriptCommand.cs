using System.Collections;
using System.Management.Automation;
using System.Text;
using Tenancy.Core;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Revisions;
using Tenancy.Core.Scripts;
using Tenancy.Model;
using TenancyMigrate.Completion;
using TenancyMigrate.Pipeline;
using TenancyMigrate.Tenants;

namespace TenancyMigrate.Cmdlets;

/// <summary>Writes what Invoke-TenantMigration or Undo-TenantMigration would run as SQL for psql, and runs nothing.</summary>
/// <remarks>
/// <para>With -From it connects to nothing: the script asserts that each schema is there when it runs. Without, it reads where each tenant is. A tenant that cannot be planned for gives an error, and is not in the script.</para>
/// <para>The script holds what a run does: locks, limits of time, assertions, the proof of placement, history, and the history tables where they are missing. Run it once, with psql -X -v ON_ERROR_STOP=1 -f; running it again fails at the first assertion and changes nothing.</para>
/// <para>The values of secret arguments are not written down: psql is given them, as in -v x_password=…, unless -IncludeSecret is set.</para>
/// </remarks>
/// <example>
/// <para>One file for two tenants, from the beginning to the latest revision, without a connection.</para>
/// <code>Export-TenantMigrationScript -Tenant acme, globex -From base -Path ./upgrade.sql</code>
/// </example>
/// <example>
/// <para>A file for each tenant of the fleet, from where it is now.</para>
/// <code>Get-Tenant | Export-TenantMigrationScript -Path ./upgrade</code>
/// </example>
/// <example>
/// <para>The way back, for every schema that is found when the script runs.</para>
/// <code>Export-TenantMigrationScript -SchemaPattern 'customer_*' -From head -To 3fa9 -Undo -Path ./back.sql</code>
/// </example>
[Cmdlet(VerbsData.Export, "TenantMigrationScript", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(FileInfo), typeof(string))]
public sealed class ExportTenantMigrationScriptCommand : TenantCmdlet
{
    private const string Ending = ".sql";

    /// <summary>Where to write: a file that ends in .sql for all of it, or a folder for a file a tenant. A file's text is UTF-8. Default: the script is output as text.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>Where the tenants are, and the shared schema: a revision or its first characters, a label's head, head or base; several for several branches, and for both scopes. Default: it is read from the database.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(RevisionCompleter))]
    public string[] From { get; set; } = [];

    /// <summary>Where to: as for Invoke-TenantMigration (default: head), or with -Undo as for Undo-TenantMigration.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(RevisionCompleter))]
    public string? To { get; set; }

    /// <summary>Writes what Undo-TenantMigration would run, instead of Invoke-TenantMigration.</summary>
    [Parameter]
    public SwitchParameter Undo { get; set; }

    /// <summary>Schemas of tenants, with wildcards: one script that loops over those that are there when it runs. Needs -From. Refused for revisions with steps outside a transaction.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? SchemaPattern { get; set; }

    /// <summary>How much commits together: PerRevision, each revision by itself (default); PerTenant, all pending revisions of a tenant, except where PostgreSQL demands a commit between.</summary>
    [Parameter]
    [ValidateSet("PerRevision", "PerTenant")]
    public string Transaction { get; set; } = "PerRevision";

    /// <summary>Tenant or Shared: only revisions of that scope. Default: on the way up both, on the way down tenants.</summary>
    [Parameter]
    [ValidateSet("Tenant", "Shared")]
    public string? Scope { get; set; }

    /// <summary>Values for what manifests write as ${x.key}, by key: @{prefix = 'R'}. Those of secret arguments are not needed without -IncludeSecret.</summary>
    [Parameter]
    [ValidateNotNull]
    public Hashtable Argument { get; set; } = [];

    /// <summary>Writes the values of secret arguments into the script.</summary>
    [Parameter]
    public SwitchParameter IncludeSecret { get; set; }

    /// <summary>Overwrites files that are there.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (IsEmpty)
        {
            return;
        }

        var request = new ScriptRequest
        {
            Migration = new()
            {
                Direction = Undo ? RevisionDirection.Down : RevisionDirection.Up,
                To = To,
                Scope = Scope is null ? null : Enum.Parse<MigrationScope>(Scope, ignoreCase: true),
                Transaction = Enum.Parse<TransactionMode>(Transaction, ignoreCase: true),
                RunId = Guid.NewGuid(),
                Arguments = RunArguments.Read(Argument),
            },
            From = [.. From],
            SchemaPattern = SchemaPattern,
            IncludesSecrets = IncludeSecret,
        };
        var path = Path is null ? null : SessionState.Path.GetUnresolvedProviderPathFromPSPath(Path);
        RunWithFleet(async (fleet, pump, token) =>
        {
            var scripts = new List<MigrationScript>();
            await foreach (var script in fleet.ExportAsync(await FindTenantsAsync(fleet, pump, request, token).ConfigureAwait(false), request, token).ConfigureAwait(false))
            {
                foreach (var failure in script.Failures)
                {
                    await pump.SendAsync(() => WriteError(ErrorRecords.From(failure.Error!, failure.Tenant))).ConfigureAwait(false);
                }

                scripts.Add(script);
            }

            await pump.SendAsync(() => Write(scripts, path)).ConfigureAwait(false);
        });
    }

    private async Task<IReadOnlyList<Tenant>> FindTenantsAsync(Fleet fleet, PipelinePump pump, ScriptRequest request, CancellationToken token)
    {
        if (request.SchemaPattern is not null)
        {
            return IsSelective
                ? throw new TenancyException("PatternAndTenants", "-SchemaPattern means the tenants that are found when the script runs, and others are named too.", "Leave one of them out.")
                : [];
        }

        return request switch
        {
            { From.IsEmpty: true } => await SelectOrAllAsync(fleet, pump, token).ConfigureAwait(false),
            { Migration.Scope: MigrationScope.Shared } when !IsSelective => [],
            _ => await SelectUnseenAsync(fleet, pump, token).ConfigureAwait(false),
        };
    }

    private void Write(List<MigrationScript> scripts, string? path)
    {
        if (path is null)
        {
            scripts.ForEach(script => WriteObject(script.Text));
            return;
        }

        List<(string Path, string Text)> files;
        if (!path.EndsWith(Ending, StringComparison.OrdinalIgnoreCase))
        {
            // The database's name makes a folder where there are several.
            var names = new ScriptFileNames();
            files = [.. scripts.SelectMany(script =>
            {
                var folder = scripts.Count == 1 ? path : System.IO.Path.Combine(path, names.Make(script.Address.Database, ""));
                return script.Files.Select(file => (System.IO.Path.Combine(folder, file.Name), file.Text));
            })];
        }
        else if (scripts.Count > 1)
        {
            throw new TenancyException("SeveralDatabases", $"The tenants are in {scripts.Count} databases, and a script is for one.", "Give -Path a folder, or write one script a database.");
        }
        else
        {
            files = [.. scripts.Select(script => (path, script.Text))];
        }

        if (!Force && files.Find(static file => File.Exists(file.Path)).Path is { } existing)
        {
            throw new TenancyException("FileExists", $"{existing} is there already.", "Give another -Path, or -Force to overwrite it.");
        }

        foreach (var file in files.Where(file => ShouldProcess(file.Path, "Write script")))
        {
            Write(file.Path, file.Text);
        }
    }

    private void Write(string path, string text)
    {
        try
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
            File.WriteAllText(path, text, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
            WriteFile(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new TenancyException("FileNotWritten", $"{path} could not be written: {error.Message}", "Give another -Path.", error);
        }
    }
}
