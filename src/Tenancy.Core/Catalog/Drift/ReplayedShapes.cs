using System.Collections.Concurrent;
using Npgsql;
using Tenancy.Core.Catalog.Scratch;
using Tenancy.Core.Execution;
using Tenancy.Core.Execution.Servers;
using Tenancy.Core.Execution.Waiting;
using Tenancy.Core.Manifests;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Catalog.Drift;

/// <summary>What schemas of one database are to be like at the revisions that they are at, by replaying the manifests. Each set of revisions is replayed once.</summary>
internal sealed class ReplayedShapes(TenancyProject project, DatabaseConnector connector, DatabaseSession session, ComparisonRequest request, IRunLog log)
{
    private readonly ConcurrentDictionary<string, ExpectedShape> shapes = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Target, string? Other), ExpectedShape> owned = new();

    // Those of the first tenant that is looked at: in most fleets those of all.
    private ReplayOwners? usual;

    private SemaphoreSlim Gate { get; } = new(1);

    /// <summary>What is expected of a target that was replayed, where objects are owned as is usual.</summary>
    /// <param name="target">The target.</param>
    public ExpectedShape this[ReplayTarget target] => OwnedBy(target, usual!);

    /// <summary>What is expected of a tenant at a target that was replayed, where objects are owned as most of its own are.</summary>
    /// <param name="target">The target.</param>
    /// <param name="tenant">The tenant.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>It; the usual where that is the same.</returns>
    public async Task<ExpectedShape> OfAsync(ReplayTarget target, SchemaTarget tenant, CancellationToken cancellation) =>
        OwnedBy(target, project.Owner is null ? await ReadOwnersAsync(tenant, cancellation) : usual!);

    private ExpectedShape OwnedBy(ReplayTarget target, ReplayOwners owners) => owners.Other is null || shapes[target.Key].Snapshot is not { } replayed
        ? shapes[target.Key]
        : owned.GetOrAdd((target.Key, owners.Other), _ => ExpectedShape.Of(owners.Apply(replayed)));

    private async Task<ReplayOwners> ReadOwnersAsync(SchemaTarget tenant, CancellationToken cancellation) =>
        (await CatalogTransaction.RunAsync(connector, session.Address, connection => ReplayOwners.ReadAsync(connection, project, [tenant.Schema], cancellation), cancellation))[tenant.Schema];

    /// <summary>Replays those that were not yet. What fails is kept as a failure of the targets that it concerns.</summary>
    /// <param name="targets">The targets, each with a tenant that is at it.</param>
    /// <param name="extensionSchemas">Where the database's extensions are.</param>
    /// <param name="cancellation">Cancels and rolls back.</param>
    /// <exception cref="TenancyException">An argument is missing, or the database cannot be reached.</exception>
    public async Task EnsureAsync(IEnumerable<(ReplayTarget Target, SchemaTarget Tenant)> targets, IReadOnlyList<string> extensionSchemas, CancellationToken cancellation)
    {
        var asked = targets.DistinctBy(static pair => pair.Target.Key).ToList();
        if (asked.TrueForAll(pair => shapes.ContainsKey(pair.Target.Key)))
        {
            return;
        }

        await Gate.WaitAsync(cancellation);
        try
        {
            await ReplayAsync(asked.FindAll(pair => !shapes.ContainsKey(pair.Target.Key)), extensionSchemas, cancellation);
        }
        finally
        {
            Gate.Release();
        }
    }

    private async Task ReplayAsync(List<(ReplayTarget Target, SchemaTarget Tenant)> wanted, IReadOnlyList<string> extensionSchemas, CancellationToken cancellation)
    {
        if (wanted.Count == 0)
        {
            return;
        }

        var root = ReplayNode.Of(session.Graph, wanted.Select(static pair => pair.Target));
        var like = wanted[0].Tenant;
        usual ??= await ReadOwnersAsync(like, cancellation);

        // A standby takes no schema; its primary has what it has.
        var isStandby = (await session.EnsureReadableAsync(cancellation)).IsInRecovery;
        var place = isStandby ? connector.FindDirect(session.Address) : session.Address;
        if (isStandby && place == session.Address)
        {
            Keep(root, Denied(new() { Message = $"{place} is a standby, which takes no changes." }));
            return;
        }

        var context = ReplayContext.Make(project, connector, session, root, usual, new() { RunId = request.RunId, Arguments = request.Arguments }, extensionSchemas, log);
        var describer = new FailureDescriber(context);
        log.Verbose($"{session.Address}: {wanted.Count} set{(wanted.Count == 1 ? "" : "s")} of revisions replayed, to see what tenants there are to be like.");
        try
        {
            await CatalogTransaction.AgainAsync(place, project.Retries, ReplayAsync, log.Verbose, cancellation);
        }
        catch (PostgresException error) when (!cancellation.IsCancellationRequested)
        {
            Keep(root, Denied(describer.Describe(error, like)));
        }

        // What a lost connection broke off says nothing of the manifests.
        async Task<bool> ReplayAsync(CancellationToken token)
        {
            Exception? lost = null;
            await new Replay(context, place, like).RunAsync(
                root,
                async (node, connection, scratch) => Keep(node, await ReadAsync(connection, scratch, token)),
                (node, error) =>
                {
                    if (TransientErrors.IsLostConnection(error))
                    {
                        lost = error;
                    }
                    else
                    {
                        Keep(node, ExpectedShape.Unknown(Failed(node, describer.Describe(error, like))));
                    }
                },
                token);
            return lost is null ? true : throw lost;
        }
    }

    private void Keep(ReplayNode root, MigrationFailure failure)
    {
        foreach (var node in root.All().Where(static node => node.Targets.Count > 0))
        {
            Keep(node, ExpectedShape.Unknown(failure));
        }
    }

    private void Keep(ReplayNode node, ExpectedShape shape)
    {
        foreach (var key in node.Targets)
        {
            shapes[key] = shape;
        }
    }

    private static async Task<ExpectedShape> ReadAsync(NpgsqlConnection connection, ScratchSchema scratch, CancellationToken cancellation) =>
        ExpectedShape.Of(OwnName.Of(await SnapshotReader.ReadAsync(connection, scratch.Name, cancellation), scratch.Name));

    private static MigrationFailure Failed(ReplayNode node, MigrationFailure cause)
    {
        // A key to a shared table locks that table, which others may hold.
        var isPassing = cause.SqlState is PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.QueryCanceled;
        var isRefused = cause.ErrorId is ReplayPlacement.ErrorId or "PlacementViolation";
        return cause with
        {
            ErrorId = isPassing || isRefused ? cause.ErrorId : "ReplayFailed",
            Message = $"What a schema at {node} is to be like cannot be found out: {(isPassing || isRefused ? "" : "its manifests fail on an empty schema. ")}{cause.Message}",
            RecommendedAction = isRefused ? cause.RecommendedAction : isPassing ? "Compare again; or compare with a tenant that is as it should be: -Reference." : "Correct the manifest; or compare with a tenant that is as it should be: -Reference.",
        };
    }

    private MigrationFailure Denied(MigrationFailure cause) => cause with
    {
        ErrorId = "ReplayDenied",
        Message = $"What schemas in {session.Address} are to be like cannot be found out: the manifests cannot be replayed in a scratch schema there. {cause.Message}",
        RecommendedAction = "Connect as a role that may create schemas in the database and own what the manifests make, to the primary, or with -DirectServer its address; or compare with a tenant that is as it should be: -Reference.",
    };
}
