using Npgsql;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Catalog.Scratch;

/// <summary>What the extensions of a database have made. A dump of <c>public</c> names it with the same schema as its own tables.</summary>
internal static class ExtensionMembers
{
    /// <summary>Reads it.</summary>
    /// <param name="connection">A connection.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>Schemas by name.</returns>
    public static async Task<IReadOnlyDictionary<string, string>> ReadAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(EmbeddedSql.Read("extension_members"), connection);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        Dictionary<string, string> found = new(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellation))
        {
            found.Add(reader.GetString(0), reader.GetString(1));
        }

        return found;
    }
}
