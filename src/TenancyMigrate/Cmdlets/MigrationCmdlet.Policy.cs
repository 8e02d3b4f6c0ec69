using System.Management.Automation;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Policies;
using Tenancy.Core.Revisions;
using Tenancy.Model;
using TenancyMigrate.Completion;
using TenancyMigrate.Pipeline;

namespace TenancyMigrate.Cmdlets;

/// <content>How far a run goes, and in which order.</content>
public abstract partial class MigrationCmdlet
{
    /// <summary>Continue: a tenant that fails stops no other (default). Stop: after the first failure nothing new is started; what runs ends, and every tenant that was not reached has a result with Status Incomplete, which can be piped back in. For a limit between the two: -MaxFailures.</summary>
    [Parameter]
    [ValidateSet("Continue", "Stop")]
    public string? FailurePolicy { get; set; }

    /// <summary>How many tenants may fail: a number, such as 5, or a part of the run's tenants, such as 5%. With one more, nothing new is started, as with -FailurePolicy Stop.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? MaxFailures { get; set; }

    /// <summary>When the run is to be at its end. A tenant is not started when it would not end by then: the longest that the same revisions took on any tenant in this run must fit, and for the first ones the longest that each ever took in the database's history. What is not started has a result with Status Incomplete.</summary>
    [Parameter]
    public DateTime Until { get; set; }

    /// <summary>How long the run may take, from its start, such as 2h, 90min or 1:30:00. Works as -Until; if both are given, the earlier counts.</summary>
    [Parameter]
    [DurationTransformation]
    public TimeSpan TimeBudget { get; set; }

    /// <summary>How far behind a standby may be, such as 10s: while one that is connected to a tenant's server replays later than that, or is more than 16 MB behind and tells no time, nothing new is started there. Servers are asked once a second. Needs the rights of pg_monitor.</summary>
    [Parameter]
    [DurationTransformation]
    public TimeSpan MaxReplicaLag { get; set; }

    /// <summary>A rollout file, such as rollout.yaml: rings of tenants that are migrated one after another, each with its own limits, the time to wait and the query that must hold before the next begins. Tenants that no ring takes are the last ring. Default for Invoke-TenantMigration: the file that the project names with its key 'rollout'.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Rollout { get; set; }

    /// <summary>A label of the tenants whose values are the rings of a rollout: canary first, then by number, then by name; tenants without it last. The first failure stops it, unless -MaxFailures says otherwise.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(TenantLabelCompleter))]
    public string? RingLabel { get; set; }

    /// <summary>True for a run without the rollout that the project file names.</summary>
    private protected virtual bool LeavesRolloutOut => false;

    // What a run that was stopped says by itself.
    private void EnsureResumes()
    {
        string[] own = ["To", "Steps", nameof(Scope), nameof(Transaction), nameof(RingLabel)];
        if (IsSelective || Array.Find(own, IsBound) is not null)
        {
            var what = IsSelective ? "tenants" : "-" + Array.Find(own, IsBound);
            throw new TenancyException("InvalidPolicy", $"-Resume goes on with a run as it began, so {what} cannot be given beside it.", $"Leave out {what}; limits, -Rollout and secret arguments may be given.");
        }
    }

    // The project's rollout is for a new run up that works on tenants one by one, where nothing else is said.
    private Tenancy.Core.Rollouts.Rollout? OwnRollout(TenancyProject project, MigrationRequest request)
    {
        var isMeant = request is { Direction: RevisionDirection.Up, Transaction: not TransactionMode.AllTenants, Scope: not MigrationScope.Shared };
        return !isMeant || Rehearse || RingLabel is not null || LeavesRolloutOut ? null : RolloutReader.ReadOf(project);
    }

    private MigrationRequest WithPolicy(MigrationRequest request)
    {
        if (Rollout is not null && RingLabel is not null)
        {
            throw new TenancyException("InvalidPolicy", "-Rollout and -RingLabel both say what the rings are.", "Leave one of them out.");
        }

        if (LeavesRolloutOut && Array.Find([nameof(Rollout), nameof(RingLabel), "Resume"], IsBound) is { } rings)
        {
            throw new TenancyException("InvalidPolicy", $"-NoRollout and -{rings} say two different things.", "Leave one of them out: -NoRollout is for a run without the rollout that the project file names.");
        }

        string[] limits = [nameof(FailurePolicy), nameof(MaxFailures), nameof(Until), nameof(TimeBudget), nameof(MaxReplicaLag), nameof(Rollout), nameof(RingLabel), "Resume"];
        if (Rehearse && Array.Find(limits, IsBound) is { } limit)
        {
            throw new TenancyException("InvalidPolicy", $"A rehearsal keeps nothing, so -{limit} has no meaning with it.", $"Leave out -{limit}, or -Rehearse; -Sample makes a rehearsal shorter.");
        }

        if (FailurePolicy is not null && MaxFailures is not null)
        {
            throw new TenancyException("InvalidPolicy", "-FailurePolicy and -MaxFailures say two different things.", "Leave one of them out: -FailurePolicy Stop is -MaxFailures 0.");
        }

        if (IsBound(nameof(Until)) && Until.ToUniversalTime() <= DateTime.UtcNow)
        {
            throw new TenancyException("InvalidPolicy", $"-Until {Until:yyyy-MM-dd HH:mm:ss} is over.", "Give a time to come; a time of day alone is today's, so give the date too.");
        }

        var ends = new[] { End(Until, IsBound(nameof(Until))), End(DateTime.UtcNow + TimeBudget, IsBound(nameof(TimeBudget))) };
        return request with
        {
            MaxFailures = MaxFailures is { } written ? FailureLimit.Parse(written) : FailurePolicy switch
            {
                null => null,
                var policy when string.Equals(policy, "Stop", StringComparison.OrdinalIgnoreCase) => FailureLimit.None,
                _ => FailureLimit.All,
            },
            Until = ends.Min(),
            MaxReplicaLag = IsBound(nameof(MaxReplicaLag)) ? MaxReplicaLag : null,
        };
    }

    // A time without a zone is this machine's.
    private static DateTime? End(DateTime time, bool isSet) => isSet ? time.ToUniversalTime() : null;

    private protected bool IsBound(string parameter) => MyInvocation.BoundParameters.ContainsKey(parameter);
}
