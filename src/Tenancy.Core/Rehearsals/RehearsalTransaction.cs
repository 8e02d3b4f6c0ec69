using System.Diagnostics;
using System.Globalization;
using Npgsql;
using Tenancy.Core.Execution;
using Tenancy.Core.Execution.Servers;
using Tenancy.Core.Execution.Waiting;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Model;

namespace Tenancy.Core.Rehearsals;

/// <summary>
/// The transaction of one schema's rehearsal, which is always rolled back. It has a part for each transaction that the run would have, proved like that one, with its history; where shared revisions
/// are pending, parts of the shared schema come before. Makes the history schema first where there is none.
/// </summary>
internal sealed class RehearsalTransaction : IAsyncDisposable
{
    private static readonly string MarkColumn = $"tenancy_mark_{Guid.NewGuid():N}";
    private readonly RunContext context;
    private readonly SchemaTarget locked;
    private readonly bool isInstalled;
    private readonly string identity;
    private readonly Dictionary<uint, SchemaTarget> worked = [];
    private readonly Dictionary<uint, string> marks = [];
    private readonly HashSet<Touch> touches = [];

    private RehearsalTransaction(RunContext context, SchemaTarget locked, bool isInstalled, NpgsqlConnection connection, string identity, double roundTrip)
    {
        this.context = context;
        this.locked = locked;
        this.isInstalled = isInstalled;
        this.identity = identity;
        Connection = connection;
        RoundTrip = roundTrip;
    }

    /// <summary>The connection, in the transaction.</summary>
    public NpgsqlConnection Connection { get; }

    /// <summary>How long a message takes there and back, seconds.</summary>
    public double RoundTrip { get; }

    /// <summary>Relations that were there before a part began and are locked now, by OID: schema, name and file as they were.</summary>
    public Dictionary<string, (string Schema, string Name, string File)> Known { get; } = new(StringComparer.Ordinal);

    /// <summary>Begins, and takes the lock that the run would take.</summary>
    /// <param name="context">The rehearsal.</param>
    /// <param name="session">The database.</param>
    /// <param name="locked">The schema whose lock is taken: the shared one where its revisions are part of it.</param>
    /// <param name="installs">True where the history schema is missing, or old: it is made inside the transaction.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="TenancyException"><c>TenantInUse</c>, <c>HistoryLocked</c>, <c>HistoryNotInstalled</c>.</exception>
    public static async Task<RehearsalTransaction> BeginAsync(RunContext context, DatabaseSession session, SchemaTarget locked, bool installs, CancellationToken cancellation)
    {
        var patience = new LockPatience(context, locked);
        while (true)
        {
            var connection = await context.Connector.OpenAsync(locked.Address, cancellation);
            try
            {
                if (await TryBeginAsync(connection, context, session, locked, installs, cancellation) is { } begun)
                {
                    return begun;
                }
            }
            catch
            {
                await EndAsync(connection);
                throw;
            }

            await EndAsync(connection);
            if (installs && patience.IsExhausted)
            {
                throw new TenancyException("HistoryLocked", $"Another run, or rehearsal, has been making the history schema {context.History.Quoted} of {locked.Address} for too long.", "Wait for it to end and rehearse again.");
            }

            await patience.WaitAsync(cancellation);
        }
    }

    /// <summary>Adds all that comes before a part's first statement.</summary>
    /// <param name="commands">The commands.</param>
    /// <param name="target">The schema.</param>
    /// <param name="transaction">The transaction that the run would have.</param>
    /// <param name="oid">The schema's OID.</param>
    public void AddBegin(CommandList commands, SchemaTarget target, PlanTransaction transaction, uint oid)
    {
        var build = new TransactionCommands(context, target);
        if (worked.Count > 0)
        {
            // What the part before has dropped or renamed is not what this one's proof has to look up.
            commands.Add("CLOSE tenancy_before");
            commands.Add("CLOSE tenancy_columns");
        }

        worked[oid] = target;
        touches.UnionWith(transaction.Touches);
        AddSettings(commands, target);
        commands.Add($"SELECT {context.History.Quoted}.begin_part($1, $2::pg_catalog.text::pg_catalog.oid, $3, NULL, 0)", identity, Text(oid), target.Schema);
        commands.Add(ConstraintModes.Begin(ConstraintModes.SchemasOf(context, target, transaction)));
        build.AddBatchKey(commands, transaction.Stages[0]);
        PlacementProof.AddBefore(commands, context);
        commands.Add(context.History.File("rehearsal_known"));
        build.AddPath(commands);
    }

    /// <summary>Adds proof and history of a part.</summary>
    /// <param name="commands">The commands.</param>
    /// <param name="target">The schema.</param>
    /// <param name="transaction">The transaction that the run would have.</param>
    /// <param name="state">The schema's state before the part.</param>
    /// <param name="outcome">What was done.</param>
    public void AddProof(CommandList commands, SchemaTarget target, PlanTransaction transaction, History.SchemaState state, TransactionOutcome outcome)
    {
        PlacementProof.AddEndOfPart(commands, context, target, transaction, state);
        CommandList proof = [];
        PlacementProof.AddProofOfMany(proof, context, worked.Keys, isInstalled ? [.. touches, new Touch(context.History.Schema, "*")] : touches);
        commands.Add(proof[0] with { Proved = transaction });
        commands.AddRecords(context, target, state.Oid!.Value, outcome.Done);
        if (outcome.Skipped is { } unmet)
        {
            OutcomeRecord.AddSkip(commands, context, target, unmet);
        }
    }

    /// <summary>Adds what ends a part: the names of what it has locked, what it did in other schemas, and a session as it was.</summary>
    /// <param name="commands">The commands.</param>
    public void AddEnd(CommandList commands)
    {
        commands.Add("FETCH ALL FROM tenancy_known");
        commands.Add("CLOSE tenancy_known");
        if (locked.Scope == MigrationScope.Shared)
        {
            commands.Add($"SELECT schema_oid::pg_catalog.int8, mark || ' ' || other_rows AS {MarkColumn} FROM {context.History.Quoted}.marks($1::pg_catalog.text[]::pg_catalog.oid[])", (object)worked.Keys.Select(Text).ToArray());
        }

        commands.Add($"SELECT {context.History.Quoted}.close_cursors()");
        TransactionCommands.AddSessionReset(commands);
        AddSettings(commands, locked);
    }

    /// <summary>Takes what <see cref="AddEnd"/> asks for.</summary>
    /// <param name="reader">The reader, at some result.</param>
    /// <param name="target">The schema whose part it was.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="TenancyException"><c>PlacementViolation</c>: the part changed another schema that had a part.</exception>
    public async Task ReadAsync(NpgsqlDataReader reader, SchemaTarget target, CancellationToken cancellation)
    {
        if (reader.FieldCount == 4 && reader.GetName(0) == "tenancy_relation")
        {
            while (await reader.ReadAsync(cancellation))
            {
                Known.TryAdd(reader.GetString(0), (reader.GetString(1), reader.GetString(2), reader.GetString(3)));
            }
        }
        else if (reader.FieldCount == 2 && reader.GetName(1) == MarkColumn)
        {
            while (await reader.ReadAsync(cancellation))
            {
                Compare((uint)reader.GetInt64(0), reader.GetString(1), target);
            }
        }
    }

    /// <summary>Entries of the lock table that the transaction has.</summary>
    /// <param name="cancellation">Gives up.</param>
    public async Task<long> CountLocksAsync(CancellationToken cancellation)
    {
        CommandList commands = [];
        commands.Add(context.History.File("count_locks"), "0");
        await using var batch = commands.ToBatch(Connection);
        return (long)(await batch.ExecuteScalarAsync(cancellation))!;
    }

    /// <summary>Rolls back, and gives the connection back.</summary>
    public ValueTask DisposeAsync() => EndAsync(Connection);

    // Of a schema that is not the part's own nothing may have changed, but where it is declared.
    private void Compare(uint oid, string mark, SchemaTarget target)
    {
        var schema = worked[oid];
        if (schema != target && marks.TryGetValue(oid, out var before) && before != mark && !touches.Any(touch => context.SchemaOf(touch) == schema.Schema))
        {
            throw new TenancyException(
                "PlacementViolation",
                $"it changed what lies outside its schema and was rolled back: {schema.Schema}.*",
                "Correct the manifest, or declare under 'touches' what it changes or locks there on purpose.");
        }

        marks[oid] = mark;
    }

    private void AddSettings(CommandList commands, SchemaTarget target) => commands.AddSettings(context, target, context.Project.Timeouts.Lock, context.Project.Timeouts.Statement, isLocal: true);

    private static async Task<RehearsalTransaction?> TryBeginAsync(
        NpgsqlConnection connection, RunContext context, DatabaseSession session, SchemaTarget locked, bool installs, CancellationToken cancellation)
    {
        CommandList commands = [];
        commands.AddBegin(context, locked);
        await commands.ExecuteAsync(connection, cancellation);
        if (installs && !await session.TryInstallAsync(connection, cancellation))
        {
            return null;
        }

        try
        {
            commands = [];
            commands.Add($"SELECT {context.History.Quoted}.lock($1, $2, $3)", context.Project.Fleet, locked.ScopeName, locked.Schema);
            // The marks tell own rows from others by the transaction's number.
            commands.Add("SELECT pg_catalog.pg_current_xact_id()");
            await commands.ExecuteAsync(connection, cancellation);
        }
        catch (PostgresException error) when (error.SqlState == "TN001")
        {
            return null;
        }

        await using var question = new NpgsqlBatch(connection);
        question.Add($"SELECT {context.History.Quoted}.transaction_identity()");
        var clock = Stopwatch.StartNew();
        var identity = (string)(await question.ExecuteScalarAsync(cancellation))!;
        return new(context, locked, installs, connection, identity, clock.Elapsed.TotalSeconds);
    }

    private static async ValueTask EndAsync(NpgsqlConnection connection)
    {
        await TransactionalWork.RollBackAsync(connection, TransactionCommands.FreeSessionLocks);
        await connection.DisposeAsync();
    }

    private static string Text(uint oid) => oid.ToString(CultureInfo.InvariantCulture);
}
