using System.Collections.Immutable;
using Npgsql;
using Tenancy.Core.Execution.Steps;
using Tenancy.Core.History;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Tenants;

namespace Tenancy.Core.Execution;

/// <summary>
/// Runs transactions of a plan on one schema in one round trip: statements, checks, proof of placement, history and COMMIT of each, of which the server skips what comes after an error. One whose
/// requirements decide whether a revision runs takes a message of its own, and one more for each such revision. Whatever fails before a COMMIT leaves the schema at the one before.
/// </summary>
internal sealed class TransactionalWork
{
    private const string Commit = "COMMIT";

    private readonly RunContext context;
    private readonly SchemaTarget target;
    private readonly TransactionCommands build;

    /// <summary>Work on one schema.</summary>
    /// <param name="context">The run.</param>
    /// <param name="target">The schema.</param>
    public TransactionalWork(RunContext context, SchemaTarget target)
    {
        this.context = context;
        this.target = target;
        build = new(context, target);
    }

    /// <summary>True where a transaction may go into one message with others (<see cref="RunTogetherAsync"/>): nothing in it waits for the runner's decision, or for other schemas.</summary>
    /// <param name="transaction">The transaction.</param>
    public static bool CanRunTogether(PlanTransaction transaction) =>
        transaction is { IsTransactional: true, Touches.IsEmpty: true } && !transaction.Stages.Any(static stage => stage.Batch is not null || RevisionCheck.Decides(stage));

    /// <summary>Runs transactions in one message, each of which commits by itself.</summary>
    /// <param name="connection">An open connection outside a transaction.</param>
    /// <param name="transactions">The transactions, in order, each of which <see cref="CanRunTogether"/>.</param>
    /// <param name="state">The state that the first was planned for.</param>
    /// <param name="committed">Told of each whose COMMIT the server has answered, in order, with the seconds from its BEGIN to its COMMIT by the server's clock; before an error of the one behind it is thrown.</param>
    /// <param name="cancellation">Cancels the running statement and rolls its transaction back.</param>
    /// <exception cref="StatementException">A statement failed, at its place in the manifest.</exception>
    /// <exception cref="OutcomeUnknownException">The connection was lost: of those that were not told of, none, some or all may be committed.</exception>
    public async Task RunTogetherAsync(
        NpgsqlConnection connection, ImmutableArray<PlanTransaction> transactions, SchemaState state, Action<PlanTransaction, double> committed, CancellationToken cancellation)
    {
        CommandList commands = [];
        foreach (var transaction in transactions)
        {
            build.AddWork(commands, transaction, state);
            TransactionCommands.AddCleanUp(commands, context, transaction.Flushes, isTimed: true);
            commands.Add(Commit);
            state = state.After(transaction.Stages);
        }

        List<double> seconds = [];
        try
        {
            await SendCommitsAsync(connection, commands, Tell, ReadSecondsAsync, cancellation);
        }
        catch (Exception error) when (error is not OutcomeUnknownException)
        {
            await RollBackAsync(connection, TransactionCommands.FreeSessionLocks);
            throw;
        }

        async Task ReadSecondsAsync(NpgsqlDataReader reader)
        {
            if (TransactionCommands.IsTime(reader) && await reader.ReadAsync(cancellation))
            {
                seconds.Add(reader.GetDouble(1));
            }
        }

        void Tell(int count)
        {
            for (var number = 0; number < count; number++)
            {
                committed(transactions[number], seconds.ElementAtOrDefault(number));
            }
        }
    }

    /// <summary>Runs a transaction.</summary>
    /// <param name="connection">An open connection outside a transaction.</param>
    /// <param name="transaction">The transaction.</param>
    /// <param name="state">The state that it was planned for.</param>
    /// <param name="cancellation">Cancels the running statement and rolls back.</param>
    /// <exception cref="StatementException">A statement failed, at its place in the manifest.</exception>
    /// <exception cref="OutcomeUnknownException">The connection was lost at COMMIT.</exception>
    public Task<TransactionOutcome> RunAsync(NpgsqlConnection connection, PlanTransaction transaction, SchemaState state, CancellationToken cancellation) =>
        RunAsync(connection, transaction, state, locks: true, cancellation);

    /// <summary>Runs the transaction of a hook around a run, without the lock: other runs may be at work in the scope.</summary>
    /// <inheritdoc cref="RunAsync(NpgsqlConnection, PlanTransaction, SchemaState, CancellationToken)"/>
    public Task<TransactionOutcome> RunUnlockedAsync(NpgsqlConnection connection, PlanTransaction transaction, SchemaState state, CancellationToken cancellation) =>
        RunAsync(connection, transaction, state, locks: false, cancellation);

    private async Task<TransactionOutcome> RunAsync(NpgsqlConnection connection, PlanTransaction transaction, SchemaState state, bool locks, CancellationToken cancellation)
    {
        CommandList commands = [];
        try
        {
            build.AddBegin(commands, transaction, state, locks);
            var outcome = await AddStagesAsync(connection, commands, transaction, cancellation);
            if (outcome.Done.IsEmpty)
            {
                await RollBackAsync(connection, TransactionCommands.FreeSessionLocks);
                return outcome;
            }

            build.AddProof(commands, transaction, state);
            commands.AddRecords(context, target, state.Oid!.Value, outcome.Done);
            TransactionCommands.AddCleanUp(commands, context, transaction.Flushes);
            commands.Add(Commit);
            await SendCommitsAsync(connection, commands, static _ => { }, read: null, cancellation);
            return outcome;
        }
        catch (Exception error) when (error is not OutcomeUnknownException)
        {
            await RollBackAsync(connection, TransactionCommands.FreeSessionLocks);
            throw;
        }
    }

    // The server finds out alone whether it may commit. A cancelled run has an error of a statement then, or it is done.
    private async Task SendCommitsAsync(NpgsqlConnection connection, CommandList commands, Action<int> committed, Func<NpgsqlDataReader, Task>? read, CancellationToken cancellation)
    {
        await using var batch = commands.ToBatch(connection);
        try
        {
            await ReadAsync(batch, commands, read, cancellation);
        }
        catch (Exception error)
        {
            // What the server has answered it has done, however the message ended.
            var (answered, all) = (commands.Where((command, index) => IsCommit(command) && batch.BatchCommands[index].StatementType != StatementType.Unknown).Count(), commands.Count(IsCommit));
            committed(answered);
            if (answered < all && !cancellation.IsCancellationRequested && MayBeCommitted(error))
            {
                throw new OutcomeUnknownException(error);
            }

            if (answered < all || error is not (NpgsqlException or OperationCanceledException))
            {
                throw;
            }

            return;
        }

        committed(commands.Count(IsCommit));

        static bool IsCommit(SessionCommand command) => command is { Text: Commit, Stage: null };
    }

    // Any other error of the server's is of a session that goes on, and has rolled back.
    private static bool MayBeCommitted(Exception error) =>
        (error as PostgresException ?? error.InnerException as PostgresException) is { } answer ? SessionEnd.Is(answer) : error is NpgsqlException;

    /// <summary>Adds the stages, and sends what there is so far where what a revision requires decides whether it runs.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="commands">What comes before; afterwards what is still to be sent.</param>
    /// <param name="transaction">The transaction.</param>
    /// <param name="cancellation">Cancels the running command.</param>
    /// <returns>What will have been done once the commands are sent.</returns>
    public async Task<TransactionOutcome> AddStagesAsync(NpgsqlConnection connection, CommandList commands, PlanTransaction transaction, CancellationToken cancellation)
    {
        var done = ImmutableArray.CreateBuilder<PlanStage>();
        RevisionCheck? skipped = null;
        foreach (var stage in transaction.Stages)
        {
            if (done.Any(before => before.MarkedBecause is not null && before.Revision == stage.Revision))
            {
                continue;
            }

            build.AddRequirements(commands, stage);
            if (RevisionCheck.Decides(stage))
            {
                var (unmet, _) = await SendAsync(connection, commands, cancellation);
                commands.Clear();
                if (unmet is { OnFail: OnFail.Skip })
                {
                    skipped = unmet;
                    break;
                }

                if (unmet is not null)
                {
                    context.Log.Verbose($"{target}: {stage.Revision.Manifest.Title} is marked as applied and not run: {unmet.Message}");
                    done.Add(stage.MarkedAsApplied(unmet.Message));
                    continue;
                }
            }

            build.AddStage(commands, stage);
            done.Add(stage);
        }

        return new(done.DrainToImmutable(), skipped);
    }

    /// <summary>Sends commands and reads what they give.</summary>
    /// <param name="connection">The connection, in a transaction once they are sent.</param>
    /// <param name="commands">The commands.</param>
    /// <param name="cancellation">Cancels the running command.</param>
    /// <param name="read">Reads a result that is no check's; null where none is of interest.</param>
    /// <returns>The first requirement that does not hold and decides whether its revision runs, or null; and what a batch did, or null.</returns>
    /// <exception cref="StatementException">A statement failed.</exception>
    /// <exception cref="CheckFailedException">A check does not hold, or could not be asked.</exception>
    /// <exception cref="PlacementException">Something landed outside the schema.</exception>
    public async Task<(RevisionCheck? Unmet, BatchPlace? Batch)> SendAsync(
        NpgsqlConnection connection, CommandList commands, CancellationToken cancellation, Func<NpgsqlDataReader, Task>? read = null)
    {
        await using var batch = commands.ToBatch(connection);
        return await ReadAsync(batch, commands, read, cancellation);
    }

    private async Task<(RevisionCheck? Unmet, BatchPlace? Batch)> ReadAsync(NpgsqlBatch batch, CommandList commands, Func<NpgsqlDataReader, Task>? read, CancellationToken cancellation)
    {
        foreach (var statement in commands.Where(static command => command.Statement is not null))
        {
            context.Log.Debug(context.Mask(statement.Text));
        }

        RevisionCheck? unmet = null;
        BatchPlace? place = null;
        try
        {
            await using var reader = await batch.ExecuteReaderAsync(cancellation);
            do
            {
                if (RevisionCheck.Of(reader, commands) is { } check)
                {
                    unmet = await check.HoldsAsync(reader, context.Log, target, cancellation) ? unmet : unmet ?? check;
                }
                else if (BatchPlace.IsResult(reader))
                {
                    place = await BatchPlace.ReadAsync(reader, cancellation);
                }
                else if (read is not null)
                {
                    await read(reader);
                }
            }
            while (await reader.NextResultAsync(cancellation));
        }
        catch (PostgresException error) when (error.SqlState == PlacementProof.Outside && commands.Find(batch, error) is { Proved: { } proved })
        {
            throw new PlacementException(proved.Stages[^1], error);
        }
        catch (PostgresException error) when (commands.Find(batch, error) is { Stage: { } stage } failed)
        {
            throw failed.Check is { } check ? new CheckFailedException(check, error) : new StatementException(stage, failed.Statement, failed.Text, error);
        }

        return (unmet, place);
    }

    /// <summary>Commits, with commands that go before in the same message.</summary>
    /// <param name="connection">The connection, in a transaction.</param>
    /// <param name="before">The commands; null for none.</param>
    /// <exception cref="OutcomeUnknownException">The connection was lost meanwhile.</exception>
    public static async Task CommitAsync(NpgsqlConnection connection, CommandList? before = null)
    {
        var commands = before ?? [];
        commands.Add(Commit);
        try
        {
            await commands.ExecuteAsync(connection, CancellationToken.None);
        }
        catch (NpgsqlException error) when (MayBeCommitted(error))
        {
            throw new OutcomeUnknownException(error);
        }
        catch (PostgresException)
        {
            await RollBackAsync(connection);
            throw;
        }
    }

    /// <summary>Rolls back whatever is open; a connection that cannot is closed, which rolls back too.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="after">What is sent with it, to run after it.</param>
    public static async Task RollBackAsync(NpgsqlConnection connection, params string[] after)
    {
        try
        {
            CommandList commands = [];
            commands.Add("ROLLBACK");
            foreach (var command in after)
            {
                commands.Add(command);
            }

            await commands.ExecuteAsync(connection, CancellationToken.None);
        }
        catch (Exception error) when (error is NpgsqlException or InvalidOperationException)
        {
            await connection.CloseAsync();
        }
    }
}
