using Npgsql;
using Tenancy.Core.Catalog.Scratch;
using Tenancy.Core.Execution;
using Tenancy.Core.Manifests;

namespace Tenancy.Core.Provisioning;

/// <summary>Proves, before a replay is rolled back, that it left nothing outside its scratch schema but what revisions declare: new tenants would not have it. A replay that commits proves it of each transaction itself.</summary>
/// <param name="context">The run.</param>
internal sealed class ReplayedPlace(RunContext context)
{
    // What RESET ALL between revisions takes away.
    private const string Changes = "tenancy.changes";

    private string? changes;
    private string? transaction;

    /// <summary>Notes where the proof starts.</summary>
    /// <param name="connection">The connection, in the replay's transaction, as the login.</param>
    /// <param name="scratch">The schema, with nothing in it yet.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task BeginAsync(NpgsqlConnection connection, ScratchSchema scratch, CancellationToken cancellation)
    {
        CommandList commands = [];
        commands.Add($"SELECT {context.History.Quoted}.start_proof($1)", scratch.Name);
        PlacementProof.AddBefore(commands, context);
        await commands.ExecuteAsync(connection, cancellation);
        (changes, transaction) = await ReadAsync(connection, cancellation);
    }

    /// <summary>Proves.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="scratch">The schema.</param>
    /// <param name="touches">What the revisions declare beside.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="PostgresException"><see cref="PlacementProof.Outside"/>, with what was touched.</exception>
    public async Task ProveAsync(NpgsqlConnection connection, ScratchSchema scratch, IReadOnlyCollection<Touch> touches, CancellationToken cancellation)
    {
        if ((await ReadAsync(connection, cancellation)).Transaction != transaction)
        {
            return;
        }

        CommandList commands = [];
        commands.Add("SELECT pg_catalog.set_config($1, $2, true)", Changes, changes);
        PlacementProof.AddProofOfMany(commands, context, [scratch.Oid], touches, areNew: true);
        await commands.ExecuteAsync(connection, cancellation);
    }

    private async Task<(string? Changes, string? Transaction)> ReadAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.Add($"SELECT pg_catalog.current_setting($1, true), {context.History.Quoted}.transaction_identity()", Changes);
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        return (await reader.IsDBNullAsync(0, cancellation) ? null : reader.GetString(0), reader.GetString(1));
    }
}
