using System.Data;
using Npgsql;

namespace Tenancy.Core.Catalog;

/// <summary>The settings with which the catalog is read, under a savepoint: rolling it back gives back settings and locks, and the transaction of the caller goes on whatever happened.</summary>
internal sealed class SnapshotSettings : IAsyncDisposable
{
    private readonly NpgsqlConnection connection;

    private SnapshotSettings(NpgsqlConnection connection) => this.connection = connection;

    /// <summary>Sets them.</summary>
    /// <param name="connection">A connection inside a transaction.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<SnapshotSettings> BeginAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using NpgsqlBatch batch = new(connection) { BatchCommands = { new("SAVEPOINT tenancy_snapshot"), new(SnapshotSql.SetUp), new("SAVEPOINT tenancy_snapshot_locks") } };
        await batch.ExecuteNonQueryAsync(cancellation);
        return new SnapshotSettings(connection);
    }

    /// <summary>Gives back the locks that were taken since, and goes on.</summary>
    /// <param name="cancellation">Gives up.</param>
    public async Task ReleaseLocksAsync(CancellationToken cancellation)
    {
        await using NpgsqlCommand command = new("ROLLBACK TO SAVEPOINT tenancy_snapshot_locks", connection);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // A connection that was lost has given all back.
        if (connection.State == ConnectionState.Open)
        {
            await using NpgsqlBatch batch = new(connection) { BatchCommands = { new("ROLLBACK TO SAVEPOINT tenancy_snapshot"), new("RELEASE SAVEPOINT tenancy_snapshot") } };
            await batch.ExecuteNonQueryAsync(CancellationToken.None);
        }
    }
}
