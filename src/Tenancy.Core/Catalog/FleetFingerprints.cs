using System.Data;
using System.Runtime.CompilerServices;
using Npgsql;
using Tenancy.Model;

namespace Tenancy.Core.Catalog;

/// <summary>A schema and the fingerprint of what it holds.</summary>
/// <param name="Schema">Its name, unquoted.</param>
/// <param name="Fingerprint">That of <see cref="SchemaSnapshot.Fingerprint"/>.</param>
public sealed record SchemaFingerprint(string Schema, string Fingerprint)
{
    /// <summary>How many relations it has: the connection's backend keeps some KB for each from now on, and never gives them back (<see cref="Tenants.DatabaseConnector.Wear"/>).</summary>
    public required long Relations { get; init; }
}

/// <summary>Fingerprints of many schemas, computed in the server: one row a schema comes back. Two connections, each with half of the schemas, use two processors.</summary>
public static class FleetFingerprints
{
    /// <summary>How many relations' locks are held at once, about: what a view names is locked while its query is printed. Fewer where the server's lock table is smaller than usual.</summary>
    private const long MostLocks = 800;

    /// <summary>
    /// Reads them, a few schemas at a time, each as it is at that moment of the caller's transaction. Only AccessShare is locked, and given back after those few. Give some hundred schemas a
    /// call: fewer do not pay for planning the query, and more let the backend's memory grow.
    /// </summary>
    /// <param name="connection">A connection inside a transaction; it is not to be used until the last one is taken.</param>
    /// <param name="schemas">The schemas' names, unquoted.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The fingerprints, in no particular order; none for a schema that is not there.</returns>
    /// <exception cref="TenancyException"><c>SchemaNotReadable</c>.</exception>
    public static async IAsyncEnumerable<SchemaFingerprint> ReadAsync(NpgsqlConnection connection, IReadOnlyCollection<string> schemas, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var settings = await SnapshotSettings.BeginAsync(connection, cancellation);
        var sizes = await ReadSizesAsync(connection, schemas, cancellation);
        var relations = sizes.ToDictionary(static size => size.Schema, static size => size.Relations, StringComparer.Ordinal);
        NpgsqlParameter<string[]> names = new() { TypedValue = [] };
        await using NpgsqlCommand command = new(SnapshotSql.Of("snapshot_fingerprints", connection.PostgreSqlVersion.Major), connection) { Parameters = { names } };

        // Planning takes as long as some ten tenants do. The statement is gone again before the transaction ends, as a pooler needs it.
        await command.PrepareAsync(cancellation);
        try
        {
            foreach (var few in Divide(sizes))
            {
                names.TypedValue = few;
                await using (var reader = await command.ExecuteReaderAsync(cancellation))
                {
                    while (await reader.ReadAsync(cancellation))
                    {
                        SchemaAccess.Check(reader.GetString(0), isInPath: reader.GetBoolean(1));
                        yield return new(reader.GetString(0), reader.GetString(2)) { Relations = relations[reader.GetString(0)] };
                    }
                }

                await settings.ReleaseLocksAsync(cancellation);
            }
        }
        finally
        {
            if (connection.State == ConnectionState.Open)
            {
                await command.UnprepareAsync(CancellationToken.None);
            }
        }
    }

    private static async Task<List<(string Schema, long Relations, long Room)>> ReadSizesAsync(NpgsqlConnection connection, IReadOnlyCollection<string> schemas, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = new(SnapshotSql.Of("snapshot_sizes", connection.PostgreSqlVersion.Major), connection) { Parameters = { new() { Value = schemas.Distinct().ToArray() } } };
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<(string, long, long)> sizes = [];
        while (await reader.ReadAsync(cancellation))
        {
            sizes.Add((reader.GetString(0), reader.GetInt64(1), reader.GetInt64(2)));
        }

        return sizes;
    }

    // A schema with more relations than that is read alone.
    private static IEnumerable<string[]> Divide(List<(string Schema, long Relations, long Room)> sizes)
    {
        List<string> few = [];
        var locks = 0L;
        foreach (var (schema, relations, room) in sizes)
        {
            if (few.Count > 0 && locks + relations > Math.Min(MostLocks, room))
            {
                yield return [.. few];
                few.Clear();
                locks = 0;
            }

            few.Add(schema);
            locks += relations;
        }

        if (few.Count > 0)
        {
            yield return [.. few];
        }
    }
}
