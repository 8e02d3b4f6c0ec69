using System.Collections.Immutable;
using Tenancy.Core.Authoring;
using Tenancy.Core.Authoring.Autogenerate;
using Tenancy.Core.Execution;
using Tenancy.Core.Execution.Servers;
using Tenancy.Core.Manifests;
using Tenancy.Core.Revisions;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Catalog.Drift;

/// <summary>Makes the manifest that brings tenants which have drifted alike back to what they are to be.</summary>
/// <param name="project">The project.</param>
/// <param name="graph">Its revisions.</param>
/// <param name="connector">Opens connections.</param>
/// <param name="request">What was compared.</param>
/// <param name="reference">What all are to be like; null for what their revisions say.</param>
/// <param name="log">Takes what is said.</param>
internal sealed class ShapeRepair(TenancyProject project, RevisionGraph graph, DatabaseConnector connector, ComparisonRequest request, ReferenceShape? reference, IRunLog log)
{
    // As of a comparison.
    private const int ChunkSize = 200;

    /// <summary>Makes and proves it, on a copy of the first of the tenants; writes no file.</summary>
    /// <param name="shape">The tenants.</param>
    /// <param name="revision">The new revision.</param>
    /// <param name="renames">What of the drift is a rename.</param>
    /// <param name="cancellation">Cancels and rolls back.</param>
    /// <returns>What came of it, and the manifest; null where there is none.</returns>
    /// <exception cref="TenancyException"><c>SpecimenNotAtHead</c>: what is pending comes first; <c>ProofFailed</c>; or what autogenerating throws.</exception>
    public async Task<(GeneratedMigration Result, NewManifest? Manifest)> MakeAsync(DriftedShape shape, NewRevision revision, RepairRenames renames, CancellationToken cancellation)
    {
        var drifted = shape.Tenants[0];
        var target = SchemaTarget.Of(drifted, connector.Locate(drifted));
        var expected = reference?.Shape ?? await ReplayAsync(target, cancellation);
        if (expected.Failure is { } failure)
        {
            throw new MigrationException(failure);
        }

        var actual = await CatalogTransaction.RunAsync(connector, target.Address, connection => SnapshotReader.ReadAsync(connection, target.Schema, cancellation), cancellation);
        var desired = expected.For(actual, target.Schema);
        if (reference is null)
        {
            desired = ShapeDifferences.OfReplay(project, []).Keep(desired, actual);
        }

        var name = request.Reference is { } tenant ? $"as tenant '{tenant.Name}'" : $"as revision {string.Join(", ", shape.Heads)} leaves it";
        return await new Autogeneration(
            project,
            graph,
            connector,
            new()
            {
                Specimen = drifted,
                Desired = new DesiredSource.Shape(desired, name),
                Repaired = await ReadMarksAsync(shape, expected, cancellation),
                Excluded = request.Excluded,
                Renames = renames.Fitting(actual, desired),
                Revision = revision,
            },
            log).RunAsync(cancellation);
    }

    // The mark before the fingerprint: whatever is changed from here on, the mark is another then, and the tenant is left alone.
    private async Task<ImmutableArray<RepairedSchema>> ReadMarksAsync(DriftedShape shape, ExpectedShape expected, CancellationToken cancellation)
    {
        var repaired = ImmutableArray.CreateBuilder<RepairedSchema>();
        foreach (var database in shape.Tenants.GroupBy(connector.Locate))
        {
            foreach (var schemas in database.Select(static tenant => tenant.Schema).Chunk(ChunkSize))
            {
                var marks = await CatalogTransaction.RunAsync(connector, database.Key, connection => RepairedSchema.ReadAsync(connection, database.Key, schemas, cancellation), cancellation);
                foreach (var (schema, print) in await new TenantFingerprints(connector, database.Key).ReadAsync(schemas, cancellation))
                {
                    var now = print.Value is null || !expected.IsNamed ? print.Value
                        : expected.Align(await CatalogTransaction.RunAsync(connector, database.Key, connection => SnapshotReader.ReadAsync(connection, schema, cancellation), cancellation), schema).Fingerprint;
                    if (now?.StartsWith(shape.Shape, StringComparison.Ordinal) == true && marks.TryGetValue(schema, out var mark))
                    {
                        repaired.Add(mark);
                    }
                    else
                    {
                        log.Warn($"{schema} in {database.Key} is not as it was compared any more, and no part of the repair: compare again.");
                    }
                }
            }
        }

        return repaired.Count > 0 ? repaired.ToImmutable() : throw new TenancyException("StateChanged", $"None of the tenants {shape} is as it was compared any more.", "Compare again.");
    }

    private async Task<ExpectedShape> ReplayAsync(SchemaTarget target, CancellationToken cancellation)
    {
        var session = new DatabaseSession(project, graph, connector, target.Address);
        var states = new DriftStates(project, connector, session);
        var where = (await states.ReadAsync([target], cancellation))[target.Schema];
        if (Verdict.OfState(where, graph) is { } status)
        {
            throw new TenancyException("StateChanged", $"{target} is {status} by now.", "Compare again.");
        }

        var replayed = new ReplayedShapes(project, connector, session, request, log);
        await replayed.EnsureAsync([(where.Target, target)], states.ExtensionSchemas, cancellation);
        return replayed[where.Target];
    }
}
