using System.Collections.Immutable;
using Npgsql;
using Tenancy.Core.Catalog;
using Tenancy.Core.Catalog.Diffs;
using Tenancy.Core.Catalog.Scratch;
using Tenancy.Core.Execution;
using Tenancy.Core.Manifests;
using Tenancy.Core.Revisions;
using Tenancy.Model;

namespace Tenancy.Core.Authoring.Autogenerate;

/// <summary>Runs manifests in a scratch schema by the engine's own compiled statements, and makes copies of schemas so.</summary>
/// <param name="context">The run.</param>
/// <param name="connection">The connection; in a transaction, unless <paramref name="committed"/> is given.</param>
/// <param name="scratch">The scratch schema.</param>
/// <param name="snapshots">Reads over the connection.</param>
/// <param name="committed">Where each stage commits; null where all is one transaction.</param>
internal sealed class ScratchCopy(RunContext context, NpgsqlConnection connection, ScratchSchema scratch, RepeatedSnapshots snapshots, CommittedScratch? committed = null)
{
    /// <summary>Makes the structure of a schema in the scratch schema, which is empty.</summary>
    /// <param name="shape">The schema, read with bare names.</param>
    /// <param name="what">What to call it in errors.</param>
    /// <param name="counted">What of the copy counts.</param>
    /// <param name="begun">Called when it is the server's turn, for a second with 300 tables; null for nothing to do meanwhile.</param>
    /// <param name="cancellation">Cancels the running statement.</param>
    /// <exception cref="TenancyException"><c>CopyFailed</c>: a statement failed, or the copy is not as the schema and nothing says why.</exception>
    /// <exception cref="CommitNeededException">It needs to commit.</exception>
    public async Task<CopiedShape> CreateAsync(SchemaSnapshot shape, string what, Func<SchemaSnapshot, SchemaSnapshot> counted, Action? begun, CancellationToken cancellation)
    {
        var left = await MakeAsync(shape, what, begun, cancellation);
        var copied = new CopiedShape(counted(await ReadAsync(cancellation)), left);
        var unexplained = copied.Unexplained(shape).ToList();
        return unexplained.Count == 0 ? copied : throw new TenancyException(
            "CopyFailed",
            $"The copy of {what} in a scratch schema, to try the migration on, is not like it: {MigrationProof.Describe(unexplained)}{Lacking(left)}",
            "Leave out what differs, with -Exclude; and report it, with the output of -Debug.");
    }

    /// <summary>Runs the one side of a manifest, each stage as a run would, concurrent forms as plain ones; what it makes gets the project's grants.</summary>
    /// <param name="manifest">The manifest.</param>
    /// <param name="direction">Which side.</param>
    /// <param name="cancellation">Cancels the running statement.</param>
    /// <exception cref="StatementException">A statement failed.</exception>
    /// <exception cref="CommitNeededException">It needs to commit.</exception>
    public Task RunAsync(Manifest manifest, RevisionDirection direction, CancellationToken cancellation) => RunAsync(manifest, direction, grants: true, cancellation);

    /// <summary>Reads the scratch schema.</summary>
    /// <param name="cancellation">Cancels.</param>
    public async Task<SchemaSnapshot> ReadAsync(CancellationToken cancellation) =>
        OwnName.Of(await TransactAsync(() => snapshots.ReadAsync(scratch.Name, cancellation), cancellation), scratch.Name);

    /// <summary>Reads what it holds, to compare that: not what needs what.</summary>
    /// <param name="cancellation">Cancels.</param>
    public async Task<SchemaSnapshot> ReadObjectsAsync(CancellationToken cancellation) =>
        OwnName.Of(await TransactAsync(() => snapshots.ReadObjectsAsync(scratch.Name, cancellation), cancellation), scratch.Name);

    /// <summary>Reads it with its own names in tokens.</summary>
    /// <param name="cancellation">Cancels.</param>
    public Task<SchemaSnapshot> ReadQualifiedAsync(CancellationToken cancellation) => TransactAsync(() => SnapshotReader.ReadQualifiedAsync(connection, scratch.Name, context.Project.Tokens.Tenant, cancellation), cancellation);

    private async Task<ImmutableArray<InexpressibleDifference>> MakeAsync(SchemaSnapshot shape, string what, Action? begun, CancellationToken cancellation)
    {
        var project = context.Project;
        var (whole, failed) = FailedIndexes.Whole(shape);
        var diff = SchemaDiff.Compare(await ReadObjectsAsync(cancellation), whole, new() { UsesPlainForms = true, Tokens = project.Tokens });
        if (diff.Changes.IsEmpty)
        {
            return [.. diff.Inexpressible, .. failed];
        }

        try
        {
            var manifest = ManifestReader.ReadText($"revision: copy\nup:\n{OwnName.Show(diff.ToYaml())}down: {{irreversible: a copy}}\n", what, project);
            begun?.Invoke();
            // The copy's names are bare, so they must resolve, in whatever mode.
            await new ScratchCopy(ScratchContext.WithBareNames(context), connection, scratch, snapshots, committed).RunAsync(manifest, RevisionDirection.Up, grants: false, cancellation);
            return [.. diff.Inexpressible, .. failed];
        }
        catch (Exception error) when (error is ManifestException or StatementException && !cancellation.IsCancellationRequested)
        {
            throw new TenancyException(
                "CopyFailed",
                $"The structure of {what} cannot be made anew in a scratch schema, to try the migration on: {new FailureDescriber(context).Describe(error, scratch.Target).Message}{Lacking(diff.Inexpressible)}",
                "Leave out what the error names, with -Exclude; and report it, with the output of -Debug.",
                error);
        }
    }

    private static string Lacking(ImmutableArray<InexpressibleDifference> left) => string.Concat(left.Select(static item => $"\n  The copy lacks what no statement makes: {item}"));

    private async Task RunAsync(Manifest manifest, RevisionDirection direction, bool grants, CancellationToken cancellation)
    {
        var step = new RevisionStep { Manifest = manifest, Direction = direction, Heads = HeadChange.Of([], []) };
        var revision = new ReplayedRevision(context, scratch, step, connection, keepsLocks: committed is not null);
        foreach (var stage in revision.Stages)
        {
            var isGranted = grants && !revision.IsConcurrent(stage);
            await TransactAsync(
                async () =>
                {
                    var known = isGranted ? await scratch.ReadObjectsAsync(connection, cancellation) : [];
                    await revision.RunAsync(stage, cancellation);
                    if (isGranted)
                    {
                        await scratch.GrantAsync(connection, context, known, cancellation);
                    }

                    return true;
                },
                cancellation);
        }
    }

    private Task<T> TransactAsync<T>(Func<Task<T>> work, CancellationToken cancellation) => committed is null ? work() : committed.RunAsync(work, cancellation);
}
