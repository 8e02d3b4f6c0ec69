using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Tenancy.Core.Authoring;
using Tenancy.Core.Catalog.Drift;
using Tenancy.Core.Catalog.Scratch;
using Tenancy.Core.Execution;
using Tenancy.Core.History;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Revisions;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core;

/// <content>What tenants' schemas are like, beside what they are to be like.</content>
public sealed partial class Fleet
{
    /// <summary>Compares tenants' schemas with what their revisions say, or with a tenant that is as it should be. Changes nothing, and keeps no run out. One result a tenant.</summary>
    /// <param name="tenants">The tenants.</param>
    /// <param name="request">What is asked.</param>
    /// <param name="log">Takes what is said.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="TenancyException">Nothing can be compared: the only database cannot be read, an argument is missing, or the reference cannot be read.</exception>
    public async IAsyncEnumerable<SchemaComparison> CompareSchemasAsync(
        IReadOnlyList<Tenant> tenants, ComparisonRequest request, IRunLog log, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var (databases, faults) = Group(tenants, new());
        foreach (var fault in faults)
        {
            yield return Uncompared(fault.Tenant, connector.Default, Describe(fault.Error!));
        }

        var reference = request.Reference is { } tenant ? await ReadReferenceAsync(tenant, cancellation) : null;
        await foreach (var (address, members) in InTurnAsync(databases))
        {
            var comparison = new DatabaseComparison(Project, Revisions, connector, address, request, reference, log);
            await foreach (var result in databases.Count > 1 ? GuardAsync(address, members, comparison.CompareAsync(members, cancellation), static each => each.Schema, (tenant, failure) => Uncompared(tenant, address, failure), cancellation) : comparison.CompareAsync(members, cancellation))
            {
                yield return result;
            }
        }
    }

    /// <summary>The same by shape: one object for each shape that tenants at the same revisions have. Keeps shapes, not tenants.</summary>
    /// <inheritdoc cref="CompareSchemasAsync"/>
    public async Task<IReadOnlyList<SchemaShape>> SummarizeSchemasAsync(IReadOnlyList<Tenant> tenants, ComparisonRequest request, IRunLog log, CancellationToken cancellation = default)
    {
        var summary = new ShapeSummary();
        await foreach (var comparison in CompareSchemasAsync(tenants, request, log, cancellation))
        {
            summary.Add(comparison);
        }

        return [.. summary.Describe()];
    }

    /// <summary>The tenants that have drifted, by shape: what <see cref="MakeRepairAsync"/> takes. Tells of each tenant as it is compared.</summary>
    /// <param name="tenants">The tenants.</param>
    /// <param name="request">What is asked.</param>
    /// <param name="log">Takes what is said.</param>
    /// <param name="failed">Takes tenants that could not be compared.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="TenancyException">As <see cref="CompareSchemasAsync"/>.</exception>
    public async Task<IReadOnlyList<DriftedShape>> FindDriftAsync(
        IReadOnlyList<Tenant> tenants, ComparisonRequest request, IRunLog log, Func<SchemaComparison, Task> failed, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(failed);
        List<SchemaComparison> drifted = [];
        await foreach (var comparison in CompareSchemasAsync(tenants, request, log, cancellation))
        {
            if (comparison.Status == SchemaComparisonStatus.Drifted)
            {
                drifted.Add(comparison);
            }
            else if (comparison.Failure is not null)
            {
                await failed(comparison);
            }
        }

        return
        [
            .. drifted.GroupBy(static comparison => (string.Join(' ', comparison.Heads), comparison.Shape)).Select(static group => new DriftedShape(
                [.. group.First().Heads],
                group.Key.Shape!,
                [.. group.Select(static comparison => new Tenant { Name = comparison.Name, Schema = comparison.Schema, Database = comparison.Database, Server = comparison.Server, Labels = comparison.Labels })])),
        ];
    }

    /// <summary>Makes the manifest that brings tenants which have drifted alike back, proved on a copy. It is run on them, and only recorded on all others. Writes no file.</summary>
    /// <param name="shape">The tenants.</param>
    /// <param name="request">What was compared.</param>
    /// <param name="revision">The new revision.</param>
    /// <param name="renames">What of the drift is a rename; those that fit the shape are taken.</param>
    /// <param name="log">Takes what is said.</param>
    /// <param name="cancellation">Cancels and rolls back.</param>
    /// <returns>What came of it, and the manifest to write; null where nothing can be written.</returns>
    /// <exception cref="TenancyException"><c>SpecimenNotAtHead</c>, <c>ProofFailed</c>, or another that says why none can be made.</exception>
    public async Task<(GeneratedMigration Result, NewManifest? Manifest)> MakeRepairAsync(
        DriftedShape shape, ComparisonRequest request, NewRevision revision, RepairRenames renames, IRunLog log, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(shape);
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(renames);
        var reference = request.Reference is { } tenant ? await ReadReferenceAsync(tenant, cancellation) : null;
        return await new ShapeRepair(Project, Revisions, connector, request, reference, log).MakeAsync(shape, revision, renames, cancellation);
    }

    /// <summary>Says where tenants are that history does not know, or has wrong, by what their schemas are like. One result a tenant; where it cannot be told, its failure says why, and nothing is written.</summary>
    /// <param name="tenants">The tenants.</param>
    /// <param name="request">Arguments of the run, for manifests that are replayed, and what does not count.</param>
    /// <param name="plansOnly">True to say what would be, and write nothing.</param>
    /// <param name="log">Takes what is said.</param>
    /// <param name="cancellation">Cancels and rolls back.</param>
    /// <exception cref="TenancyException">The manifests cannot be replayed, or a database cannot be worked on.</exception>
    public async IAsyncEnumerable<MigrationResult> StampFromShapeAsync(
        IReadOnlyList<Tenant> tenants, ComparisonRequest request, bool plansOnly, IRunLog log, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ImmutableArray<string>? wanted = request.To.IsEmpty ? null
            : [.. request.To.Where(static name => name != "base").SelectMany(name => Revisions.Resolve(name, MigrationScope.Tenant, [], RevisionDirection.Up).Revisions).Select(static node => node.Id).Distinct().Order(StringComparer.Ordinal)];
        var run = new MigrationRequest { Arguments = request.Arguments, RunId = request.RunId };
        var differences = ShapeDifferences.OfReplay(Project, request.Excluded);
        var (databases, faults) = Group(tenants, run);
        foreach (var fault in faults)
        {
            yield return Failed(fault.Tenant, connector.Default, run, Describe(fault.Error!)) with { Direction = "stamp" };
        }

        await foreach (var (address, members) in InTurnAsync(databases))
        {
            var stamping = new Stamping(Project, Revisions, connector, address, log);
            if (!plansOnly)
            {
                await stamping.PrepareAsync(cancellation);
            }

            List<SchemaTarget> targets = [.. members.Select(tenant => SchemaTarget.Of(tenant, address))];
            Dictionary<string, RecognizedSchema> recognized = new(StringComparer.Ordinal);
            var owners = await CatalogTransaction.RunAsync(connector, address, connection => ReplayOwners.ReadAsync(connection, Project, [.. targets.Select(static target => target.Schema)], cancellation), cancellation);
            foreach (var alike in targets.GroupBy(target => owners[target.Schema]))
            {
                foreach (var (schema, known) in await new ShapeRecognition(Project, connector, new(Project, Revisions, connector, address), run, differences, wanted, log).RecognizeAsync([.. alike], cancellation))
                {
                    recognized.Add(schema, known);
                }
            }

            foreach (var target in targets)
            {
                var started = DateTime.UtcNow;
                yield return stamping.Describe(
                    target,
                    started,
                    plansOnly ? (await stamping.PlanAsync([target], (_, state) => Resolve(target, state), cancellation))[0] : await stamping.StampAsync(target, state => Resolve(target, state), cancellation));
            }

            ImmutableArray<string> Resolve(SchemaTarget target, SchemaState state)
            {
                var known = recognized.GetValueOrDefault(target.Schema);
                return known?.Refusal is { } refusal ? throw refusal
                    : known?.Where.IsSame(new(state, known.Where.IsKnown, known.Where.Ran)) == true ? known.Heads
                    : throw new TenancyException("StateChanged", "it was migrated, or made anew, since it was looked at.", "Run again.");
            }
        }
    }

    private async Task<ReferenceShape> ReadReferenceAsync(Tenant tenant, CancellationToken cancellation)
    {
        var (address, members) = GroupValid([tenant])[0];
        return await ReferenceShape.ReadAsync(Project, Revisions, connector, members[0], address, cancellation);
    }

    private static SchemaComparison Uncompared(Tenant tenant, DatabaseAddress address, MigrationFailure failure) => new()
    {
        Name = tenant.Name,
        Schema = tenant.Schema,
        Database = address.Database,
        Server = address.Server.ToString(),
        Status = SchemaComparisonStatus.Failed,
        Failure = failure,
        Labels = tenant.Labels,
    };
}
