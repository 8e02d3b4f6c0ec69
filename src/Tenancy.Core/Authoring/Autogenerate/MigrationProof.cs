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
/// <param name="before">The schema as it is, as far as it counts.</param>
/// <param name="after">The schema as it is to be, likewise.</param>
/// <param name="filter">What does not count.</param>
/// <param name="renames">Renames that the manifest has.</param>
/// <param name="inexpressible">Objects that differ, and that the manifest leaves as they are.</param>
/// <param name="isOneWay">True where it is not to be undone.</param>
internal sealed class MigrationProof(
    RunContext context, Manifest manifest, SchemaSnapshot before, SchemaSnapshot after, ShapeFilter filter, ImmutableArray<ObjectRename> renames, ImmutableArray<InexpressibleDifference> inexpressible, bool isOneWay)
{
    private const int Shown = 20;

    /// <summary>Proves it on a copy that is there already.</summary>
    /// <param name="copy">The copy.</param>
    /// <param name="copied">What it is like.</param>
    /// <param name="cancellation">Cancels the running statement.</param>
    /// <exception cref="TenancyException"><c>ProofFailed</c>, with the difference or with what the server said.</exception>
    /// <exception cref="CommitNeededException">It cannot be proved in one transaction.</exception>
    public async Task RunAsync(ScratchCopy copy, CopiedShape copied, CancellationToken cancellation)
    {
        var initial = filter.Apply(copied.Shape);
        var left = copied.Left.Select(static item => item.Identity);
        var up = new StayingObjects(after, initial, [.. inexpressible.Select(static item => item.Identity), .. left], renames);
        var down = new StayingObjects(before, initial, [.. left], []);
        await RunAsync(copy, RevisionDirection.Up, up, "does not make the schema what it is to be", cancellation);
        if (manifest.Irreversible is null && !isOneWay)
        {
            await RunAsync(copy, RevisionDirection.Down, down, "undone, does not make the schema what it was", cancellation);
            await RunAsync(copy, RevisionDirection.Up, up, "done, undone and done again, does not make the schema what it is to be", cancellation);
        }
    }

    /// <summary>The same in a schema that is committed, and dropped afterwards.</summary>
    /// <param name="specimen">The specimen.</param>
    /// <param name="shape">The schema as a copy is made of it.</param>
    /// <param name="counted">What of the copy counts.</param>
    /// <param name="cancellation">Cancels the running statement.</param>
    /// <exception cref="TenancyException"><c>ProofFailed</c>; or as <see cref="CommittedScratch.OpenAsync"/>.</exception>
    public async Task RunCommittedAsync(SchemaTarget specimen, SchemaSnapshot shape, Func<SchemaSnapshot, SchemaSnapshot> counted, CancellationToken cancellation)
    {
        await using var committed = await CommittedScratch.OpenAsync(context, specimen.Address, cancellation);
        var copy = new ScratchCopy(context, committed.Connection, await committed.CreateAsync(specimen, "proof", cancellation), committed.Snapshots, committed);
        await RunAsync(copy, await copy.CreateAsync(shape, specimen.ToString(), counted, begun: null, cancellation), cancellation);
    }

    private async Task RunAsync(ScratchCopy copy, RevisionDirection direction, StayingObjects expected, string problem, CancellationToken cancellation)
    {
        try
        {
            await copy.RunAsync(manifest, direction, cancellation);
        }
        catch (StatementException error) when (!cancellation.IsCancellationRequested)
        {
            var what = direction == RevisionDirection.Down ? "cannot be undone" : "cannot be run";
            var message = new FailureDescriber(context).Describe(error, ScratchTarget).Message;
            throw TextBody.Find(error, context.Project) is { } body ? Failed(what, $"{message} {body.Problem}", error, body.Action(direction)) : Failed(what, message, error);
        }

        var found = filter.Apply(await copy.ReadObjectsAsync(cancellation));
        var differences = expected.Differences(found);
        if (differences.Count > 0)
        {
            throw Failed(problem, Describe(differences), null);
        }
    }

    /// <summary>Differences, one a line, as many as one reads.</summary>
    /// <param name="differences">The differences.</param>
    public static string Describe(IReadOnlyCollection<SnapshotDifference> differences) =>
        string.Concat(differences.Take(Shown).Select(static difference => Environment.NewLine + "  " + difference)) + (differences.Count > Shown ? $"{Environment.NewLine}  … and {differences.Count - Shown} more" : "");

    private static SchemaTarget ScratchTarget => new(MigrationScope.Tenant, "", "a copy of the specimen", new(Tenants.ServerAddress.Of("", 0), ""), []);

    private string Left => string.Concat(inexpressible.Select(static left => $"{Environment.NewLine}  Not in it: {left}"));

    private TenancyException Failed(string problem, string difference, Exception? inner, string? action = null) => new(
        "ProofFailed",
        $"The migration that was made {problem}, tried on a copy of the specimen, so nothing was written: {difference}{Left}",
        action ?? (!inexpressible.IsEmpty ? "What needs an object that stays as it is may not work: write the change of that object by hand first, or leave out what needs it, with -Exclude. -Verbose shows the manifest."
            : inner is not null && filter.LeavesObjectsOut ? "What -Exclude leaves out is there all the same, and may stand in the way: do not leave it out, or write by hand what changes. -Verbose shows the manifest."
            : "Leave out what differs, with -Exclude, and write that by hand; and report it. -Verbose shows the manifest."),
        inner);
}
