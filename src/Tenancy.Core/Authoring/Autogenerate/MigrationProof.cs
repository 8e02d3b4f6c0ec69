using System.Collections.Immutable;
using Tenancy.Core.Catalog;
using Tenancy.Core.Catalog.Diffs;
using Tenancy.Core.Catalog.Scratch;
using Tenancy.Core.Execution;
using Tenancy.Core.Manifests;
using Tenancy.Core.Revisions;
using Tenancy.Model;

namespace Tenancy.Core.Authoring.Autogenerate;

/// <summary>Proves a manifest on a copy of a schema: up, it is as it is to be; down, it is as it was; up again, nothing differs any more.</summary>
/// <param name="context">The run.</param>
/// <param name="manifest">The manifest.</param>
/// <param name="before">The schema as it is.</param>
/// <param name="after">The schema as it is to be.</param>
/// <param name="filter">What does not count.</param>
/// <param name="stays">Objects that differ and stay so.</param>
/// <param name="isOneWay">True where it is not to be undone.</param>
internal sealed class MigrationProof(RunContext context, Manifest manifest, SchemaSnapshot before, SchemaSnapshot after, ShapeFilter filter, IReadOnlyCollection<ObjectIdentity> stays, bool isOneWay)
{
    private const int Shown = 20;

    /// <summary>Proves it on a copy that is there already.</summary>
    /// <param name="copy">The copy.</param>
    /// <param name="cancellation">Cancels the running statement.</param>
    /// <exception cref="TenancyException"><c>ProofFailed</c>, with the difference or with what the server said.</exception>
    /// <exception cref="CommitNeededException">It cannot be proved in one transaction.</exception>
    public async Task RunAsync(ScratchCopy copy, CancellationToken cancellation)
    {
        await RunAsync(copy, RevisionDirection.Up, after, "does not make the schema what it is to be", cancellation);
        if (manifest.Irreversible is null && !isOneWay)
        {
            await RunAsync(copy, RevisionDirection.Down, before, "undone, does not make the schema what it was", cancellation);
            await RunAsync(copy, RevisionDirection.Up, after, "done, undone and done again, does not make the schema what it is to be", cancellation);
        }
    }

    /// <summary>The same in a schema that is committed, and dropped afterwards.</summary>
    /// <param name="specimen">The specimen.</param>
    /// <param name="cancellation">Cancels the running statement.</param>
    /// <exception cref="TenancyException"><c>ProofFailed</c>; or as <see cref="CommittedScratch.OpenAsync"/>.</exception>
    public async Task RunCommittedAsync(SchemaTarget specimen, CancellationToken cancellation)
    {
        await using var committed = await CommittedScratch.OpenAsync(context, specimen.Address, cancellation);
        var copy = new ScratchCopy(context, committed.Connection, await committed.CreateAsync(specimen, "proof", cancellation), committed);
        await copy.CreateAsync(before, specimen.ToString(), cancellation);
        await RunAsync(copy, cancellation);
    }

    private async Task RunAsync(ScratchCopy copy, RevisionDirection direction, SchemaSnapshot expected, string problem, CancellationToken cancellation)
    {
        try
        {
            await copy.RunAsync(manifest, direction, cancellation);
        }
        catch (StatementException error) when (!cancellation.IsCancellationRequested)
        {
            throw Failed(problem.StartsWith("undone", StringComparison.Ordinal) ? "cannot be undone" : "cannot be run", new FailureDescriber(context).Describe(error, ScratchTarget).Message, error);
        }

        var found = filter.Apply(await copy.ReadAsync(cancellation));
        var differences = SnapshotComparison.Compare(expected, found).Where(difference => !Stays(difference.Identity)).ToList();
        if (differences.Count > 0)
        {
            var lines = differences.Take(Shown).Select(static difference => Environment.NewLine + "  " + difference);
            throw Failed(problem, string.Concat(lines) + (differences.Count > Shown ? $"{Environment.NewLine}  … and {differences.Count - Shown} more" : ""), null);
        }
    }

    private static SchemaTarget ScratchTarget => new(MigrationScope.Tenant, "", "a copy of the specimen", new(Tenants.ServerAddress.Of("", 0), ""), []);

    private bool Stays(ObjectIdentity identity) => stays.Any(left => left == identity || (left.Table is null && left.Name == identity.Table));

    private static TenancyException Failed(string problem, string difference, Exception? inner) => new(
        "ProofFailed",
        $"The migration that was made {problem}, tried on a copy of the specimen, so nothing was written: {difference}",
        "Leave out what differs, with -Exclude, and write that by hand; and report it. -Verbose shows the manifest.",
        inner);
}
