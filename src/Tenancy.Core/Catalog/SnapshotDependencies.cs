using Npgsql;
using NpgsqlTypes;

namespace Tenancy.Core.Catalog;

/// <summary>Which object of a schema needs which.</summary>
internal static class SnapshotDependencies
{
    /// <summary>Where an object is kept: its catalog, its OID, and the column of a table.</summary>
    internal readonly record struct Address(uint Catalog, uint Oid, int Part);

    /// <summary>Reads them, among the objects given. The session is as <see cref="SnapshotSql.SetUp"/> makes it.</summary>
    /// <param name="connection">A connection inside a transaction.</param>
    /// <param name="objects">Objects by address.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>Pairs of addresses, each once; what an object is a part of (a column of its table) is not among them.</returns>
    public static async Task<List<(Address From, Address To)>> ReadAsync(NpgsqlConnection connection, IReadOnlyCollection<Address> objects, CancellationToken cancellation)
    {
        var wholes = objects.Select(static address => (address.Catalog, address.Oid)).Distinct().ToList();
        await using NpgsqlCommand command = new(SnapshotSql.Of("snapshot_dependencies", connection.PostgreSqlVersion.Major), connection)
        {
            Parameters = { Oids(wholes.Select(static whole => whole.Catalog)), Oids(wholes.Select(static whole => whole.Oid)) },
        };
        List<(Address From, Address Needed)> needs = [];
        Dictionary<(uint Catalog, uint Oid), List<(uint Catalog, uint Oid, int? Part)>> stands = [];
        await using (var reader = await command.ExecuteReaderAsync(cancellation))
        {
            while (await reader.ReadAsync(cancellation))
            {
                var (catalog, oid, otherCatalog, other) = (reader.GetFieldValue<uint>(1), reader.GetFieldValue<uint>(2), reader.GetFieldValue<uint>(4), reader.GetFieldValue<uint>(5));
                if (!reader.GetBoolean(0))
                {
                    needs.Add((new(catalog, oid, reader.GetInt32(3)), new(otherCatalog, other, reader.GetInt32(6))));
                }
                else if (stands.TryGetValue((catalog, oid), out var known))
                {
                    known.Add((otherCatalog, other, reader.IsDBNull(6) ? null : reader.GetInt32(6)));
                }
                else
                {
                    stands.Add((catalog, oid), [(otherCatalog, other, reader.IsDBNull(6) ? null : reader.GetInt32(6))]);
                }
            }
        }

        return Join(needs, stands, objects.ToHashSet());
    }

    private static List<(Address From, Address To)> Join(
        List<(Address From, Address Needed)> needs, Dictionary<(uint Catalog, uint Oid), List<(uint Catalog, uint Oid, int? Part)>> stands, HashSet<Address> known)
    {
        Address Find(Address address) => known.Contains(address) ? address : address with { Part = 0 };
        HashSet<(Address From, Address To)> found = [];
        foreach (var (needing, needed) in needs)
        {
            var from = Find(needing);
            foreach (var (catalog, oid, part) in stands.GetValueOrDefault((needed.Catalog, needed.Oid)) ?? [])
            {
                var to = Find(new(catalog, oid, part ?? needed.Part));
                if (from != to && known.Contains(from) && known.Contains(to))
                {
                    found.Add((from, to));
                }
            }
        }

        return [.. found];
    }

    private static NpgsqlParameter Oids(IEnumerable<uint> values) => new() { Value = values.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Oid };
}
