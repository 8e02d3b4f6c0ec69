using System.Text.Json;
using Npgsql;
using Tenancy.Core.Execution;
using Tenancy.Core.Execution.Waiting;
using Tenancy.Core.History;
using Tenancy.Core.Manifests;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Rollouts;

/// <summary>Keeps a run, its rings and their soak in the history schema of one database, so that it can be gone on with when its process is gone. Times are the server's.</summary>
/// <param name="project">The project.</param>
/// <param name="connector">Opens connections.</param>
/// <param name="home">The database.</param>
/// <param name="run">The run.</param>
internal sealed class RunStore(TenancyProject project, DatabaseConnector connector, DatabaseAddress home, Guid run)
{
    private readonly HistorySql sql = new(project.HistorySchema);

    /// <summary>What is tried again when something is written; null for nothing, but for a connection of the pool's that has ended.</summary>
    public RetryPolicy? Retries { get; init; }

    /// <summary>Keeps what the run was asked to do; what is kept already stays.</summary>
    /// <param name="document">What to keep.</param>
    /// <param name="cancellation">Gives up.</param>
    public Task KeepAsync(RunDocument document, CancellationToken cancellation) => WriteAsync(
        "INSERT INTO @history@.run_request (fleet, run, document) VALUES ($1, $2, $3::pg_catalog.jsonb) ON CONFLICT (fleet, run) DO NOTHING", static _ => true, cancellation, document.ToJson());

    /// <summary>What was kept of the run; null where nothing was, or there is no history.</summary>
    /// <param name="cancellation">Gives up.</param>
    public Task<RunDocument?> FindAsync(CancellationToken cancellation) => HistoryTransaction.RunAsync(
        connector,
        home,
        project,
        async connection =>
        {
            if (await new HistoryInstallation(sql).ReadAsync(connection, cancellation) is not { Version: >= 2 })
            {
                return null;
            }

            await using var batch = new NpgsqlBatch(connection);
            batch.Add(sql.Write("SELECT r.document::pg_catalog.text FROM @history@.run_request r WHERE r.fleet = $1 AND r.run = $2"), project.Fleet, run);
            return await batch.ExecuteScalarAsync(cancellation) is string json ? RunDocument.Parse(json) : null;
        },
        cancellation);

    /// <summary>The runs that are kept in the project's default database and began with manifests that are as they were; there may be more now.</summary>
    /// <param name="project">The project.</param>
    /// <param name="connector">Opens the connection.</param>
    /// <param name="manifests">Checksums by revision, of now.</param>
    /// <param name="cancellation">Gives up.</param>
    public static Task<HashSet<Guid>> FindFittingAsync(TenancyProject project, DatabaseConnector connector, SortedDictionary<string, string> manifests, CancellationToken cancellation) => HistoryTransaction.RunAsync(
        connector,
        connector.Default,
        project,
        async connection =>
        {
            await using var batch = new NpgsqlBatch(connection);
            batch.Add(
                new HistorySql(project.HistorySchema).Write("SELECT r.run FROM @history@.run_request r WHERE r.fleet = $1 AND r.document -> 'manifests' <@ $2::pg_catalog.jsonb"), project.Fleet, JsonSerializer.Serialize(manifests));
            await using var reader = await batch.ExecuteReaderAsync(cancellation);
            HashSet<Guid> runs = [];
            while (await reader.ReadAsync(cancellation))
            {
                runs.Add(reader.GetGuid(0));
            }

            return runs;
        },
        cancellation);

    /// <summary>Schemas of a database that are called otherwise by now, with that name; those whose tenant was removed, with null. One without history has none.</summary>
    /// <param name="project">The project.</param>
    /// <param name="connector">Opens the connection.</param>
    /// <param name="address">The database.</param>
    /// <param name="schemas">The schemas.</param>
    /// <param name="cancellation">Gives up.</param>
    public static Task<Dictionary<string, string?>> FindMovedAsync(TenancyProject project, DatabaseConnector connector, DatabaseAddress address, string[] schemas, CancellationToken cancellation) => HistoryTransaction.RunAsync(
        connector,
        address,
        project,
        async connection =>
        {
            Dictionary<string, string?> moved = new(StringComparer.Ordinal);
            var sql = new HistorySql(project.HistorySchema);
            if (await new HistoryInstallation(sql).ReadAsync(connection, cancellation) is { Version: >= 2 })
            {
                await using var batch = new NpgsqlBatch(connection);
                batch.Add(sql.File("read_moved"), project.Fleet, schemas);
                await using var reader = await batch.ExecuteReaderAsync(cancellation);
                while (await reader.ReadAsync(cancellation))
                {
                    moved.Add(reader.GetString(0), await reader.IsDBNullAsync(1, cancellation) ? null : reader.GetString(1));
                }
            }

            return moved;
        },
        cancellation);

    /// <summary>Notes that a ring begins, and says how far it was before.</summary>
    /// <param name="number">Its number, from 1.</param>
    /// <param name="name">Its name.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<RingProgress> BeginAsync(int number, string name, CancellationToken cancellation) =>
        await WriteAsync(sql.File("begin_ring"), static reader => new RingProgress(reader.GetBoolean(0), reader.GetBoolean(1), reader.GetBoolean(2)), cancellation, number, name) ?? new(false, false, false);

    /// <summary>Notes that a ring's tenants are done, from when on it soaks.</summary>
    /// <param name="number">Its number, from 1.</param>
    /// <param name="isChanged">Whether anything was changed.</param>
    /// <param name="soak">How long it soaks then.</param>
    /// <param name="isNew">True where that counts for a soak that has begun too, from when it began.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>How much of that is left.</returns>
    public async Task<TimeSpan> EndAsync(int number, bool isChanged, TimeSpan soak, bool isNew, CancellationToken cancellation) =>
        TimeSpan.FromSeconds(await WriteAsync(sql.File("end_ring"), static reader => reader.GetDouble(0), cancellation, number, isChanged, soak.TotalSeconds, isNew));

    /// <summary>Notes that a ring was verified.</summary>
    /// <param name="number">Its number, from 1.</param>
    /// <param name="cancellation">Gives up.</param>
    public Task VerifiedAsync(int number, CancellationToken cancellation) =>
        WriteAsync("UPDATE @history@.ring SET verified_at = now() WHERE fleet = $1 AND run = $2 AND number = $3", static _ => true, cancellation, number);

    // Writing twice is writing once.
    private Task<T?> WriteAsync<T>(string text, Func<NpgsqlDataReader, T> read, CancellationToken cancellation, params object[] values) =>
        Retries is null ? WriteOnceAsync(text, read, values, cancellation) : Retries.RunAsync(token => WriteOnceAsync(text, read, values, token), cancellation);

    // After hours of soak the pool's connections may be gone: then once more, over a new one.
    private async Task<T?> WriteOnceAsync<T>(string text, Func<NpgsqlDataReader, T> read, object[] values, CancellationToken cancellation)
    {
        try
        {
            return await TryWriteAsync(text, read, values, cancellation);
        }
        catch (TenancyException error) when (error.ErrorId == "ConnectionLost")
        {
            connector.GetDataSource(home).Clear();
            return await TryWriteAsync(text, read, values, cancellation);
        }
    }

    private Task<T?> TryWriteAsync<T>(string text, Func<NpgsqlDataReader, T> read, object[] values, CancellationToken cancellation) => HistoryTransaction.SendAsync(
        connector,
        home,
        project,
        batch => batch.Add(sql.Write(text), [project.Fleet, run, .. values]),
        async (_, reader) => await reader.ReadAsync(cancellation) ? read(reader) : default,
        cancellation,
        writes: true);
}

/// <summary>How far a ring was when a run came to it.</summary>
/// <param name="IsBegun">Begun, and not ended.</param>
/// <param name="IsEnded">Its tenants are done.</param>
/// <param name="IsVerified">Its query has given true.</param>
internal sealed record RingProgress(bool IsBegun, bool IsEnded, bool IsVerified);
