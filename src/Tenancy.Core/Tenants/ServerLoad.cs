using Npgsql;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Tenants;

/// <summary>How much room a server has for connections.</summary>
/// <param name="Free">How many more this role could open now; those open already for this question not counted.</param>
/// <param name="IsBehindPooler">As <see cref="ServerFacts.IsBehindPooler"/>.</param>
internal sealed record ServerLoad(int Free, bool IsBehindPooler)
{
    /// <summary>The query that <see cref="Read"/> reads.</summary>
    public static string Query { get; } = EmbeddedSql.Read("server_load");

    /// <summary>Asks the server, in one round trip.</summary>
    /// <param name="connection">An open connection.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<ServerLoad> ReadAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(Query, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        return Read(connection, reader);
    }

    /// <summary>Reads what the server told.</summary>
    /// <param name="connection">The connection that it was asked over.</param>
    /// <param name="reader">At the row.</param>
    public static ServerLoad Read(NpgsqlConnection connection, NpgsqlDataReader reader) => new(Math.Max(0, reader.GetInt32(0)), reader.GetInt32(1) != connection.ProcessID);
}
