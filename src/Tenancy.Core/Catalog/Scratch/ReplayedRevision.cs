using System.Collections.Immutable;
using Npgsql;
using Tenancy.Core.Execution;
using Tenancy.Core.Execution.Steps;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Rehearsals;
using Tenancy.Core.Revisions;
using Tenancy.Core.Sql;
using Tenancy.Model;

namespace Tenancy.Core.Catalog.Scratch;

/// <summary>
/// One revision, or hook, on a scratch schema: its statements as a run would send them, under the same limits, path and role; concurrent ones in their plain form, and without what looks at rows
/// (<c>verify</c>, and <c>requires</c> but for <c>mark_applied</c>), of which a scratch schema has few.
/// </summary>
internal sealed class ReplayedRevision
{
    private const string Answer = "tenancy_answer";
    private const int QuestionsAtOnce = 500;

    // Revisions that wait to be sent have so many commands at the most.
    private const int MostCommands = 500;

    private readonly RunContext context;
    private readonly ScratchSchema scratch;
    private readonly NpgsqlConnection connection;
    private readonly bool keepsLocks;
    private readonly bool defers;
    private readonly NewTenants? tenants;
    private readonly ReplayPlacement? placement;
    private readonly TransactionalWork work;
    private readonly TransactionCommands build;
    private readonly SqlValues values;
    private readonly CommandList commands;
    private readonly bool waits;

    /// <summary>A revision to replay.</summary>
    /// <param name="context">The run.</param>
    /// <param name="scratch">The schema.</param>
    /// <param name="step">The revision.</param>
    /// <param name="connection">The connection.</param>
    /// <param name="keepsLocks">True where the session holds a lock of the engine's own.</param>
    /// <param name="defers">False where no constraint of the schema can be deferrable.</param>
    /// <param name="tenants">New tenants, of which all is asked that it requires and verifies: the schema has their rows. Null where none are to be made.</param>
    /// <param name="placement">Proves that nothing lands outside the scratch schema; null where all is rolled back.</param>
    /// <param name="waiting">What revisions before it have left to be sent with it, and takes what it leaves; null for none.</param>
    public ReplayedRevision(RunContext context, ScratchSchema scratch, RevisionStep step, NpgsqlConnection connection, bool keepsLocks, bool defers = true, NewTenants? tenants = null, ReplayPlacement? placement = null, CommandList? waiting = null)
    {
        this.context = context;
        this.scratch = scratch;
        this.connection = connection;
        commands = waiting ?? [];
        waits = waiting is not null;
        this.keepsLocks = keepsLocks;
        this.defers = defers;
        this.tenants = tenants;
        this.placement = placement;
        Stages = StageSplitter.Split(step, context.Project.Timeouts);
        work = new(context, scratch.Target);
        build = new(context, scratch.Target);
        values = scratch.Target.Values(context.Project, context.Arguments);
    }

    /// <summary>Its stages, in order.</summary>
    public ImmutableArray<PlanStage> Stages { get; }

    /// <summary>Asks whether it would be marked as applied and not run on a schema that is as this one. In a transaction.</summary>
    /// <param name="cancellation">Cancels the question.</param>
    /// <exception cref="CheckFailedException">It could not be asked.</exception>
    public async Task<bool> IsMarkedAsync(CancellationToken cancellation)
    {
        if (!RevisionCheck.Decides(Stages[0]))
        {
            return false;
        }

        AddBegin();
        RevisionCheck.AddMarking(commands, Stages[0], values);
        AddEnd();
        return (await SendAsync(cancellation)).Unmet is not null;
    }

    /// <summary>Asks all that it requires, as of the new tenants. In a transaction.</summary>
    /// <param name="cancellation">Cancels the question.</param>
    /// <returns>What does not hold and decides that it does not run; null where it runs.</returns>
    /// <exception cref="CheckFailedException">Something that must hold does not, or could not be asked.</exception>
    public async Task<RevisionCheck?> AskAsync(CancellationToken cancellation)
    {
        var manifest = Stages[0].Revision.Manifest;
        if (manifest.Requires.IsEmpty)
        {
            return null;
        }

        ImmutableArray<Requirement> asked = [.. manifest.Requires.Select(requirement => requirement with { Sql = requirement.Sql with { Template = TenantAsValue.AskedIn(requirement.Sql.Template, scratch.Name) } })];
        foreach (var requirement in asked.Where(static requirement => TenantAsValue.IsIn(requirement.Sql.Template)))
        {
            tenants!.Keep(await AnswersAsync(requirement.Sql.Template, cancellation));
        }

        AddBegin();
        RevisionCheck.AddBefore(commands, Stages[0] with { Revision = Stages[0].Revision with { Manifest = manifest with { Requires = asked } } }, ValuesOf(tenants!.Alike[0]));
        AddEnd();
        return (await SendAsync(cancellation)).Unmet;
    }

    private async Task<List<bool>> AnswersAsync(SqlTemplate query, CancellationToken cancellation)
    {
        List<bool> answers = [];
        foreach (var few in tenants!.Alike.Chunk(QuestionsAtOnce))
        {
            AddBegin();
            foreach (var tenant in few)
            {
                commands.Add($"SELECT coalesce((\n{query.Render(ValuesOf(tenant))}\n)::pg_catalog.bool, false) AS {Answer}");
            }

            AddEnd();
            await SendAsync(cancellation, async reader =>
            {
                if (reader.FieldCount == 1 && reader.GetName(0) == Answer && await reader.ReadAsync(cancellation))
                {
                    answers.Add(reader.GetBoolean(0));
                }
            });
        }

        return answers;
    }

    private SqlValues ValuesOf(SchemaTarget tenant) => tenant.Values(context.Project, context.Arguments);

    /// <summary>True for a stage of nothing but concurrent forms, on indexes and partitions that are there: it changes no row, and makes nothing that has privileges.</summary>
    /// <param name="stage">The stage.</param>
    public bool IsConcurrent(PlanStage stage) => stage.Batch is null && stage.Statements.All(planned => !planned.Statement.IsTransactional && PlainForm.Of(planned.Statement.Template.Render(values)) is not null);

    /// <summary>Runs a stage in a transaction. Where it has nothing to answer it may wait for others, so that many small ones are one message.</summary>
    /// <param name="stage">The stage.</param>
    /// <param name="cancellation">Cancels the running statement.</param>
    /// <exception cref="StatementException">A statement failed.</exception>
    /// <exception cref="CommitNeededException">It uses what must be committed before.</exception>
    /// <exception cref="PlacementException">It changed what lies outside the scratch schema.</exception>
    /// <exception cref="TenancyException"><c>ReplayLeavesTrace</c>: it runs outside a transaction only, where nothing can take back what it does; or it changes what it declares to touch.</exception>
    public async Task RunAsync(PlanStage stage, CancellationToken cancellation)
    {
        var touched = placement is null ? null : await placement.ReadTouchedAsync(connection, stage, cancellation);
        // Nothing is deferred where no row changes; to look takes longer than such a stage.
        var isDeferring = defers && (placement is not null || tenants is not null || !IsConcurrent(stage));
        AddBegin(isProved: true, isDeferring);
        foreach (var planned in stage.Statements)
        {
            if (stage.Batch is { } batch)
            {
                await RunBatchesAsync(stage, batch, cancellation);
            }
            else if (planned.Statement.IsTransactional)
            {
                build.AddStatement(commands, stage, planned);
            }
            else if (PlainForm.Of(planned.Statement.Template.Render(values)) is { } form)
            {
                // The statement as it was planned: an error names it.
                build.AddStatement(commands, planned, new(form, []), stage);
            }
            else if (planned.Statement.Command.Split(' ')[0] is not ("VACUUM" or "CLUSTER" or "REINDEX"))
            {
                // A CALL that commits nothing on an empty schema, say. What does is refused by the server.
                build.AddStatement(commands, stage, planned);
            }
        }

        if (tenants is not null)
        {
            build.AddVerifications(commands, stage);
        }

        if (isDeferring)
        {
            commands.Add(new SessionCommand(ConstraintModes.End([scratch.Target.Schema]), []) { Stage = stage });
        }

        if (placement is not null)
        {
            AddNoRole();
            placement.AddProof(commands, scratch, stage);
            await SendAsync(cancellation);
            await placement.CheckTouchedAsync(connection, stage, touched!, cancellation);
        }

        AddEnd();
        if (!waits || placement is not null || commands.HasChecks || commands.Count > MostCommands)
        {
            await SendAsync(cancellation);
        }
    }

    /// <summary>Sends what waits, of revisions before too.</summary>
    /// <param name="cancellation">Cancels the running statement.</param>
    /// <inheritdoc cref="RunAsync"/>
    public Task FinishAsync(CancellationToken cancellation) => commands.Count > 0 ? SendAsync(cancellation) : Task.CompletedTask;

    private async Task RunBatchesAsync(PlanStage stage, SqlBatch batch, CancellationToken cancellation)
    {
        BatchPlace? place = null;
        do
        {
            build.AddBatch(commands, stage, place?.Position);
            place = (await SendAsync(cancellation)).Batch;
        }
        while (place?.Taken >= batch.Size);
    }

    private void AddBegin(bool isProved = false, bool isDeferring = true)
    {
        var timeouts = context.Project.Timeouts;
        commands.AddSettings(context, scratch.Target, timeouts.Lock, timeouts.Statement, isLocal: true);
        if (defers && isDeferring)
        {
            // The stage before has left them immediate.
            commands.Add(ConstraintModes.Begin([scratch.Target.Schema]));
        }

        commands.Add("SELECT pg_catalog.set_config('search_path', $1, true)", context.SearchPath(scratch.Target));
        if (isProved)
        {
            placement?.AddBefore(commands, scratch);
        }

        if (context.Project.Owner is { } owner)
        {
            commands.Add("SET LOCAL ROLE " + SqlIdentifier.Quote(owner));
        }
    }

    private void AddNoRole()
    {
        commands.Add("RESET SESSION AUTHORIZATION");
        commands.Add("RESET ROLE");
    }

    private void AddEnd()
    {
        AddNoRole();
        if (!keepsLocks)
        {
            commands.Add(TransactionCommands.FreeSessionLocks);
        }

        // A cursor WITH HOLD would run its query at COMMIT. What proves where a replay for new tenants landed keeps its own to the end.
        commands.Add(tenants is not null && placement is null ? $"SELECT {context.History.Quoted}.close_cursors()" : "CLOSE ALL");
        commands.Add("DISCARD TEMP");
        commands.Add("RESET ALL");
        commands.Add("SET client_encoding TO 'UTF8'");
    }

    private async Task<(RevisionCheck? Unmet, BatchPlace? Batch)> SendAsync(CancellationToken cancellation, Func<NpgsqlDataReader, Task>? read = null)
    {
        try
        {
            return await work.SendAsync(connection, commands, cancellation, read);
        }
        catch (StatementException error) when (error.Error.SqlState == CommitNeededException.UnsafeNewEnumValueUsage)
        {
            throw new CommitNeededException();
        }
        catch (StatementException error) when (error.Statement is { Statement.IsTransactional: false }
            && error.Error.SqlState is PostgresErrorCodes.ActiveSqlTransaction or PostgresErrorCodes.InvalidTransactionTermination)
        {
            throw ReplayPlacement.Outside(error.Stage);
        }
        finally
        {
            commands.Clear();
        }
    }
}
