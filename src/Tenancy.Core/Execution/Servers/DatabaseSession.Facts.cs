using Npgsql;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Execution.Servers;

/// <content>What the server tells of itself.</content>
internal sealed partial class DatabaseSession
{
    /// <summary>True where the database is known to have Citus; once it is opened.</summary>
    public bool HasCitus => prepared is { HasCitus: true };

    /// <summary>True where non-transactional steps would go through a pooler.</summary>
    public async Task<bool> IsDirectBehindPoolerAsync(CancellationToken cancellation) =>
        (connector.FindDirect(Address) is var direct && direct == Address && prepared is { } known ? known : await ReadFactsAsync(direct, cancellation)).IsBehindPooler;

    // The first to use a connection: one left in the pool from before may have ended meanwhile, and then most likely all have.
    private async Task<ServerFacts> ReadFactsAsync(DatabaseAddress address, CancellationToken cancellation)
    {
        for (var isFirst = true; ; isFirst = false)
        {
            try
            {
                await using var connection = await connector.OpenAsync(address, cancellation);
                await using var batch = new NpgsqlBatch(connection);
                AddFacts(batch);
                await using var reader = await batch.ExecuteReaderAsync(cancellation);
                return await ReadFactsAsync(connection, reader, cancellation);
            }
            catch (NpgsqlException error)
            {
                cancellation.ThrowIfCancellationRequested();
                connector.GetDataSource(address).Clear();
                Choice?.Decide(null);
                if (!isFirst)
                {
                    throw new TenancyException("ConnectionLost", $"The connection to {address} was lost: {error.Message}", "Run again: nothing was done.", error);
                }
            }
        }
    }

    // Of a server's databases one is begun before this is decided, and nobody else decides.
    private bool AsksLoad => Choice is { IsDecided: false };

    // What comes first of all, so that an error in what follows leaves it known.
    private void AddFacts(NpgsqlBatch batch)
    {
        if (AsksLoad)
        {
            batch.Add(ServerLoad.Query);
        }

        batch.Add(ServerFacts.Query);
    }

    private async Task<ServerFacts> ReadFactsAsync(NpgsqlConnection connection, NpgsqlDataReader reader, CancellationToken cancellation)
    {
        await reader.ReadAsync(cancellation);
        if (AsksLoad)
        {
            Choice!.Decide(ServerLoad.Read(connection, reader));
            await reader.NextResultAsync(cancellation);
            await reader.ReadAsync(cancellation);
        }

        return ServerFacts.Read(connection, reader);
    }
}
