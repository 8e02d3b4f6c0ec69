using System.Data;
using Npgsql;
using Tenancy.Model;

namespace Tenancy.Core.Catalog;

/// <summary>
/// Reads snapshots again and again over one connection. The query is prepared: to plan it takes a third of the time that reading 300 tables does. Dispose of it before the connection is given back, and
/// where a pooler may be in between before the transaction ends, however that is: it gives the next one another server.
/// </summary>
/// <param name="connection">A connection inside a transaction, whenever one is read.</param>
internal sealed class RepeatedSnapshots(NpgsqlConnection connection) : IAsyncDisposable
{
    private NpgsqlCommand? query;

    /// <inheritdoc cref="SnapshotReader.ReadAsync(NpgsqlConnection, string, CancellationToken)"/>
    public Task<SchemaSnapshot> ReadAsync(string schema, CancellationToken cancellation) =>
        RunAsync(schema, async query => (await SnapshotReader.ReadAsync(query, [schema], isQualified: false, cancellation))[schema], cancellation);

    /// <summary>Reads what a schema holds, and not what of it needs what (<see cref="SchemaSnapshot.Dependencies"/> is empty): enough to be compared.</summary>
    /// <inheritdoc cref="ReadAsync"/>
    public Task<SchemaSnapshot> ReadObjectsAsync(string schema, CancellationToken cancellation) =>
        RunAsync(schema, query => SnapshotReader.ReadObjectsAsync(query, schema, cancellation), cancellation);

    /// <summary>Gives the query up, also in a transaction that has failed.</summary>
    public async ValueTask DisposeAsync()
    {
        if (query is not null && connection.State == ConnectionState.Open)
        {
            try
            {
                await query.UnprepareAsync(CancellationToken.None);
            }
            catch (Exception error) when (error is NpgsqlException or InvalidOperationException)
            {
                // The connection is lost, and what was prepared with it.
            }
        }

        query = null;
    }

    private async Task<SchemaSnapshot> RunAsync(string schema, Func<NpgsqlCommand, Task<SchemaSnapshot>> read, CancellationToken cancellation)
    {
        await using var settings = await SnapshotSettings.BeginAsync(connection, cancellation);
        if (query is null)
        {
            query = SnapshotReader.Query(connection, []);
            await query.PrepareAsync(cancellation);
        }

        ((NpgsqlParameter<string[]>)query.Parameters[0]).TypedValue = [schema];
        return await read(query);
    }
}
