using System.Collections.Immutable;
using System.Diagnostics;
using Npgsql;
using Tenancy.Core.History;
using Tenancy.Core.Planning;
using Tenancy.Core.Revisions;
using Tenancy.Model;

namespace Tenancy.Core.Execution;

/// <summary>Brings one schema where the run wants it, transaction by transaction. Never throws for the schema's own failures: they are in the result.</summary>
internal sealed class SchemaMigrator
{
    // Without progress: a state that another run keeps changing, or an outcome that keeps being unknown, is no reason to go on for ever.
    private const int MostReplans = 10;

    private readonly RunContext context;
    private readonly SchemaTarget target;
    private readonly Planner planner;
    private readonly Func<SchemaTarget, CancellationToken, Task<SchemaState>> readState;
    private readonly TransactionalWork transactional;
    private readonly List<string> revisions = [];
    private ImmutableArray<RevisionStep> waiting = [];

    /// <summary>A migrator for one schema.</summary>
    /// <param name="context">The run.</param>
    /// <param name="target">The schema.</param>
    /// <param name="planner">Makes its plans.</param>
    /// <param name="readState">Reads its state anew, under its lock.</param>
    public SchemaMigrator(RunContext context, SchemaTarget target, Planner planner, Func<SchemaTarget, CancellationToken, Task<SchemaState>> readState)
    {
        this.context = context;
        this.target = target;
        this.planner = planner;
        this.readState = readState;
        transactional = new(context, target);
    }

    /// <summary>The schema's state as far as it is known.</summary>
    public SchemaState? State { get; private set; }

    /// <summary>Revisions that wait for the other scope.</summary>
    public ImmutableArray<RevisionStep> Waiting => waiting;

    /// <summary>Brings the schema there.</summary>
    /// <param name="state">Its state as last read.</param>
    /// <param name="cancellation">Cancels the running statement; what is not committed is rolled back.</param>
    /// <exception cref="OperationCanceledException">Cancelled; the schema stands at a revision's boundary or a named step.</exception>
    public async Task<MigrationResult> RunAsync(SchemaState state, CancellationToken cancellation)
    {
        var started = DateTime.UtcNow;
        var clock = Stopwatch.StartNew();
        var from = state.Heads;
        State = state;
        MigrationFailure? failure = null;
        try
        {
            await AdvanceAsync(cancellation);
        }
        catch (Exception error) when (cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException($"{target}: cancelled.", error, cancellation);
        }
        catch (Exception error)
        {
            failure = new FailureDescriber(context).Describe(error, target);
            context.Log.Verbose(failure.Message);
            await FailureRecord.WriteAsync(context, target, failure, started);
        }

        return new()
        {
            Name = target.Name,
            Schema = target.Schema,
            Database = target.Address.Database,
            Server = target.Address.Server.ToString(),
            Scope = target.ScopeName,
            Status = Status(failure),
            Direction = context.Direction,
            Revisions = [.. revisions],
            From = [.. from],
            To = [.. State.Heads],
            Step = State.Stages is [.., { } mark] ? $"{mark.Revision} step {mark.Number}: {mark.Description}" : null,
            Failure = failure,
            Started = started,
            Seconds = Math.Round(clock.Elapsed.TotalSeconds, 4),
            RunId = context.Request.RunId,
            Labels = target.Labels,
        };
    }

    private string Status(MigrationFailure? failure) => failure switch
    {
        { ErrorId: "Recreated" } => MigrationStatus.Recreated,
        not null => State!.Stages.IsEmpty ? MigrationStatus.Failed : MigrationStatus.InProgress,
        _ when !waiting.IsEmpty => target.Scope == Manifests.MigrationScope.Shared ? MigrationStatus.WaitingForTenants : MigrationStatus.Incomplete,
        _ => revisions.Count > 0 ? MigrationStatus.Migrated : MigrationStatus.UpToDate,
    };

    private async Task AdvanceAsync(CancellationToken cancellation)
    {
        var replans = 0;
        var fewest = int.MaxValue;
        LockPatience? patience = null;
        while (true)
        {
            var plan = planner.PlanFor(State!);
            waiting = plan.Waiting;
            if (plan.Transactions.IsEmpty)
            {
                return;
            }

            if (plan.Transactions.Length < fewest)
            {
                // Progress, be it another run's.
                fewest = plan.Transactions.Length;
                replans = 0;
            }

            try
            {
                foreach (var transaction in plan.Transactions)
                {
                    await RunAsync(transaction, cancellation);
                    Complete(transaction);
                    patience = null;
                }

                return;
            }
            catch (PostgresException error) when (error.SqlState == "TN001")
            {
                patience ??= new(context, target);
                await patience.WaitAsync(cancellation);
                await RereadAsync(patience, cancellation);
            }
            catch (PostgresException error) when (error.SqlState == "TN002" && replans++ < MostReplans)
            {
                context.Log.Verbose($"{target}: {error.MessageText}; planned again.");
                await RereadAsync(new(context, target), cancellation);
            }
            catch (OutcomeUnknownException error) when (replans++ < MostReplans)
            {
                context.Log.Verbose($"{target}: the connection was lost at COMMIT; history says whether it happened.");
                await SettleAsync(plan, error, cancellation);
            }
        }
    }

    private async Task RunAsync(PlanTransaction transaction, CancellationToken cancellation)
    {
        foreach (var stage in transaction.Stages)
        {
            context.Log.Verbose($"{target}: {context.Direction} {stage.Revision.Manifest.Revision}{(stage.Number > 1 || !stage.IsLast ? $", step {stage.Number}" : "")} {stage.Revision.Manifest.Description}");
        }

        if (transaction.IsTransactional)
        {
            await using var connection = await context.Connector.OpenAsync(target.Address, cancellation);
            await transactional.RunAsync(connection, transaction, State!, cancellation);
        }
        else
        {
            var work = new NonTransactionalWork(context, target);
            await work.RunAsync(transaction.Stages[0], State!, state => State = state, cancellation);
        }
    }

    // What the database has now, without asking it.
    private void Complete(PlanTransaction transaction)
    {
        var stages = State!.Stages;
        foreach (var stage in transaction.Stages)
        {
            if (stage.IsLast)
            {
                stages = [];
                revisions.Add(stage.Revision.Manifest.Revision);
            }
            else
            {
                var mark = new StageMark(stage.Revision.Manifest.Revision, stage.Revision.Direction, stage.Number, true, stage.Description, stage.Revision.Manifest.Checksum);
                stages = [.. stages.Where(other => other.Number != mark.Number), mark];
            }
        }

        State = State with { Heads = transaction.HeadsAfter(State.Heads), Stages = stages, RecordedOid = State.Oid };
    }

    private async Task SettleAsync(Plan plan, OutcomeUnknownException unknown, CancellationToken cancellation)
    {
        var patience = new LockPatience(context, target);
        while (true)
        {
            try
            {
                await RereadAsync(patience, cancellation);
                var done = await ReadDoneAsync(cancellation);
                var own = plan.Revisions.Select(static step => step.Manifest.Revision).Concat(revisions).ToHashSet(StringComparer.Ordinal);
                revisions.Clear();
                revisions.AddRange(done.Where(own.Contains));
                return;
            }
            catch (TenancyException error) when (error.ErrorId is "ConnectionFailed" or "ConnectionLost")
            {
                // A server that is restarting, perhaps.
                if (patience.IsExhausted)
                {
                    throw unknown;
                }

                await patience.WaitAsync(cancellation);
            }
        }
    }

    // Under the lock the outcome became final; afterwards these rows stay as they are.
    private Task<List<string>> ReadDoneAsync(CancellationToken cancellation) => HistoryTransaction.RunAsync(
        context.Connector,
        target.Address,
        context.Project,
        async connection =>
        {
            await using var batch = new NpgsqlBatch(connection);
            batch.Add(context.History.File("read_done"), context.Project.Fleet, target.ScopeName, target.Schema, context.Request.RunId);
            await using var reader = await batch.ExecuteReaderAsync(cancellation);
            List<string> done = [];
            while (await reader.ReadAsync(cancellation))
            {
                done.Add(reader.GetString(0));
            }

            return done;
        },
        cancellation);

    private async Task RereadAsync(LockPatience patience, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                State = await readState(target, cancellation);
                return;
            }
            catch (PostgresException error) when (error.SqlState == "TN001")
            {
                // The backend of a lost connection may still hold the lock, and may still commit.
                await patience.WaitAsync(cancellation);
            }
        }
    }
}
