using System.Runtime.CompilerServices;
using Npgsql;
using Tenancy.Core.Planning;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Execution.AllTenants;

/// <summary>
/// A run in which all tenants commit together, a transaction a database. All are executed first and held open; then they are committed one after another, which is not atomic: what becomes
/// of each is told. One failure before that rolls back all.
/// </summary>
/// <param name="databases">The databases.</param>
/// <param name="request">What to do.</param>
internal sealed class AllTenantsRun(IReadOnlyList<AllTenantsDatabase> databases, MigrationRequest request)
{
    /// <summary>Runs. One result a tenant, and one for a shared schema where something happened there, when everything is decided.</summary>
    /// <param name="cancellation">Cancels the running statement and rolls back everything.</param>
    /// <exception cref="TenancyException">The only database cannot be worked on so.</exception>
    public async IAsyncEnumerable<MigrationResult> RunAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        List<MigrationResult> results;
        try
        {
            results = await ExecuteAsync(cancellation) is { } failed
                ? [.. databases.SelectMany(database => new AllTenantsResults(database, request).RolledBack(failed))]
                : await CommitAsync();
        }
        catch (Exception) when (!cancellation.IsCancellationRequested)
        {
            await RollBackAsync();
            foreach (var database in databases)
            {
                if (await database.RunAfterAsync() is { Failure: { } unheard })
                {
                    database.Context!.Log.Warn(unheard.Message);
                }
            }

            throw;
        }
        finally
        {
            await RollBackAsync();
        }

        foreach (var result in results)
        {
            yield return result;
        }

        foreach (var database in databases)
        {
            if (await database.RunAfterAsync() is { } failedHook)
            {
                yield return failedHook;
            }
        }
    }

    // What failed, and where, once all is rolled back; null where all is executed.
    private async Task<AllTenantsFailure?> ExecuteAsync(CancellationToken cancellation)
    {
        var current = databases[0];
        try
        {
            foreach (var database in databases)
            {
                current = database;
                await database.ExecuteAsync(cancellation);
            }

            foreach (var database in databases)
            {
                current = database;
                await database.CheckAsync();
            }

            // From here on nothing is cancelled.
            cancellation.ThrowIfCancellationRequested();
            return null;
        }
        catch (Exception error)
        {
            await RollBackAsync();
            if (cancellation.IsCancellationRequested)
            {
                throw new OperationCanceledException("Cancelled; everything was rolled back.", error, cancellation);
            }

            if (await DescribeAsync(error, current) is { } failed)
            {
                return failed;
            }

            throw;
        }
    }

    private async Task<AllTenantsFailure?> DescribeAsync(Exception error, AllTenantsDatabase database)
    {
        switch (error)
        {
            case PartFailedException failed:
                var failure = new FailureDescriber(database.Context!).Describe(failed.InnerException!, failed.Target);
                await OutcomeRecord.WriteAsync(database.Context!, failed.Target, failure, DateTime.UtcNow);
                return new(database, failed.Target, failure);
            case TenancyException failed when databases.Count > 1:
                return new(database, null, new() { ErrorId = failed.ErrorId, Message = failed.Message, RecommendedAction = failed.RecommendedAction });
            case PostgresException failed when !SessionEnd.Is(failed):
                return new(database, null, new() { ErrorId = "StatementFailed", Message = $"{database.Address}: {failed.MessageText} ({failed.SqlState}).", RecommendedAction = "Run again: nothing was kept.", SqlState = failed.SqlState });
            case NpgsqlException failed:
                return new(database, null, new() { ErrorId = "ConnectionLost", Message = $"{database.Address}: the transaction was lost: {failed.Message}", RecommendedAction = "Run again: nothing was kept." });
            default:
                return null;
        }
    }

    // After the first that is not committed, no more are.
    private async Task<List<MigrationResult>> CommitAsync()
    {
        List<CommitOutcome> outcomes = [];
        foreach (var database in databases)
        {
            MigrationFailure? failure = null;
            if (outcomes.Find(static outcome => outcome.Failure is not null) is { } stopped && database.HasWork)
            {
                await database.RollBackAsync();
                failure = new() { ErrorId = "RolledBack", Message = $"{database.Address} was rolled back: {stopped.Database.Address} could not be committed before it.", RecommendedAction = "Run again: what is done stays done." };
            }
            else
            {
                failure = await database.CommitAsync();
            }

            outcomes.Add(new(database, failure));
        }

        return [.. databases.SelectMany(database => new AllTenantsResults(database, request).Decided(outcomes))];
    }

    private async Task RollBackAsync()
    {
        foreach (var database in databases)
        {
            await database.RollBackAsync();
        }
    }
}

/// <summary>What rolled back a run in which all tenants commit together.</summary>
/// <param name="Database">Where.</param>
/// <param name="Target">The schema; null where it was the database as a whole.</param>
/// <param name="Failure">What went wrong.</param>
internal sealed record AllTenantsFailure(AllTenantsDatabase Database, SchemaTarget? Target, MigrationFailure Failure);

/// <summary>What became of a database's COMMIT.</summary>
/// <param name="Database">The database.</param>
/// <param name="Failure">Why it is not committed, or not known to be; null where it is.</param>
internal sealed record CommitOutcome(AllTenantsDatabase Database, MigrationFailure? Failure);
