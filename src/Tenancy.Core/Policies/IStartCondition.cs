using Tenancy.Core.Execution;
using Tenancy.Core.Planning;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Policies;

/// <summary>Something that a run asks before it starts more work. One for all databases of a run: asked and told from many threads.</summary>
internal interface IStartCondition
{
    /// <summary>Makes sure that it can be asked, before anything is changed.</summary>
    /// <param name="databases">The run's databases.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="TenancyException">It cannot.</exception>
    Task PrepareAsync(IReadOnlyCollection<DatabaseAddress> databases, CancellationToken cancellation) => Task.CompletedTask;

    /// <summary>Whether the work may start now.</summary>
    /// <param name="work">The work.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>Why not, or null.</returns>
    ValueTask<StartRefusal?> AskAsync(StartQuestion work, CancellationToken cancellation);

    /// <summary>Takes note of how work ended.</summary>
    /// <param name="work">The work.</param>
    /// <param name="result">What it ended with.</param>
    void End(StartQuestion work, MigrationResult result)
    {
    }
}

/// <summary>Work that a run would start.</summary>
/// <param name="Target">The schema; the shared one for a database as a whole.</param>
/// <param name="Plan">What is to be done there; null where that is not known yet.</param>
/// <param name="Hold">Told, again and again, why the work waits; null where nobody listens.</param>
internal sealed record StartQuestion(SchemaTarget Target, Plan? Plan = null, Action<string>? Hold = null);

/// <summary>Why work is not started.</summary>
/// <param name="ErrorId">For the results of tenants that are not reached.</param>
/// <param name="Reason">Why, in words that follow <c>was not started:</c>, without a full stop.</param>
/// <param name="RecommendedAction">What to do.</param>
internal sealed record StartRefusal(string ErrorId, string Reason, string RecommendedAction)
{
    /// <summary>When to ask again; null where the answer stays.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The part of the reason that is the same for all work, without a full stop; null for all of it.</summary>
    public string? Common { get; init; }

    /// <summary>What it means for one schema.</summary>
    /// <param name="who">The schema, such as <c>tenant 'acme'</c>.</param>
    public MigrationFailure Of(object who) => new() { ErrorId = ErrorId, Message = $"{who} was not started: {Reason}.", Cause = $"{Common ?? Reason}.", RecommendedAction = RecommendedAction };
}
