using System.Collections.Concurrent;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Catalog.Drift;

/// <summary>How a shape differs from what is expected.</summary>
/// <param name="Shape">Its fingerprint; where definitions have the schema's name, one that does not depend on it.</param>
/// <param name="Differences">The differences that count; none too.</param>
internal sealed record DriftOfShape(string Shape, SchemaDifference[] Differences);

/// <summary>How shapes differ from what is expected. A shape is read once, from the first tenant that has it; where definitions have the schema's name, from each.</summary>
/// <param name="connector">Opens connections.</param>
/// <param name="address">The database.</param>
/// <param name="differences">Says in what shapes differ.</param>
internal sealed class DriftedShapes(DatabaseConnector connector, DatabaseAddress address, ShapeDifferences differences)
{
    // A fleet in which each tenant has a shape of its own must not be kept.
    private const int MostKept = 200;

    private readonly ConcurrentDictionary<(string? Expected, string Actual), DriftOfShape> known = new();

    /// <summary>The differences; null where the schema is not of that shape any more.</summary>
    /// <param name="expected">What is expected.</param>
    /// <param name="schema">A schema of the shape.</param>
    /// <param name="fingerprint">The shape.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<DriftOfShape?> ReadAsync(ExpectedShape expected, string schema, string fingerprint, CancellationToken cancellation)
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

        actual = expected.Align(actual, schema);
        found = new(expected.IsNamed ? actual.Fingerprint : fingerprint, differences.Of(expected.Snapshot!, actual));
        if (!expected.IsNamed && known.Count < MostKept)
        {
            known.TryAdd((expected.Fingerprint, fingerprint), found);
        }

        return found;
    }
}
