using System.Collections.Concurrent;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Catalog.Drift;

/// <summary>How shapes differ from what is expected. A shape is read once, from the first tenant that has it.</summary>
/// <param name="connector">Opens connections.</param>
/// <param name="address">The database.</param>
/// <param name="differences">Says in what shapes differ.</param>
internal sealed class DriftedShapes(DatabaseConnector connector, DatabaseAddress address, ShapeDifferences differences)
{
    // A fleet in which each tenant has a shape of its own must not be kept.
    private const int MostKept = 200;

    private readonly ConcurrentDictionary<(string? Expected, string Actual), SchemaDifference[]> known = new();

    /// <summary>The differences that count, none too; null where the schema is not of that shape any more.</summary>
    /// <param name="expected">What is expected.</param>
    /// <param name="schema">A schema of the shape.</param>
    /// <param name="fingerprint">The shape.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<SchemaDifference[]?> ReadAsync(ExpectedShape expected, string schema, string fingerprint, CancellationToken cancellation)
    {
        if (known.TryGetValue((expected.Fingerprint, fingerprint), out var found))
        {
            return found;
        }

        var actual = await CatalogTransaction.RunAsync(connector, address, connection => SnapshotReader.ReadAsync(connection, schema, cancellation), cancellation);
        if (actual?.Fingerprint != fingerprint)
        {
            return null;
        }

        found = differences.Of(expected.Snapshot!, actual);
        if (known.Count < MostKept)
        {
            known.TryAdd((expected.Fingerprint, fingerprint), found);
        }

        return found;
    }
}
