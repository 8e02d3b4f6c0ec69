using System.Collections.Immutable;
using System.Text.Json;
using Npgsql;
using Tenancy.Core.History;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Revisions;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Execution;

/// <summary>
/// Runs one transaction of a plan on one schema in two round trips: statements and proof of placement, then history and COMMIT. Whatever
/// fails before COMMIT leaves the schema where it was.
/// </summary>
internal sealed class TransactionalWork
{
    private readonly RunContext context;
    private readonly SchemaTarget target;
    private readonly SqlValues values;

    /// <summary>Work on one schema.</summary>
    /// <param name="context">The run.</param>
    /// <param name="target">The schema.</param>
    public TransactionalWork(RunContext context, SchemaTarget target)
    {
        this.context = context;
        this.target = target;
        values = target.Values(context.Project, context.Arguments);
    }

    /// <summary>Runs a transaction.</summary>
    /// <param name="connection">An open connection outside a transaction.</param>
    /// <param name="transaction">The transaction.</param>
    /// <param name="state">The state that it was planned for.</param>
    /// <param name="cancellation">Cancels the running statement and rolls back.</param>
    /// <exception cref="StatementException">A statement failed, at its place in the manifest.</exception>
    /// <exception cref="OutcomeUnknownException">The connection was lost at COMMIT.</exception>
    public async Task RunAsync(NpgsqlConnection connection, PlanTransaction transaction, SchemaState state, CancellationToken cancellation)
    {
        try
        {
            await ExecuteAsync(connection, transaction, state, cancellation);
            cancellation.ThrowIfCancellationRequested();
        }
        catch
        {
            await RollBackAsync(connection);
            throw;
        }

        // From here on nothing is cancelled: a cancelled COMMIT is an unknown outcome, and it is short.
        await using var batch = new NpgsqlBatch(connection);
        foreach (var stage in transaction.Stages)
        {
            batch.AddRecord(context, target, state.Oid!.Value, stage, isDone: true);
        }

        // A temporary object, or a SET without LOCAL in a function that was called, would stay in the session and meet the next tenant, or a
        // pooler's next client. The encoding is what the client asked for when it connected.
        batch.Add("DISCARD TEMP");
        batch.Add("RESET ALL");
        batch.Add("SET client_encoding TO 'UTF8'");
        await CommitAsync(connection, batch);
    }

    private async Task ExecuteAsync(NpgsqlConnection connection, PlanTransaction transaction, SchemaState state, CancellationToken cancellation)
    {
        var places = new Dictionary<NpgsqlBatchCommand, (PlanStage Stage, PlannedStatement? Statement)>();
        List<RevisionCheck> checks = [];
        await using var batch = new NpgsqlBatch(connection);
        batch.AddBegin(context, target);
        batch.AddEnter(context, target, state, proves: true);
        PlacementProof.AddBefore(batch, context);
        batch.Add($"SELECT {context.History.Quoted}.use_path($1, $2)", context.SearchPath(target), context.CurrentSchema(target));
        if (context.Project.Owner is { } owner)
        {
            batch.Add("SET LOCAL ROLE " + SqlIdentifier.Quote(owner));
        }

        foreach (var stage in transaction.Stages)
        {
            RevisionCheck.AddBefore(batch, stage, values, checks);
            foreach (var planned in stage.Statements)
            {
                AddStatement(batch, stage, planned, places);
            }

            RevisionCheck.AddAfter(batch, stage, values, checks);
        }

        // Deferred triggers would run after the proof otherwise.
        var constraints = batch.Add("SET CONSTRAINTS ALL IMMEDIATE");
        places[constraints] = (transaction.Stages[^1], null);
        // What ran, and what it called, may have become somebody else.
        batch.Add("RESET SESSION AUTHORIZATION");
        batch.Add("RESET ROLE");

        if (!context.Project.Grants.IsEmpty)
        {
            batch.Add(
                $"SELECT {context.History.Quoted}.grant_new($1::pg_catalog.text::pg_catalog.oid, $2, $3::pg_catalog.jsonb)",
                state.Oid!.Value.ToString(System.Globalization.CultureInfo.InvariantCulture),
                context.Project.Owner,
                JsonSerializer.Serialize(context.Project.Grants.Where(static grant => grant.On != "schema").Select(static grant => new { to = grant.To, on = grant.On, privileges = string.Join(", ", grant.Privileges) })));
        }

        PlacementProof.AddProof(batch, context, Touches(transaction), state);
        List<PlacedObject> suspects = [];
        try
        {
            await using var reader = await batch.ExecuteReaderAsync(cancellation);
            suspects = await ReadAsync(reader, checks, cancellation);
        }
        catch (PostgresException error) when (error.BatchCommand is NpgsqlBatchCommand failed && places.TryGetValue(failed, out var place))
        {
            throw new StatementException(place.Stage, place.Statement, failed.CommandText, error);
        }
        catch (PostgresException error) when (RevisionCheck.Find(checks, error) is { } check)
        {
            throw new CheckFailedException(check, error);
        }

        if (suspects.Count > 0)
        {
            await PlacementProof.EnsureInsideAsync(connection, suspects, context, target, Touches(transaction), transaction, cancellation);
        }
    }

    private void AddStatement(NpgsqlBatch batch, PlanStage stage, PlannedStatement planned, Dictionary<NpgsqlBatchCommand, (PlanStage Stage, PlannedStatement? Statement)> places)
    {
        var timeouts = context.Project.Timeouts;
        var hasOwnLimits = planned.LockTimeout != timeouts.Lock || planned.StatementTimeout != timeouts.Statement;
        if (hasOwnLimits)
        {
            AddLimits(planned.LockTimeout, planned.StatementTimeout);
        }

        var sql = planned.Statement.Template.Render(values);
        context.Log.Debug(context.Mask(sql));
        places[batch.Add(sql)] = (stage, planned);
        if (hasOwnLimits)
        {
            AddLimits(timeouts.Lock, timeouts.Statement);
        }

        void AddLimits(TimeSpan lockTimeout, TimeSpan statementTimeout) => batch.Add(
            "SELECT pg_catalog.set_config('lock_timeout', $1, true), pg_catalog.set_config('statement_timeout', $2, true)",
            Batches.Milliseconds(lockTimeout),
            Batches.Milliseconds(statementTimeout));
    }

    private async Task<List<PlacedObject>> ReadAsync(NpgsqlDataReader reader, List<RevisionCheck> checks, CancellationToken cancellation)
    {
        List<PlacedObject> suspects = [];
        do
        {
            if (RevisionCheck.IsResult(reader, out var number))
            {
                await checks[number].EnsureAsync(reader, context.Log, target, cancellation);
            }
            else if (PlacementProof.IsResult(reader))
            {
                suspects = await PlacementProof.ReadAsync(reader, cancellation);
            }
        }
        while (await reader.NextResultAsync(cancellation));
        return suspects;
    }

    private static ImmutableArray<Touch> Touches(PlanTransaction transaction) =>
        [.. transaction.Stages.SelectMany(static stage => stage.Revision.Manifest.Touches).Distinct()];

    /// <summary>Commits, with commands that go before in the same message.</summary>
    /// <param name="connection">The connection, in a transaction.</param>
    /// <param name="before">The commands; null for none.</param>
    /// <exception cref="OutcomeUnknownException">The connection was lost meanwhile.</exception>
    public static async Task CommitAsync(NpgsqlConnection connection, NpgsqlBatch? before = null)
    {
        await using var batch = before ?? new NpgsqlBatch(connection);
        batch.Add("COMMIT");
        try
        {
            await batch.ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch (PostgresException error) when (!error.SqlState.StartsWith("57P", StringComparison.Ordinal))
        {
            await RollBackAsync(connection);
            throw;
        }
        catch (NpgsqlException error)
        {
            throw new OutcomeUnknownException(error);
        }
    }

    /// <summary>Rolls back whatever is open; a connection that cannot is closed, which rolls back too.</summary>
    /// <param name="connection">The connection.</param>
    public static async Task RollBackAsync(NpgsqlConnection connection)
    {
        try
        {
            await using var command = new NpgsqlCommand("ROLLBACK", connection);
            await command.ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch (Exception error) when (error is NpgsqlException or InvalidOperationException)
        {
            await connection.CloseAsync();
        }
    }
}
