using System.Collections.Immutable;
using Npgsql;
using Tenancy.Core.Execution;
using Tenancy.Core.Execution.Steps;
using Tenancy.Core.Execution.Waiting;
using Tenancy.Core.History;
using Tenancy.Core.Manifests;
using Tenancy.Core.Operations;
using Tenancy.Core.Planning;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Rehearsals;

/// <summary>
/// One transaction of a plan as a part of a rehearsal: as the run would send it, but with readings of the clock, with plain forms for what is concurrent, all batches in a row, and without what only
/// a commit makes possible. Where something was left out, each further statement is tried behind a savepoint.
/// </summary>
internal sealed class RehearsalPart
{
    private const string Savepoint = "tenancy_rehearsal";
    private readonly RunContext context;
    private readonly SchemaTarget target;
    private readonly RehearsalTransaction within;
    private readonly PlanTransaction transaction;
    private readonly SchemaState state;
    private readonly RehearsalReport report;
    private readonly TransactionalWork work;
    private readonly TransactionCommands build;
    private readonly RehearsalClock clock;
    private readonly SqlValues values;
    private readonly HashSet<PlannedStatement> plain = new(ReferenceEqualityComparer.Instance);
    private readonly CommandList commands = [];

    /// <summary>A part.</summary>
    /// <param name="context">The rehearsal.</param>
    /// <param name="target">The schema.</param>
    /// <param name="within">Its transaction.</param>
    /// <param name="transaction">The transaction that the run would have.</param>
    /// <param name="state">The schema's state.</param>
    /// <param name="report">Takes what is found.</param>
    public RehearsalPart(RunContext context, SchemaTarget target, RehearsalTransaction within, PlanTransaction transaction, SchemaState state, RehearsalReport report)
    {
        this.context = context;
        this.target = target;
        this.within = within;
        this.transaction = transaction;
        this.state = state;
        this.report = report;
        work = new(context, target);
        build = new(context, target);
        clock = new(context.History);
        values = target.Values(context.Project, context.Arguments);
    }

    private bool IsStarted => state.Stages.LastOrDefault() is { IsDone: false };

    /// <summary>Runs it.</summary>
    /// <param name="cancellation">Cancels the running statement.</param>
    /// <exception cref="RehearsalEndedException">What follows cannot be rehearsed.</exception>
    public Task<TransactionOutcome> RunAsync(CancellationToken cancellation) =>
        BlockerWatch.RunAsync(context, target, transaction, () => SendPartAsync(cancellation), cancellation);

    private async Task<TransactionOutcome> SendPartAsync(CancellationToken cancellation)
    {
        try
        {
            clock.AddStart(commands);
            within.AddBegin(commands, target, transaction, state.Oid!.Value);
            var outcome = await RunStagesAsync(cancellation);
            var last = transaction.Stages[^1];
            var constraints = ConstraintModes.End(ConstraintModes.SchemasOf(context, target, transaction));
            if (report.IsCautious)
            {
                // Deferred constraints; what fails there cannot be taken back.
                await TryAsync(last, null, list => list.Add(new SessionCommand(constraints, []) { Stage = last }), isEnd: true, cancellation);
            }

            build.AddEndOfStatements(commands, transaction, state, constraints);
            within.AddProof(commands, target, transaction, state, outcome);
            clock.AddEnd(commands, last, null);
            within.AddEnd(commands);
            await SendAsync(cancellation);
            return outcome;
        }
        finally
        {
            report.Take(clock.Intervals, within.Known, plain);
        }
    }

    private async Task<TransactionOutcome> RunStagesAsync(CancellationToken cancellation)
    {
        var done = ImmutableArray.CreateBuilder<PlanStage>();
        foreach (var stage in transaction.Stages)
        {
            if (done.Any(before => before.MarkedBecause is not null && before.Revision == stage.Revision))
            {
                continue;
            }

            var (unmet, _) = await DoAsync(stage, null, list => build.AddRequirements(list, stage), mustSend: RevisionCheck.Decides(stage), cancellation);
            if (unmet is { OnFail: OnFail.Skip })
            {
                return new(done.ToImmutable(), unmet);
            }

            if (unmet is not null)
            {
                done.Add(stage.MarkedAsApplied(unmet.Message));
                continue;
            }

            foreach (var planned in stage.Statements)
            {
                await RunAsync(stage, planned, cancellation);
            }

            await DoAsync(stage, null, list => build.AddVerifications(list, stage), mustSend: false, cancellation);
            done.Add(stage);
        }

        return new(done.ToImmutable());
    }

    private async Task RunAsync(PlanStage stage, PlannedStatement planned, CancellationToken cancellation)
    {
        if (stage.Batch is { } batch)
        {
            await RunBatchesAsync(stage, planned, batch, cancellation);
        }
        else if (!planned.Statement.IsTransactional)
        {
            await RunPlainAsync(stage, planned, cancellation);
        }
        else
        {
            await DoAsync(stage, planned, list => build.AddStatement(list, stage, planned), mustSend: false, cancellation);
        }

        if (planned.Statement.CommitAfter)
        {
            // What came so far fails for reasons of its own.
            await SendAsync(cancellation);
            report.AddedEnumValue(stage, planned);
        }
    }

    private async Task RunBatchesAsync(PlanStage stage, PlannedStatement planned, SqlBatch batch, CancellationToken cancellation)
    {
        var position = IsStarted ? state.Stages[^1].Position : null;
        var count = 0;
        BatchPlace? place;
        do
        {
            (_, place) = await DoAsync(stage, planned, list => build.AddBatch(list, stage, position), mustSend: true, cancellation);
            position = place?.Position ?? position;
            count++;
        }
        while (place is { } last && last.Taken >= batch.Size);
        report.PauseSeconds += batch.Pause.TotalSeconds * (count - 1);
        report.RoundTripSeconds += within.RoundTrip * count;
        report.RanAs(stage, planned, $"ran as {(count == 1 ? "1 batch" : $"{count} batches")} in the one transaction, without pauses.");
    }

    private async Task RunPlainAsync(PlanStage stage, PlannedStatement planned, CancellationToken cancellation)
    {
        var sql = planned.Statement.Template.Render(values);
        if (PlainForm.Of(sql) is not { } form)
        {
            var why = planned.Statement.DoneWhen is null ? $"PostgreSQL runs {planned.Statement.Command} outside a transaction only." : "the manifest says that it runs outside a transaction only (transaction: none).";
            report.LeaveOut(stage, planned, why, hasEffect: planned.Statement.Command.Split(' ')[0] is not ("VACUUM" or "CLUSTER" or "REINDEX"));
            return;
        }

        await SendAsync(cancellation);
        if (planned.Statement.ConcurrentIndex is { } index && await ClearAsync(stage, planned, index, cancellation))
        {
            return;
        }

        // The limits are those of a transaction: in its plain form it keeps others out while it waits.
        plain.Add(planned);
        var limited = planned with { LockTimeout = planned.LockTimeout < context.Project.Timeouts.Lock ? planned.LockTimeout : context.Project.Timeouts.Lock };
        await TryAsync(stage, planned, Add, isEnd: false, cancellation);
        report.RanAs(stage, planned, $"ran without CONCURRENTLY ({planned.Statement.Command}), which takes a stronger lock.");

        void Add(CommandList list)
        {
            if (planned.Operation is SqlOperation)
            {
                SetPath(context.UnprovedSearchPath(target));
            }

            // The statement as it was planned: an error names it.
            build.AddStatement(list, limited, new(form, []), stage);
            if (planned.Operation is SqlOperation)
            {
                SetPath(context.SearchPath(target));
            }

            void SetPath(LookedUp path) => list.Add("SELECT pg_catalog.set_config('search_path', $1, true)", path);
        }
    }

    // What a run does before it builds: refuses an index that nobody began, drops an invalid one. True where nothing is left to do.
    private async Task<bool> ClearAsync(PlanStage stage, PlannedStatement planned, ConcurrentIndex index, CancellationToken cancellation)
    {
        if (!IsStarted)
        {
            await new ConcurrentIndexWork(context, target, index, within.Connection).EnsureNotThereAsync(cancellation);
        }

        var schema = ConcurrentIndexWork.SchemaOf(index, target, values);
        await using var batch = new NpgsqlBatch(within.Connection);
        batch.Add(context.History.File("index_state"), schema, index.Index);
        bool? isValid;
        await using (var reader = await batch.ExecuteReaderAsync(cancellation))
        {
            isValid = await reader.ReadAsync(cancellation) ? reader.GetBoolean(0) : null;
        }

        switch (index.Action)
        {
            case ConcurrentIndexAction.Create when isValid == true:
                report.LeaveOut(stage, planned, $"the index {index.Index} is there already; whether it is the statement's was not looked at.", hasEffect: false);
                return true;
            case ConcurrentIndexAction.Create when isValid == false:
                commands.Add($"DROP INDEX {SqlIdentifier.Quote(schema, index.Index)}");
                return false;
            default:
                return index.Action == ConcurrentIndexAction.Drop && IsStarted && isValid is null;
        }
    }

    private async Task<(RevisionCheck? Unmet, BatchPlace? Batch)> DoAsync(PlanStage stage, PlannedStatement? planned, Action<CommandList> add, bool mustSend, CancellationToken cancellation)
    {
        if (report.IsCautious)
        {
            return await TryAsync(stage, planned, add, isEnd: false, cancellation);
        }

        var before = commands.Count;
        add(commands);
        if (commands.Count > before)
        {
            clock.AddEnd(commands, stage, planned);
        }

        return mustSend ? await SendAsync(cancellation) : default;
    }

    private async Task<(RevisionCheck? Unmet, BatchPlace? Batch)> TryAsync(PlanStage stage, PlannedStatement? planned, Action<CommandList> add, bool isEnd, CancellationToken cancellation)
    {
        await SendAsync(cancellation);
        commands.Add("SAVEPOINT " + Savepoint);
        var before = commands.Count;
        add(commands);
        if (commands.Count > before)
        {
            clock.AddEnd(commands, stage, planned);
        }

        commands.Add("RELEASE SAVEPOINT " + Savepoint);
        try
        {
            return await SendAsync(cancellation);
        }
        catch (Exception error) when (error is StatementException or CheckFailedException && !cancellation.IsCancellationRequested)
        {
            if (report.Excuse(error, stage, planned) is not { } goesOn)
            {
                throw;
            }

            await using var back = new NpgsqlBatch(within.Connection);
            back.Add("ROLLBACK TO SAVEPOINT " + Savepoint);
            back.Add("RELEASE SAVEPOINT " + Savepoint);
            await back.ExecuteNonQueryAsync(cancellation);
            return goesOn && !isEnd ? default : throw new RehearsalEndedException();
        }
    }

    // Sends what there is, and begins the next message.
    private async Task<(RevisionCheck? Unmet, BatchPlace? Batch)> SendAsync(CancellationToken cancellation)
    {
        try
        {
            return await work.SendAsync(within.Connection, commands, cancellation, reader => RehearsalClock.IsReading(reader) ? clock.ReadAsync(reader, cancellation) : within.ReadAsync(reader, target, cancellation));
        }
        finally
        {
            clock.Drop();
            commands.Clear();
            clock.AddStart(commands);
        }
    }
}
