using System.Collections.Concurrent;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Catalog.Drift;

/// <summary>How shapes differ from what is expected. A shape is read once, from the first tenant that has it.</summary>
/// <param name="connector">Opens connections.</param>
/// <param name="address">The database.</param>
/// <param name="without">What does not count.</param>
internal sealed class DriftedShapes(DatabaseConnector connector, DatabaseAddress address, Func<ObjectIdentity, bool> without)
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
        if (known.TryGetValue((expected.Fingerprint, fingerprint), out var differences))
        {
            return differences;
        }

        var actual = await CatalogTransaction.RunAsync(connector, address, connection => SnapshotReader.ReadAsync(connection, schema, cancellation), cancellation);
        if (actual?.Fingerprint != fingerprint)
        {
            return null;
        }

        differences = ShapeDifferences.Of(expected.Snapshot!, actual, without);
        if (known.Count < MostKept)
        {
            known.TryAdd((expected.Fingerprint, fingerprint), differences);
        }

        return differences;
    }
}
