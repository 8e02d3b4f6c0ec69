using Npgsql;
using Tenancy.Core.Execution;
using Tenancy.Core.Manifests;
using Tenancy.Core.Revisions;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Catalog.Scratch;

/// <summary>
/// Replays manifests from base into a scratch schema, to see what a schema at these revisions is to be like. In one transaction that is rolled back; where PostgreSQL demands a commit in between, in
/// committed scratch schemas that are dropped. Shared revisions are as the database has them.
/// </summary>
/// <param name="context">The run.</param>
/// <param name="address">The database.</param>
/// <param name="like">The tenant that the scratch schema stands for.</param>
/// <param name="tenants">New tenants that it stands for, of which all is asked that revisions require and verify; null where none are to be made.</param>
internal sealed class Replay(RunContext context, DatabaseAddress address, SchemaTarget like, NewTenants? tenants = null)
{
    private const string Savepoint = "tenancy_replay";
    private const string Suffix = "replay";

    /// <summary>Replays a tree of states.</summary>
    /// <param name="root">Its base.</param>
    /// <param name="reached">Looks at the scratch schema, in a transaction, at each state that is a target; possibly twice.</param>
    /// <param name="failed">Told of each target that cannot be reached, and why.</param>
    /// <param name="cancellation">Cancels the running statement.</param>
    /// <exception cref="TenancyException"><c>RevisionSkipped</c>: new tenants are to stop before a revision.</exception>
    public async Task RunAsync(ReplayNode root, Func<ReplayNode, NpgsqlConnection, ScratchSchema, Task> reached, Action<ReplayNode, Exception> failed, CancellationToken cancellation)
    {
        try
        {
            await RunRolledBackAsync(root, DeferrableConstraints.AreNamedBy(root, context.Project.Hooks), reached, failed, cancellation);
        }
        catch (CommitNeededException)
        {
            context.Log.Verbose($"{address}: the manifests are replayed in a schema that is committed, and dropped afterwards: a revision needs what another has committed.");
            await RunCommittedAsync(root, reached, failed, cancellation);
        }
    }

    private async Task RunRolledBackAsync(ReplayNode root, bool defers, Func<ReplayNode, NpgsqlConnection, ScratchSchema, Task> reached, Action<ReplayNode, Exception> failed, CancellationToken cancellation)
    {
        await using var transaction = await ScratchTransaction.BeginAsync(context, address, cancellation);
        try
        {
            await WalkAsync(defers);
        }
        catch (DeferrableConstraints.FoundException)
        {
            await transaction.RestartAsync(cancellation);
            await WalkAsync(isDeferring: true);
        }

        async Task WalkAsync(bool isDeferring)
        {
            var scratch = await transaction.CreateAsync(like, Suffix, cancellation);
            await new Walk(context, tenants, transaction.Connection, scratch, isDeferring, null, reached, failed).RunAsync(root, [], cancellation);
        }
    }

    // What was committed cannot be taken back: each way to the end of a branch begins anew.
    private async Task RunCommittedAsync(ReplayNode root, Func<ReplayNode, NpgsqlConnection, ScratchSchema, Task> reached, Action<ReplayNode, Exception> failed, CancellationToken cancellation)
    {
        await using var committed = await CommittedScratch.OpenAsync(context, address, cancellation);
        var placement = await ReplayPlacement.CreateAsync(committed, context, cancellation);
        var number = 0;
        foreach (var way in Ways(root))
        {
            var scratch = await committed.CreateAsync(like, $"{Suffix}{++number}", cancellation);
            await new Walk(context, tenants, committed.Connection, scratch, defers: true, (committed, placement), reached, failed).RunAsync(root, way, cancellation);
        }
    }

    private static IEnumerable<HashSet<ReplayNode>> Ways(ReplayNode node) => node.Children.Count == 0
        ? [[node]]
        : node.Children.SelectMany(static child => Ways(child)).Select(way => way.Append(node).ToHashSet());

    private sealed class Walk(
        RunContext context, NewTenants? tenants, NpgsqlConnection connection, ScratchSchema scratch, bool defers, (CommittedScratch Scratch, ReplayPlacement Placement)? committed, Func<ReplayNode, NpgsqlConnection, ScratchSchema, Task> reached, Action<ReplayNode, Exception> failed)
    {
        private readonly ProjectHooks hooks = context.Project.Hooks;
        private readonly bool grants = context.Project.Grants.Any(static grant => grant.On != "schema");
        private readonly CommandList waiting = [];
        private HashSet<string> granted = [];
        private ReplayedRevision? last;

        // Along one way where that is said, else everywhere.
        public async Task RunAsync(ReplayNode node, HashSet<ReplayNode> way, CancellationToken cancellation)
        {
            while (await ReachAsync(node, cancellation))
            {
                var children = node.Children.Where(child => way.Count == 0 || way.Contains(child)).ToList();
                if (children.Count > 1)
                {
                    await RunBranchesAsync(children, way, cancellation);
                    return;
                }

                if (children.Count == 0)
                {
                    return;
                }

                node = children[0];
            }
        }

        private async Task RunBranchesAsync(List<ReplayNode> branches, HashSet<ReplayNode> way, CancellationToken cancellation)
        {
            var before = granted;
            foreach (var branch in branches)
            {
                await ExecuteAsync("SAVEPOINT " + Savepoint, cancellation);
                await RunAsync(branch, way, cancellation);
                granted = before;
                await ExecuteAsync("ROLLBACK TO SAVEPOINT " + Savepoint, cancellation);
                await ExecuteAsync("RELEASE SAVEPOINT " + Savepoint, cancellation);
            }
        }

        private async Task<bool> ReachAsync(ReplayNode node, CancellationToken cancellation)
        {
            try
            {
                if (node.Step is { } step)
                {
                    if (node.IsFirst)
                    {
                        await RunHookAsync(hooks.BeforeTenant, cancellation);
                    }

                    await RunRevisionAsync(step, node.Ran, cancellation);
                }

                // Up to here all belongs to what lies beyond: an error of any revision is one of them all.
                if (node.Targets.Count > 0 || node.Children.Count != 1)
                {
                    await FinishAsync(cancellation);
                }

                if (node.Targets.Count > 0)
                {
                    await LookAsync(node, cancellation);
                }

                return true;
            }
            catch (Exception error) when (error is StatementException or CheckFailedException or PlacementException or TenancyException { ErrorId: ReplayPlacement.ErrorId } or PostgresException && !cancellation.IsCancellationRequested)
            {
                waiting.Clear();
                foreach (var beyond in node.All().Where(static beyond => beyond.Targets.Count > 0))
                {
                    failed(beyond, error);
                }

                return false;
            }
        }

        // What the hook after a tenant does is done at the end of a run, whichever revision that ends at.
        private async Task LookAsync(ReplayNode node, CancellationToken cancellation)
        {
            var hook = node.Step is null ? null : hooks.AfterTenant;
            if (hook is not null && committed is null)
            {
                await ExecuteAsync("SAVEPOINT " + Savepoint, cancellation);
            }

            await RunHookAsync(hook, cancellation);
            await FinishAsync(cancellation);
            if (!defers)
            {
                await DeferrableConstraints.EnsureNoneAsync(connection, scratch, cancellation);
            }

            await LookAsync(() => reached(node, connection, scratch), cancellation);
            if (hook is not null && committed is null)
            {
                await ExecuteAsync("ROLLBACK TO SAVEPOINT " + Savepoint, cancellation);
                await ExecuteAsync("RELEASE SAVEPOINT " + Savepoint, cancellation);
            }
        }

        private Task RunHookAsync(Manifest? hook, CancellationToken cancellation) =>
            hook is null ? Task.CompletedTask : RunRevisionAsync(new() { Manifest = hook, Direction = RevisionDirection.Up, Heads = HeadChange.Of([], []) }, ran: null, cancellation);

        private async Task RunRevisionAsync(RevisionStep step, bool? ran, CancellationToken cancellation)
        {
            if (ran == false)
            {
                return;
            }

            last = new ReplayedRevision(context, scratch, step, connection, keepsLocks: committed is not null, defers, tenants, committed?.Placement, waiting);
            var revision = last;
            if (tenants is not null)
            {
                await RunOnNewAsync(tenants, revision, step.Manifest, cancellation);
                return;
            }

            var isMarked = false;
            await LookAsync(async () => isMarked = await revision.IsMarkedAsync(cancellation), cancellation);
            if (!isMarked)
            {
                await RunStagesAsync(revision, cancellation);
            }
            else if (ran == true)
            {
                await TryStagesAsync(revision, cancellation);
            }
        }

        private async Task RunOnNewAsync(NewTenants asked, ReplayedRevision revision, Manifest manifest, CancellationToken cancellation)
        {
            RevisionCheck? unmet = null;
            await LookAsync(async () => unmet = await revision.AskAsync(cancellation), cancellation);
            switch (unmet)
            {
                case null:
                    await RunStagesAsync(revision, cancellation);
                    break;
                case { OnFail: OnFail.Skip }:
                    throw new TenancyException("RevisionSkipped", $"{manifest.Title} would be skipped ({unmet.Message})", "Replay the history.");
                default:
                    asked.Mark(manifest.Revision, unmet.Message);
                    break;
            }
        }

        // What decided on the schema (its rows, or a shape that this one does not have) is not here. Where the statements fail, they mend a shape that this one does not have.
        private async Task TryStagesAsync(ReplayedRevision revision, CancellationToken cancellation)
        {
            var before = granted;
            if (committed is null)
            {
                await ExecuteAsync("SAVEPOINT " + Savepoint, cancellation);
            }

            try
            {
                await RunStagesAsync(revision, cancellation);
                await FinishAsync(cancellation);
            }
            catch (StatementException) when (!cancellation.IsCancellationRequested)
            {
                granted = before;
                if (committed is null)
                {
                    await ExecuteAsync("ROLLBACK TO SAVEPOINT " + Savepoint, cancellation);
                }
            }

            if (committed is null)
            {
                await ExecuteAsync("RELEASE SAVEPOINT " + Savepoint, cancellation);
            }
        }

        private async Task RunStagesAsync(ReplayedRevision revision, CancellationToken cancellation)
        {
            foreach (var stage in revision.Stages)
            {
                await TransactAsync(
                    async () =>
                    {
                        await revision.RunAsync(stage, cancellation);
                        if (grants || committed is not null)
                        {
                            await FinishAsync(cancellation);
                            await scratch.GrantAsync(connection, context, granted, cancellation);
                        }
                    },
                    cancellation);
            }

            if (grants)
            {
                granted = await scratch.ReadObjectsAsync(connection, cancellation);
            }
        }

        private Task FinishAsync(CancellationToken cancellation) => last?.FinishAsync(cancellation) ?? Task.CompletedTask;

        private Task TransactAsync(Func<Task> work, CancellationToken cancellation) => committed is { } kept ? kept.Scratch.RunAsync(() => DoneAsync(work), cancellation) : work();

        private Task LookAsync(Func<Task> look, CancellationToken cancellation) => committed is { } kept ? kept.Scratch.LookAsync(() => DoneAsync(look), cancellation) : look();

        private static async Task<bool> DoneAsync(Func<Task> work)
        {
            await work();
            return true;
        }

        private async Task ExecuteAsync(string sql, CancellationToken cancellation)
        {
            CommandList commands = [];
            commands.Add(sql);
            await commands.ExecuteAsync(connection, cancellation);
        }
    }
}
