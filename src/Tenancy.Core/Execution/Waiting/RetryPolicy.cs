using System.Collections.Concurrent;
using System.Globalization;
using Npgsql;
using Polly;
using Polly.Retry;
using Tenancy.Core.Manifests;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Execution.Waiting;

/// <summary>What a run tries again, how often, and after which pauses: growing, jittered, bounded.</summary>
internal sealed class RetryPolicy
{
    private static readonly ResiliencePropertyKey<Action<Exception, TimeSpan>> Failed = new("failed");

    // What Polly takes.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    private readonly DatabaseConnector connector;
    private readonly MigrationRetries retries;
    private readonly IRunLog log;
    private readonly DateTime? until;
    private readonly ResiliencePipeline work;
    private readonly ResiliencePipeline opening;

    // Databases that all tries of one transaction did not reach, with what they failed with and when one looks again.
    private readonly ConcurrentDictionary<DatabaseAddress, (TenancyException Error, DateTime Look)> missing = new();

    /// <summary>A policy.</summary>
    /// <param name="connector">Opens connections.</param>
    /// <param name="retries">How often, and the pauses.</param>
    /// <param name="log">Takes what it decides.</param>
    /// <param name="until">When nothing is tried again any more, UTC; null for never.</param>
    public RetryPolicy(DatabaseConnector connector, MigrationRetries retries, IRunLog log, DateTime? until = null)
    {
        this.until = until;
        this.connector = connector;
        this.retries = retries;
        this.log = log;
        work = Build(retries, Handles);
        opening = Build(retries, TransientErrors.IsServerMissing);
    }

    /// <summary>A pipeline that tries again after some errors.</summary>
    /// <param name="retries">How often, and the pauses.</param>
    /// <param name="handles">Which errors.</param>
    public static ResiliencePipeline Build(MigrationRetries retries, Func<Exception, bool> handles) => retries.Max == 0 ? ResiliencePipeline.Empty : new ResiliencePipelineBuilder()
        .AddRetry(new RetryStrategyOptions
        {
            MaxRetryAttempts = retries.Max,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            Delay = retries.Pause < Longest ? retries.Pause : Longest,
            MaxDelay = retries.LongestPause < Longest ? retries.LongestPause : Longest,
            ShouldHandle = args => ValueTask.FromResult(args.Outcome.Exception is { } error && handles(error)),
            OnRetry = static args =>
            {
                if (args.Context.Properties.TryGetValue(Failed, out var failed))
                {
                    failed!(args.Outcome.Exception!, args.RetryDelay);
                }

                return default;
            },
        })
        .Build();

    /// <summary>True where time is up: a try is a start like another.</summary>
    private bool IsOutOfTime => DateTime.UtcNow >= until;

    /// <summary>True for an error that is worth another try; not where the server has been tried for long enough already, nor when time is up.</summary>
    /// <param name="error">The error.</param>
    public bool Handles(Exception error) => retries.Max > 0 && !IsOutOfTime && TransientErrors.Is(error) && (missing.IsEmpty || !TransientErrors.IsServerMissing(error));

    /// <summary>Does work, again where it fails with what passes.</summary>
    /// <param name="attempt">The work; from its beginning each time.</param>
    /// <param name="failed">Told before each pause what failed, and how long the pause is.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> attempt, Action<Exception, TimeSpan> failed, CancellationToken cancellation) => await RunAsync(work, attempt, failed, cancellation);

    /// <summary>The same, where the log is told.</summary>
    /// <param name="attempt">The work; from its beginning each time.</param>
    /// <param name="cancellation">Gives up.</param>
    public Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> attempt, CancellationToken cancellation) => RunAsync(attempt, Tell, cancellation);

    /// <summary>A pause as messages tell it, the same in every culture: <c>0.5 s</c>.</summary>
    /// <param name="pause">The pause.</param>
    public static string Told(TimeSpan pause) => pause.TotalSeconds.ToString("0.0 's'", CultureInfo.InvariantCulture);

    private void Tell(Exception error, TimeSpan pause) => log.Verbose($"{error.Message} Tried again in {Told(pause)}.");

    /// <summary>
    /// Opens a connection. While the server takes none (it restarts, it has too many) the caller keeps its place: others would need a connection as well. A server that did not come back
    /// in all that time is not waited for again.
    /// </summary>
    /// <param name="address">The database.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="TenancyException">As <see cref="DatabaseConnector.OpenAsync"/>.</exception>
    public async Task<NpgsqlConnection> OpenAsync(DatabaseAddress address, CancellationToken cancellation)
    {
        if (missing.TryGetValue(address, out var known))
        {
            return DateTime.UtcNow < known.Look || !missing.TryUpdate(address, known with { Look = NextLook() }, known)
                ? throw new TenancyException(known.Error.ErrorId, $"{known.Error.Message}; it was tried long enough before, and not for this one", known.Error.RecommendedAction, known.Error.InnerException!)
                : await OpenAgainAsync(address, cancellation);
        }

        try
        {
            return await RunAsync(opening, token => connector.OpenAsync(address, token).AsTask(), Tell, cancellation);
        }
        catch (TenancyException error) when (retries.Max > 0 && TransientErrors.IsServerMissing(error))
        {
            missing[address] = (error, NextLook());
            throw;
        }
    }

    /// <summary>True where the run has given up on a database.</summary>
    /// <param name="address">The database.</param>
    public bool IsMissing(DatabaseAddress address) => missing.ContainsKey(address);

    private async Task<NpgsqlConnection> OpenAgainAsync(DatabaseAddress address, CancellationToken cancellation)
    {
        var connection = await connector.OpenAsync(address, cancellation);
        missing.TryRemove(address, out _);
        return connection;
    }

    private DateTime NextLook() => DateTime.UtcNow + retries.LongestPause;

    /// <summary>Does work, again where a pipeline of <see cref="Build"/> says so.</summary>
    /// <param name="pipeline">The pipeline.</param>
    /// <param name="attempt">The work; from its beginning each time.</param>
    /// <param name="failed">Told before each pause what failed, and how long the pause is.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<T> RunAsync<T>(ResiliencePipeline pipeline, Func<CancellationToken, Task<T>> attempt, Action<Exception, TimeSpan> failed, CancellationToken cancellation)
    {
        var execution = ResilienceContextPool.Shared.Get(cancellation);
        try
        {
            execution.Properties.Set(Failed, failed);
            return await pipeline.ExecuteAsync(static async (execution, attempt) => await attempt(execution.CancellationToken), execution, attempt);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(execution);
        }
    }
}
