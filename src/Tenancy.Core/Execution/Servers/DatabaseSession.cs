using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Tenancy.Core.Execution.Waiting;
using Tenancy.Core.History;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Revisions;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Execution.Servers;

/// <summary>One database of a fleet: what is installed there, and the state of its schemas.</summary>
internal sealed partial class DatabaseSession
{
    private readonly TenancyProject project;
    private readonly DatabaseConnector connector;
    private readonly HistoryInstallation installation;
    private ServerFacts? prepared;
    private readonly Polly.ResiliencePipeline retries;
    private readonly Polly.ResiliencePipeline openings;

    /// <summary>A database.</summary>
    /// <param name="project">The project.</param>
    /// <param name="graph">Its revisions.</param>
    /// <param name="connector">Opens connections.</param>
    /// <param name="address">The database.</param>
    public DatabaseSession(TenancyProject project, RevisionGraph graph, DatabaseConnector connector, DatabaseAddress address)
    {
        this.project = project;
        Graph = graph;
        this.connector = connector;
        Address = address;
        History = new(project.HistorySchema);
        installation = new(History, project.Fleet);
        retries = RetryPolicy.Build(project.Retries, TransientErrors.IsLostConnection);
        // A server that never answered is told at once: most likely its name is wrong.
        openings = RetryPolicy.Build(project.Retries, error => TransientErrors.Is(error) && (connector.HasReached(address.Server) || !TransientErrors.IsServerSilent(error)));
    }

    /// <summary>The database.</summary>
    public DatabaseAddress Address { get; }

    /// <summary>Takes what is to be known of it.</summary>
    public IRunLog Log { get; init; } = new SilentLog();

    /// <summary>Is told what the server can take, with the first answer; null where nobody asks.</summary>
    public ConnectionChoice? Choice { get; init; }

    /// <summary>The history schema's SQL.</summary>
    public HistorySql History { get; }

    /// <summary>The project's revisions; after <see cref="ReadAsync(RevisionDirection, MigrationScope?, string[], CancellationToken)"/> on the way down with those that only history knows.</summary>
    public RevisionGraph Graph { get; private set; }

    /// <summary>Makes sure that the database can be changed, and has its history schema; again after what passes by itself.</summary>
    /// <exception cref="TenancyException"><c>ServerTooOld</c>, <c>ServerIsStandby</c>, or what <see cref="HistoryInstallation.EnsureAsync"/> throws.</exception>
    public Task<ServerFacts> PrepareAsync(CancellationToken cancellation) => OpenAsync(PrepareOnceAsync, cancellation);

    private async Task<ServerFacts> PrepareOnceAsync(CancellationToken cancellation)
    {
        var facts = await EnsureWritableAsync(cancellation);
        await installation.EnsureAsync(connector, Address, project, cancellation);
        if (installation.Warning is { } warning)
        {
            Log.Warn(warning);
        }

        prepared = facts;
        return facts;
    }

    // What comes before anything is done.
    private async Task<T> OpenAsync<T>(Func<CancellationToken, Task<T>> attempt, CancellationToken cancellation) => await RetryPolicy.RunAsync(
        openings,
        async token =>
        {
            try
            {
                return await attempt(token);
            }
            finally
            {
                // Other databases of the server do not wait until this one can be worked on.
                Choice?.Decide(null);
            }
        },
        (error, pause) => Log.Verbose($"{error.Message} Tried again in {RetryPolicy.Told(pause)}."),
        cancellation);

    /// <summary>Makes sure that the server is one that the engine knows.</summary>
    /// <exception cref="TenancyException"><c>ServerTooOld</c>.</exception>
    public async Task<ServerFacts> EnsureReadableAsync(CancellationToken cancellation)
    {
        var facts = await ReadFactsAsync(Address, cancellation);
        facts.EnsureSupported(Address);
        return facts;
    }

    /// <summary>Makes sure that the database can be changed; writes nothing.</summary>
    /// <exception cref="TenancyException"><c>ServerTooOld</c> or <c>ServerIsStandby</c>.</exception>
    public async Task<ServerFacts> EnsureWritableAsync(CancellationToken cancellation)
    {
        var facts = await EnsureReadableAsync(cancellation);
        if (facts.IsInRecovery)
        {
            throw new TenancyException("ServerIsStandby", $"{Address} is a standby, which takes no changes.", "Connect to the primary.");
        }

        return facts;
    }

    /// <summary>True where the history schema is there and is this engine's.</summary>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="TenancyException"><c>HistoryNewer</c>.</exception>
    public Task<bool> HasHistoryAsync(CancellationToken cancellation) => RunAsync(connection => HasHistoryAsync(connection, cancellation), cancellation);

    /// <summary>The same, asked over a connection of the caller's: a pooler may have no second one.</summary>
    /// <inheritdoc cref="HasHistoryAsync(CancellationToken)"/>
    public Task<bool> HasHistoryAsync(NpgsqlConnection connection, CancellationToken cancellation) => installation.IsCurrentAsync(connection, cancellation);

    /// <summary>Makes the history schema inside a transaction of the caller's, which may roll it back.</summary>
    /// <inheritdoc cref="HistoryInstallation.TryEnsureAsync"/>
    public Task<bool> TryInstallAsync(NpgsqlConnection connection, CancellationToken cancellation) => installation.TryEnsureAsync(connection, cancellation);

    /// <summary>Reads the state of the shared schema and of these tenants; writes nothing.</summary>
    /// <param name="schemas">The tenants' schemas.</param>
    /// <param name="cancellation">Gives up.</param>
    public Task<FleetState> ReadAsync(string[] schemas, CancellationToken cancellation) =>
        RunAsync(connection => ReadAsync(connection, schemas, cancellation), cancellation);

    /// <summary>
    /// Reads the state of the shared schema and of these tenants for a run. On the way down, revisions that they are at and no manifest has are taken from history; for the shared schema
    /// those of every tenant, which may depend on what is undone.
    /// </summary>
    /// <param name="direction">Which way the run goes.</param>
    /// <param name="scope">The scope that it works on; null for what the direction implies.</param>
    /// <param name="schemas">The tenants' schemas.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="ManifestException">A text in history cannot be read, or does not fit the graph.</exception>
    public async Task<FleetState> ReadAsync(RevisionDirection direction, MigrationScope? scope, string[] schemas, CancellationToken cancellation)
    {
        var fleet = await ReadAsync(schemas, cancellation);
        if (direction == RevisionDirection.Up)
        {
            return fleet;
        }

        var known = Graph;
        IEnumerable<string> heads = fleet.All.SelectMany(static state => state.Heads);
        heads = scope == MigrationScope.Shared ? heads.Concat(await ReadHeadsAsync(cancellation)) : heads;
        Graph = await StoredRevisions.ExtendAsync(known, project, connector, Address, heads, cancellation);
        return ReferenceEquals(Graph, known) ? fleet : await ReadAsync(schemas, cancellation);
    }

    // Once it is known to be there, and this engine's, it is not asked for again: that would be two round trips of every read.
    private Task<InstalledHistory?> ReadInstallationAsync(NpgsqlConnection connection, CancellationToken cancellation) =>
        prepared is not null ? Task.FromResult<InstalledHistory?>(InstalledHistory.Current) : installation.ReadAsync(connection, cancellation);

    private Task<List<string>> ReadHeadsAsync(CancellationToken cancellation) => RunAsync(
        async connection =>
        {
            List<string> heads = [];
            if (await ReadInstallationAsync(connection, cancellation) is not null)
            {
                await using var batch = new NpgsqlBatch(connection);
                batch.Add(History.Write("SELECT revision FROM @history@.head WHERE fleet = $1 UNION SELECT revision FROM @history@.stage WHERE fleet = $1"), project.Fleet);
                await using var reader = await batch.ExecuteReaderAsync(cancellation);
                while (await reader.ReadAsync(cancellation))
                {
                    heads.Add(reader.GetString(0));
                }
            }

            return heads;
        },
        cancellation);

    /// <summary>Reads the state of one schema; another run may be changing it.</summary>
    /// <param name="target">The schema.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<SchemaState> ReadAsync(SchemaTarget target, CancellationToken cancellation) =>
        (await ReadAsync(target.Scope == MigrationScope.Tenant ? [target.Schema] : [], cancellation)).Of(target.Scope, target.Schema);

    /// <summary>Reads the state of one schema under its lock, so that no other run is changing it.</summary>
    /// <param name="target">The schema.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="PostgresException"><c>TN001</c>: another run holds the lock.</exception>
    public Task<SchemaState> ReadLockedAsync(SchemaTarget target, CancellationToken cancellation) => RunAsync(
        async connection =>
        {
            await using var batch = new NpgsqlBatch(connection);
            batch.Add($"SELECT {History.Quoted}.lock($1, $2, $3)", project.Fleet, target.ScopeName, target.Schema);
            await batch.ExecuteNonQueryAsync(cancellation);
            return (await ReadAsync(connection, [target.Schema], cancellation)).Of(target.Scope, target.Schema);
        },
        cancellation);

    /// <summary>What a run has recorded of revisions and their stages on a schema, in order. Under the schema's lock, or when its session is gone, these rows stay as they are.</summary>
    /// <param name="target">The schema.</param>
    /// <param name="run">The run.</param>
    /// <param name="cancellation">Gives up.</param>
    public Task<List<RecordedStage>> ReadRecordedAsync(SchemaTarget target, Guid run, CancellationToken cancellation) => RunAsync(
        async connection =>
        {
            await using var batch = new NpgsqlBatch(connection);
            batch.Add(History.File("read_recorded"), project.Fleet, target.ScopeName, target.Schema, run);
            await using var reader = await batch.ExecuteReaderAsync(cancellation);
            List<RecordedStage> recorded = [];
            while (await reader.ReadAsync(cancellation))
            {
                recorded.Add(new(reader.GetString(0), await reader.IsDBNullAsync(1, cancellation) ? null : reader.GetInt32(1), reader.GetBoolean(2), reader.GetBoolean(3), reader.GetDouble(4)));
            }

            return recorded;
        },
        cancellation);

    /// <summary>Which run last brought a revision to its end on a schema, and whose it was; null where history does not know.</summary>
    /// <param name="target">The schema.</param>
    /// <param name="cancellation">Gives up.</param>
    public Task<(Guid Run, string Who)?> ReadTakerAsync(SchemaTarget target, CancellationToken cancellation) => RunAsync<(Guid, string)?>(
        async connection =>
        {
            await using var batch = new NpgsqlBatch(connection);
            batch.Add(History.File("read_taker"), project.Fleet, target.ScopeName, target.Schema);
            await using var reader = await batch.ExecuteReaderAsync(cancellation);
            return await reader.ReadAsync(cancellation) ? (reader.GetGuid(0), reader.GetString(1)) : null;
        },
        cancellation);

    /// <summary>Whether a run has brought any revision to an end here, read under the lock of a schema, so that what it was doing is decided.</summary>
    /// <param name="target">The schema.</param>
    /// <param name="run">The run.</param>
    /// <exception cref="PostgresException"><c>TN001</c>: another session holds the lock.</exception>
    public Task<bool> HasDoneAsync(SchemaTarget target, Guid run) => RunAsync(
        async connection =>
        {
            await using var batch = new NpgsqlBatch(connection);
            batch.Add($"SELECT {History.Quoted}.lock($1, $2, $3)", project.Fleet, target.ScopeName, target.Schema);
            await batch.ExecuteNonQueryAsync();
            await using var question = new NpgsqlBatch(connection);
            question.Add(History.File("has_done"), project.Fleet, run);
            return await question.ExecuteScalarAsync() is true;
        },
        CancellationToken.None);

    /// <summary>Whether a run has made, renamed, dropped, stamped or repaired a schema, read under the lock of a schema, so that what it was doing is decided.</summary>
    /// <param name="locked">The schema.</param>
    /// <param name="schema">The schema of the row of history.</param>
    /// <param name="run">The run.</param>
    /// <param name="direction">The direction of the row.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="PostgresException"><c>TN001</c>: another session holds the lock.</exception>
    public Task<bool> HasMadeAsync(SchemaTarget locked, string schema, Guid run, string direction, CancellationToken cancellation) => RunAsync(
        async connection =>
        {
            await using var batch = new NpgsqlBatch(connection);
            batch.Add($"SELECT {History.Quoted}.lock($1, $2, $3)", project.Fleet, locked.ScopeName, locked.Schema);
            await batch.ExecuteNonQueryAsync(cancellation);
            await using var question = new NpgsqlBatch(connection);
            question.Add(History.File("has_made"), project.Fleet, locked.ScopeName, schema, run, direction);
            return await question.ExecuteScalarAsync(cancellation) is true;
        },
        cancellation);

    /// <summary>Which revisions the registered tenants have, and those of a run that are about to be; without a history schema there are none to wait for.</summary>
    /// <param name="schemas">The schemas of the run's tenants; those that do not exist do not count.</param>
    /// <param name="cancellation">Gives up.</param>
    public Task<RegisteredTenants> ReadRegisteredAsync(string[] schemas, CancellationToken cancellation) => RunAsync(
        async connection => await ReadInstallationAsync(connection, cancellation) is null
            ? RegisteredTenants.None(Graph)
            : await RegisteredTenants.ReadAsync(connection, History, project, Graph, schemas, cancellation),
        cancellation);

    /// <summary>The tenants' schemas that the history knows, with the names that they are registered under; null where one is not registered. None where there is no history.</summary>
    /// <param name="schemas">Only these; null for all.</param>
    /// <param name="cancellation">Gives up.</param>
    public Task<Dictionary<string, string?>> ReadKnownAsync(string[]? schemas, CancellationToken cancellation) => RunAsync(
        async connection => await ReadInstallationAsync(connection, cancellation) is null ? [] : await ReadKnownAsync(connection, schemas, cancellation), cancellation);

    /// <summary>The same inside a transaction of the caller's, where there is a history.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="schemas">Only these; null for all.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<Dictionary<string, string?>> ReadKnownAsync(NpgsqlConnection connection, string[]? schemas, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.Add(History.File("read_known"), project.Fleet).With(schemas, NpgsqlDbType.Array | NpgsqlDbType.Text);
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        var known = new Dictionary<string, string?>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellation))
        {
            known[reader.GetString(0)] = await reader.IsDBNullAsync(1, cancellation) ? null : reader.GetString(1);
        }

        return known;
    }

    /// <summary>Keeps the manifests' texts, once a checksum, so that they can be undone when older ones are deployed.</summary>
    public Task KeepTextsAsync(IReadOnlyCollection<Manifest> manifests, CancellationToken cancellation) => KeepAsync(manifests, static _ => { }, cancellation);

    /// <summary>Keeps what a run was asked to do, and the texts of what it runs.</summary>
    /// <param name="request">The run.</param>
    /// <param name="manifests">What it runs, but for those whose texts are kept.</param>
    /// <param name="arguments">The values of its arguments but for the secret ones.</param>
    /// <param name="flushes">True to make durable with it what others have committed without waiting for the disk.</param>
    /// <param name="cancellation">Gives up.</param>
    public Task KeepRunAsync(MigrationRequest request, IReadOnlyCollection<Manifest> manifests, IEnumerable<KeyValuePair<string, string>> arguments, bool flushes, CancellationToken cancellation) => KeepAsync(
        manifests,
        commands =>
        {
            AddRun(commands, History, project, request, arguments);
            if (flushes)
            {
                commands.Add(History.File("note_flushed"), project.Fleet);
            }
        },
        cancellation);

    private Task<bool> KeepAsync(IReadOnlyCollection<Manifest> manifests, Action<CommandList> add, CancellationToken cancellation)
    {
        CommandList commands = [];
        add(commands);

        // In one order, so that two runs cannot wait for each other.
        var texts = manifests.DistinctBy(static manifest => manifest.Checksum).OrderBy(static manifest => manifest.Checksum, StringComparer.Ordinal).ToList();
        if (texts.Count > 0)
        {
            commands.Add(
                History.Write("INSERT INTO @history@.revision_text (checksum, revision, manifest) SELECT * FROM unnest($1, $2, $3) ON CONFLICT DO NOTHING"),
                texts.Select(static manifest => manifest.Checksum).ToArray(),
                texts.Select(static manifest => manifest.Revision).ToArray(),
                texts.Select(static manifest => manifest.CanonicalText).ToArray());
        }

        return OpenAsync(token => HistoryTransaction.SendAsync(connector, Address, project, commands.AddTo, static (_, _) => Task.FromResult(true), token, writes: true), cancellation);
    }

    /// <summary>Makes durable what was committed without waiting for the disk.</summary>
    /// <param name="cancellation">Gives up.</param>
    public Task FlushAsync(CancellationToken cancellation) => RetryAsync(
        token => HistoryTransaction.SendAsync(connector, Address, project, batch => batch.Add(History.File("note_flushed"), project.Fleet), static (_, _) => Task.FromResult(true), token, writes: true), cancellation);

    /// <summary>Adds the row that keeps what a run was asked to do.</summary>
    public static void AddRun(CommandList commands, HistorySql history, TenancyProject project, MigrationRequest request, IEnumerable<KeyValuePair<string, string>> arguments) => commands.Add(
        history.File("keep_run"),
        project.Fleet,
        request.RunId,
        request.Direction == RevisionDirection.Up ? "up" : "down",
        request.Target,
        request.Transaction.ToString(),
        JsonSerializer.Serialize(arguments.ToDictionary()),
        ToolVersion.Text);

    /// <summary>The same inside a transaction of the caller's.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="schemas">The tenants' schemas.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<FleetState> ReadAsync(NpgsqlConnection connection, string[] schemas, CancellationToken cancellation) =>
        await new HistoryReader(History, project, Graph, schemas, await ReadInstallationAsync(connection, cancellation)).ReadAsync(connection, cancellation);

    // Reads, and writes that may be repeated.
    private Task<T> RunAsync<T>(Func<NpgsqlConnection, Task<T>> work, CancellationToken cancellation, bool writes = false) =>
        RetryAsync(token => HistoryTransaction.RunAsync(connector, Address, project, work, token, writes), cancellation);

    private async Task<T> RetryAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancellation) => await retries.ExecuteAsync(async token => await work(token), cancellation);
}
