using Tenancy.Core.Authoring.Autogenerate;
using Tenancy.Core.Catalog;
using Tenancy.Core.Catalog.Scratch;
using Tenancy.Core.Execution;
using Tenancy.Core.Manifests;
using Tenancy.Core.Revisions;
using Tenancy.Model;

namespace Tenancy.Core.Safety;

/// <summary>
/// Proves revisions on a scratch schema, one after another in their order: up, down and up again, with the schema read after each step. All in one transaction that is rolled back; where PostgreSQL demands a commit in
/// between, in a scratch schema that is committed, and dropped afterwards.
/// </summary>
/// <param name="context">The run.</param>
/// <param name="like">The tenant that the scratch schema stands for.</param>
/// <param name="steps">All revisions of the tenants' scope, in the order to run.</param>
/// <param name="asked">Those to prove; the others only go up.</param>
internal sealed class RevisionProof(RunContext context, SchemaTarget like, IReadOnlyCollection<RevisionStep> steps, IReadOnlySet<string> asked)
{
    private const string Suffix = "proof";

    /// <summary>Proves.</summary>
    /// <param name="cancellation">Cancels the running statement, and leaves nothing.</param>
    /// <exception cref="TenancyException">What connecting, or <see cref="CommittedScratch.OpenAsync"/>, throws.</exception>
    public async Task<IReadOnlyList<ProvedRevision>> RunAsync(CancellationToken cancellation)
    {
        try
        {
            await using var transaction = await ScratchTransaction.BeginAsync(context, like.Address, cancellation);
            return await WalkAsync(new(context, transaction.Connection, await transaction.CreateAsync(like, Suffix, cancellation), transaction.Snapshots), cancellation);
        }
        catch (CommitNeededException)
        {
            context.Log.Verbose($"{like.Address}: proved in a schema that is committed, and dropped afterwards: a revision needs what another has committed.");
            await using var committed = await CommittedScratch.OpenAsync(context, like.Address, cancellation);
            return await WalkAsync(new(context, committed.Connection, await committed.CreateAsync(like, Suffix, cancellation), committed.Snapshots, committed), cancellation);
        }
    }

    private async Task<List<ProvedRevision>> WalkAsync(ScratchCopy copy, CancellationToken cancellation)
    {
        List<ProvedRevision> proved = [];
        string? failed = null;
        if (context.Project.Hooks.BeforeTenant is { } hook)
        {
            await copy.RunAsync(hook, RevisionDirection.Up, cancellation);
        }

        var before = await copy.ReadAsync(cancellation);
        foreach (var manifest in steps.Select(static step => step.Manifest))
        {
            var result = new ProvedRevision { Revision = manifest.Revision, Manifest = manifest.Path, Description = manifest.Description };
            if (failed is not null)
            {
                proved.Add(result with { Status = ProofStatus.NotProved, Message = $"not reached: {failed} failed." });
                continue;
            }

            try
            {
                (result, before) = await ProveAsync(copy, manifest, result, before, cancellation);
            }
            catch (StatementException error) when (!cancellation.IsCancellationRequested)
            {
                failed = manifest.Revision;
                var failure = new FailureDescriber(context).Describe(error, like);
                result = result with { Status = ProofStatus.Failed, Message = failure.Message, Failure = failure };
            }

            proved.Add(result);
        }

        return proved.FindAll(result => asked.Contains(result.Revision) || result.Status == ProofStatus.Failed);
    }

    private async Task<(ProvedRevision Result, SchemaSnapshot After)> ProveAsync(ScratchCopy copy, Manifest manifest, ProvedRevision result, SchemaSnapshot before, CancellationToken cancellation)
    {
        await copy.RunAsync(manifest, RevisionDirection.Up, cancellation);
        var after = await copy.ReadAsync(cancellation);
        if (manifest.Irreversible is not null || !asked.Contains(manifest.Revision))
        {
            return (result with { Status = ProofStatus.OneWay, Message = manifest.Irreversible is null ? null : $"irreversible: {manifest.Irreversible}" }, after);
        }

        await copy.RunAsync(manifest, RevisionDirection.Down, cancellation);
        var undone = SnapshotComparison.Compare(before, await copy.ReadAsync(cancellation));
        await copy.RunAsync(manifest, RevisionDirection.Up, cancellation);
        var again = await copy.ReadAsync(cancellation);
        var redone = SnapshotComparison.Compare(after, again);
        return (result with
        {
            Status = redone.Count > 0 || (undone.Count > 0 && !manifest.Down.IsEmpty) ? ProofStatus.Differs : undone.Count > 0 ? ProofStatus.OneWay : ProofStatus.Proved,
            Message = redone.Count > 0 ? "done, undone and done again, it is not as it was the first time." : undone.Count == 0 ? null : manifest.Down.IsEmpty ? "down is empty, and leaves what up made." : "undone, it is not as it was before.",
            Differences = [.. (redone.Count > 0 ? redone : undone).Select(static difference => difference.ToString())],
        }, again);
    }
}
