using Tenancy.Core.Execution;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Policies;

/// <summary>What stands before every start of work in a run: its limits of failures, of time and of the replicas' lag. Safe for use from many threads.</summary>
/// <param name="conditions">All must agree, asked in this order.</param>
internal sealed class StartGate(params IReadOnlyList<IStartCondition> conditions)
{
    /// <summary>The gate of a run.</summary>
    /// <param name="request">What limits it has.</param>
    /// <param name="project">The project.</param>
    /// <param name="connector">Opens connections.</param>
    /// <param name="log">Takes what is decided.</param>
    /// <param name="tenants">How many tenants the run has.</param>
    public static StartGate Of(MigrationRequest request, TenancyProject project, DatabaseConnector connector, IRunLog log, int tenants)
    {
        List<IStartCondition> conditions = [];
        if (request.MaxFailures is { } limit)
        {
            conditions.Add(new FailureCondition(limit, tenants, "the run"));
        }

        if (request.Until is { } until)
        {
            conditions.Add(new TimeCondition(until, project, connector, log));
        }

        // Last: it may hold the work back.
        if (request.MaxReplicaLag is { } lag)
        {
            conditions.Add(new ReplicaLagCondition(lag, connector, log));
        }

        return new(conditions);
    }

    /// <summary>This gate, and one more condition behind it.</summary>
    /// <param name="condition">The condition.</param>
    public StartGate With(IStartCondition condition) => new([.. conditions, condition]);

    /// <summary>Makes sure that its conditions can be asked, before anything is changed.</summary>
    /// <param name="databases">The run's databases.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="TenancyException">One cannot.</exception>
    public async Task PrepareAsync(IReadOnlyCollection<DatabaseAddress> databases, CancellationToken cancellation)
    {
        foreach (var condition in conditions)
        {
            await condition.PrepareAsync(databases, cancellation);
        }
    }

    /// <summary>Waits until work may start. What has nothing to do always may.</summary>
    /// <param name="work">The work.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>Why it may not start in this run any more, or null.</returns>
    public async ValueTask<StartRefusal?> AskAsync(StartQuestion work, CancellationToken cancellation)
    {
        if (work.Plan is { Transactions.IsEmpty: true })
        {
            return null;
        }

        while (await FindRefusalAsync(work, cancellation) is { } refusal)
        {
            if (refusal.RetryAfter is not { } pause)
            {
                return refusal;
            }

            work.Hold?.Invoke(refusal.Reason);
            await Task.Delay(pause, cancellation);
        }

        return null;
    }

    /// <summary>Takes note of how work ended.</summary>
    /// <param name="work">The work.</param>
    /// <param name="result">What it ended with.</param>
    /// <returns>The result.</returns>
    public MigrationResult End(StartQuestion work, MigrationResult result)
    {
        foreach (var condition in conditions)
        {
            condition.End(work, result);
        }

        return result;
    }

    private async ValueTask<StartRefusal?> FindRefusalAsync(StartQuestion work, CancellationToken cancellation)
    {
        foreach (var condition in conditions)
        {
            if (await condition.AskAsync(work, cancellation) is { } refusal)
            {
                return refusal;
            }
        }

        return null;
    }
}
