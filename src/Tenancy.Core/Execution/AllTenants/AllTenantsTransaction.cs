using System.Collections.Immutable;
using System.Globalization;
using Npgsql;
using Tenancy.Core.Execution.Waiting;
using Tenancy.Core.History;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;

namespace Tenancy.Core.Execution.AllTenants;

/// <summary>
/// One transaction that works on many schemas of a database, a part each, under the scope's lock alone. A schema's mark (what the transaction has done in it) changes only in its own
/// parts; everything else about where changes landed is proved once, at the end. <c>docs/placement.md</c> says why.
/// </summary>
internal sealed class AllTenantsTransaction : IAsyncDisposable
{
    private static readonly string MarkColumn = $"tenancy_mark_{Guid.NewGuid():N}";
    private readonly RunContext context;
    private readonly SchemaTarget shared;
    private readonly NpgsqlConnection connection;
    private readonly string identity;
    private readonly string changes;
    private readonly Dictionary<uint, SchemaMark> marks = [];
    private readonly Dictionary<uint, SchemaTarget> worked = [];
    private readonly HashSet<Touch> touches = [];

    private AllTenantsTransaction(RunContext context, SchemaTarget shared, NpgsqlConnection connection, string identity, string changes)
    {
        this.context = context;
        this.shared = shared;
        this.connection = connection;
        this.identity = identity;
        this.changes = changes;
    }

    /// <summary>The connection, in the transaction.</summary>
    public NpgsqlConnection Connection => connection;

    /// <summary>The schemas that had a part, in no order.</summary>
    public IReadOnlyCollection<SchemaTarget> Worked => worked.Values;

    /// <summary>Begins, and takes the scope's lock exclusively: no other run works on a tenant of the database meanwhile.</summary>
    /// <param name="context">The run.</param>
    /// <param name="shared">The shared schema of the database.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="Model.TenancyException"><c>TenantInUse</c>: another run works there for longer than the patience.</exception>
    public static async Task<AllTenantsTransaction> BeginAsync(RunContext context, SchemaTarget shared, CancellationToken cancellation)
    {
        var patience = new LockPatience(context, shared);
        while (true)
        {
            var connection = await context.Connector.OpenAsync(shared.Address, cancellation);
            try
            {
                return await BeginAsync(connection, context, shared, cancellation);
            }
            catch (Exception error)
            {
                await TransactionalWork.RollBackAsync(connection);
                await connection.DisposeAsync();
                if (error is not PostgresException { SqlState: "TN001" })
                {
                    throw;
                }
            }

            await patience.WaitAsync(cancellation);
        }
    }

    private static async Task<AllTenantsTransaction> BeginAsync(NpgsqlConnection connection, RunContext context, SchemaTarget shared, CancellationToken cancellation)
    {
        CommandList commands = [];
        commands.AddLockedBegin(context, shared);
        // The marks tell own rows from others by the transaction's number.
        commands.Add("SELECT pg_catalog.pg_current_xact_id()");
        PlacementProof.AddBefore(commands, context);
        commands.Add($"SELECT {context.History.Quoted}.transaction_identity(), {context.History.Quoted}.catalog_changes()::pg_catalog.text AS {MarkColumn}");
        (string Identity, string Changes)? start = null;
        await new TransactionalWork(context, shared).SendAsync(connection, commands, cancellation, read: async reader =>
        {
            if (reader.FieldCount == 2 && reader.GetName(1) == MarkColumn && await reader.ReadAsync(cancellation))
            {
                start = (reader.GetString(0), reader.GetString(1));
            }
        });
        return new(context, shared, connection, start!.Value.Identity, start.Value.Changes);
    }

    /// <summary>Notes where schemas stand before anything is done in them. Before the first part.</summary>
    /// <param name="states">The schemas' states.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task MarkAsync(IEnumerable<SchemaState> states, CancellationToken cancellation)
    {
        CommandList commands = [];
        AddMarks(commands, states.Select(static state => state.Oid).OfType<uint>());
        await new TransactionalWork(context, shared).SendAsync(connection, commands, cancellation, read: reader => ReadMarksAsync(reader, marks, cancellation));
    }

    /// <summary>Does a part: what a plan has for one schema, with its history, in one round trip, and one more for each revision whose requirements decide whether it runs.</summary>
    /// <param name="target">The schema.</param>
    /// <param name="transaction">The plan's only transaction.</param>
    /// <param name="state">The state that it was planned for.</param>
    /// <param name="cancellation">Cancels the running statement.</param>
    public Task<TransactionOutcome> RunPartAsync(SchemaTarget target, PlanTransaction transaction, SchemaState state, CancellationToken cancellation) =>
        BlockerWatch.RunAsync(context, target, transaction, () => SendPartAsync(target, transaction, state, cancellation), cancellation);

    private async Task<TransactionOutcome> SendPartAsync(SchemaTarget target, PlanTransaction transaction, SchemaState state, CancellationToken cancellation)
    {
        var oid = state.Oid!.Value;
        var work = new TransactionalWork(context, target);
        var build = new TransactionCommands(context, target);
        worked[oid] = target;
        touches.UnionWith(transaction.Touches);
        CommandList commands = [];
        AddSettings(commands, target);
        var schemas = ConstraintModes.SchemasOf(context, target, transaction);
        AddBegin(commands, target, state);
        commands.Add(ConstraintModes.Begin(schemas));
        build.AddPath(commands);
        var outcome = await work.AddStagesAsync(connection, commands, transaction, cancellation);
        build.AddEndOfStatements(commands, transaction, state, ConstraintModes.End(schemas));
        PlacementProof.AddEndOfPart(commands, context, target, transaction, state);
        commands.AddRecords(context, target, oid, outcome.Done);
        if (outcome.Skipped is { } unmet)
        {
            OutcomeRecord.AddSkip(commands, context, target, unmet);
        }

        AddMarks(commands, [oid]);
        commands.Add($"SELECT {context.History.Quoted}.close_cursors()");
        TransactionCommands.AddSessionReset(commands);
        AddSettings(commands, shared);
        try
        {
            await work.SendAsync(connection, commands, cancellation, reader => ReadMarksAsync(reader, marks, cancellation));
        }
        catch (PostgresException error) when (error.SqlState == "TN010")
        {
            throw new ForeignChangeException(ForeignChangeException.Describe([$"{target.Schema}.*"]));
        }

        return outcome;
    }

    /// <summary>Proves, before COMMIT, that everything landed in the schemas that had a part, each in its own.</summary>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="ForeignChangeException">Something did not.</exception>
    public async Task ProveAsync(CancellationToken cancellation)
    {
        Dictionary<uint, SchemaMark> last = [];
        CommandList commands = [];
        commands.Add($"SELECT pg_catalog.set_config('tenancy.changes', $1, true) WHERE {context.History.Quoted}.transaction_identity() = $2", changes, identity);
        // The marks first: the proof raises.
        AddMarks(commands, worked.Keys);
        PlacementProof.AddProofOfMany(commands, context, worked.Keys, touches);
        try
        {
            await new TransactionalWork(context, shared).SendAsync(connection, commands, cancellation, reader => ReadMarksAsync(reader, last, cancellation));
        }
        catch (PostgresException error) when (error.SqlState == PlacementProof.Outside)
        {
            throw new ForeignChangeException(error.MessageText);
        }

        ImmutableArray<string> foreign = [.. worked.Where(part => !IsDeclared(part.Value) && IsChanged(marks[part.Key], last[part.Key])).Select(static part => $"{part.Value.Schema}.*")];
        if (!foreign.IsEmpty)
        {
            throw new ForeignChangeException(ForeignChangeException.Describe(foreign));
        }
    }

    /// <summary>Rolls back what is not committed and gives the connection back.</summary>
    public async ValueTask DisposeAsync()
    {
        await TransactionalWork.RollBackAsync(connection, TransactionCommands.FreeSessionLocks);
        await connection.DisposeAsync();
    }

    private static bool IsChanged(SchemaMark noted, SchemaMark last) => noted.Text != last.Text || last.OtherRows < noted.OtherRows;

    // What a revision of the run declares to touch in a schema, it may do outside that schema's own part.
    private bool IsDeclared(SchemaTarget target) =>
        touches.Any(touch => touch.Name.Length > 0 && target.Schema == context.SchemaOf(touch));

    private void AddSettings(CommandList commands, SchemaTarget target) => commands.AddSettings(context, target, context.Project.Timeouts.Lock, context.Project.Timeouts.Statement, isLocal: true);

    private void AddBegin(CommandList commands, SchemaTarget target, SchemaState state)
    {
        var oid = state.Oid!.Value;
        var mark = IsDeclared(target) ? null : marks[oid];
        commands.AddState(context, target, state);
        commands.Add(
            $"SELECT {context.History.Quoted}.begin_part($1, $2::pg_catalog.text::pg_catalog.oid, $3, $4, $5::pg_catalog.int8)",
            identity,
            oid.ToString(CultureInfo.InvariantCulture),
            target.Schema,
            mark?.Text,
            mark?.OtherRows ?? 0);
    }

    private void AddMarks(CommandList commands, IEnumerable<uint> oids) => commands.Add(
        $"SELECT schema_oid::pg_catalog.int8, mark, other_rows AS {MarkColumn} FROM {context.History.Quoted}.marks($1::pg_catalog.text[]::pg_catalog.oid[])",
        (object)oids.Select(static oid => oid.ToString(CultureInfo.InvariantCulture)).ToArray());

    private static async Task ReadMarksAsync(NpgsqlDataReader reader, Dictionary<uint, SchemaMark> into, CancellationToken cancellation)
    {
        if (reader.FieldCount == 3 && reader.GetName(2) == MarkColumn)
        {
            while (await reader.ReadAsync(cancellation))
            {
                into[(uint)reader.GetInt64(0)] = new(reader.GetString(1), reader.GetInt64(2));
            }
        }
    }

    /// <summary>What a transaction has done in a schema, as a text to compare.</summary>
    /// <param name="Text">The text.</param>
    /// <param name="OtherRows">How many catalog rows of its objects the transaction has not written.</param>
    private sealed record SchemaMark(string Text, long OtherRows);
}
