using System.Collections;
using System.Diagnostics;
using System.Management.Automation;
using Tenancy.Core;
using Tenancy.Core.Authoring;
using Tenancy.Core.Tenants;
using TenancyMigrate.Connections;

namespace TenancyMigrate.Completion;

/// <summary>What can be completed.</summary>
internal enum CandidateKind
{
    Tenant,
    Run,
    Revision,
}

/// <summary>What is asked for, and how long one waits for it.</summary>
/// <param name="kind">What is asked for.</param>
/// <param name="patience">How long to wait, from now.</param>
internal sealed class CandidateRequest(CandidateKind kind, TimeSpan patience)
{
    private readonly Stopwatch clock = Stopwatch.StartNew();

    public CandidateKind Kind => kind;

    /// <summary>What is left of the patience.</summary>
    public TimeSpan Patience => patience > clock.Elapsed ? patience - clock.Elapsed : TimeSpan.Zero;

    /// <summary>Where the answer is, or will be; null where nothing says whom to ask.</summary>
    public CandidateReading? Reading { get; set; }
}

/// <summary>Reads what can be completed. A cmdlet, so that project and connection are those that the command being typed would take; the module does not export it.</summary>
[Cmdlet(VerbsCommon.Get, "TenantCandidate")]
internal sealed class CandidateCommand : FleetCmdlet
{
    private const int NewestRuns = 100;

    /// <summary>What is asked for; gets the answer, which is there too where this cmdlet is stopped.</summary>
    [Parameter(Mandatory = true)]
    public CandidateRequest? Request { get; set; }

    /// <summary>Begins to read the revisions of a project.</summary>
    /// <param name="project">The project file.</param>
    public static CandidateReading BeginRevisions(string project)
    {
        var reading = Candidates.Find(CandidateKind.Revision, new() { Project = project });
        reading.Begin(_ => Task.FromResult<object[]>([.. MigrationFiles.Open(project).Revisions.All.Select(static node => node.Describe())]));
        return reading;
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        // Where there is no project, PowerShell would keep the error.
        var errors = (ArrayList)SessionState.PSVariable.GetValue("Error");
        var before = errors.Count;
        try
        {
            Ask(FindProject());
        }
        finally
        {
            errors.RemoveRange(0, Math.Max(0, errors.Count - before));
        }
    }

    private void Ask(string project)
    {
        var kind = Request!.Kind;
        var choice = OwnChoice().Over(SessionConnection.Current) with { Project = project };
        var reading = Request.Reading = kind == CandidateKind.Revision ? BeginRevisions(project) : Candidates.Find(kind, choice);
        Run((pump, token) =>
        {
            if (kind != CandidateKind.Revision)
            {
                reading.Begin(limit => ReadAsync(kind, project, () => MakeSettings(choice, pump), limit));
            }

            return reading.WaitAsync(Request.Patience, token);
        });
    }

    private static async Task<object[]> ReadAsync(CandidateKind kind, string project, Func<ConnectionSettings> makeSettings, CancellationToken limit)
    {
        var fleet = Fleet.OpenWithoutRevisions(project, makeSettings());
        await using (fleet.ConfigureAwait(false))
        {
            if (kind == CandidateKind.Run)
            {
                return [.. await fleet.GetRunsAsync(null, NewestRuns, limit).ConfigureAwait(false)];
            }

            List<object> tenants = [];
            await foreach (var (tenant, error) in fleet.GetTenantsAsync(null, limit).ConfigureAwait(false))
            {
                if (error is null)
                {
                    tenants.Add(tenant);
                }
            }

            return [.. tenants];
        }
    }
}
