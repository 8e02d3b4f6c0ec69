using System.Runtime.CompilerServices;
using Npgsql;
using Tenancy.Core.Catalog.Scratch;
using Tenancy.Core.Execution;
using Tenancy.Core.Execution.Servers;
using Tenancy.Core.Manifests;
using Tenancy.Core.Revisions;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Catalog.Drift;

/// <summary>
/// Compares tenants of one database with what they are to be like. Reads fingerprints, which the server computes, a chunk of tenants at a time; takes no lock that keeps a run out. So what another run
/// does meanwhile is seen by its history: a tenant that differs has drifted only where history stood still from before it was looked at until after, else it is looked at again.
/// </summary>
internal sealed class DatabaseComparison
{
    // Fewer at a time do not pay for what a chunk costs (a backend that knows no catalog yet plans for as long as 20 tenants take), more let memory grow in engine and server.
    private const int ChunkSize = 200;

    // Fingerprints are work of a processor: two are in use, and the rest of the server has the others.
    private const int Connections = 2;
    private const int StatesAtOnce = 1_000;

    // Half of what a server has by its usual settings: the replay of some hundred tables beside the most that fingerprints hold.
    private const int LocksForBoth = 4_000;
    private const int MostLooks = 6;
    private const int ShapeDigits = 12;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly DatabaseConnector connector;
    private readonly DatabaseSession session;
    private readonly DriftStates states;
    private readonly ReplayedShapes replayed;
    private readonly TenantFingerprints fingerprints;
    private readonly DriftedShapes drifted;
    private readonly ReferenceShape? reference;
    private readonly IRunLog log;

    // The replay of what all are at: it runs beside the first fingerprints, which need it only when they are compared.
    private Task replay = Task.CompletedTask;

    /// <summary>A comparison.</summary>
    /// <param name="project">The project.</param>
    /// <param name="graph">Its revisions.</param>
    /// <param name="connector">Opens connections.</param>
    /// <param name="address">The database.</param>
    /// <param name="request">What is asked.</param>
    /// <param name="reference">What all are to be like; null for what their revisions say.</param>
    /// <param name="log">Takes what is said.</param>
    public DatabaseComparison(TenancyProject project, RevisionGraph graph, DatabaseConnector connector, DatabaseAddress address, ComparisonRequest request, ReferenceShape? reference, IRunLog log)
    {
        this.connector = connector;
        this.reference = reference;
        this.log = log;
        session = new(project, graph, connector, address);
        states = new(project, connector, session);
        replayed = new(project, connector, session, request, log);
        fingerprints = new(connector, address);
        drifted = new(connector, address, reference is null ? ShapeDifferences.OfReplay(project, request.Excluded) : ShapeDifferences.OfReference(request.Excluded));
    }

    /// <summary>Compares. One result a tenant, about in their order.</summary>
    /// <param name="members">The tenants.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="TenancyException">The database cannot be read, or an argument is missing.</exception>
    public async IAsyncEnumerable<SchemaComparison> CompareAsync(IReadOnlyList<Tenant> members, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await session.EnsureReadableAsync(cancellation);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var targets = reference is null ? await ReadTargetsAsync(members, cancellation) : [];
        var (connections, locks) = await ReadRoomAsync(cancellation);
        replay = replayed.EnsureAsync(targets, states.ExtensionSchemas, end.Token);
        try
        {
            // What has failed at once is told at once.
            if (replay.IsCompleted || connections <= Connections || locks < LocksForBoth)
            {
                await replay;
            }

            var done = 0;
            var chunks = members.Select(tenant => SchemaTarget.Of(tenant, session.Address)).Chunk(ChunkSize);
            await foreach (var results in ParallelWork.RunAsync(chunks, Math.Min(connections, Connections), (chunk, _, token) => CompareAsync(chunk, token), cancellation))
            {
                log.Progress(new(session.Address.ToString(), done, members.Count, null));
                foreach (var result in results)
                {
                    yield return result;
                }

                done += results.Count;
            }

            log.Progress(new(session.Address.ToString(), done, members.Count, null));
        }
        finally
        {
            await end.CancelAsync();
            await replay.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // How many connections this may have, the one that asks among them (a pooler lets wait who has none), and how many locks are free. Who may not ask goes the way that takes the fewest.
    private async Task<(int Connections, long Locks)> ReadRoomAsync(CancellationToken cancellation)
    {
        try
        {
            return await CatalogTransaction.RunAsync(connector, session.Address, connection => ReadRoomAsync(connection, cancellation), cancellation);
        }
        catch (TenancyException error) when (error.ErrorId == "CatalogFailed")
        {
            log.Verbose($"{error.Message} So the replay comes before the fingerprints.");
            return (Connections, 0);
        }
    }

    private async Task<(int Connections, long Locks)> ReadRoomAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.Add(session.History.File("lock_capacity"));
        batch.Add(ServerLoad.Query);
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        var locks = await LockTable.ReadAsync(reader, cancellation);
        await reader.NextResultAsync(cancellation);
        await reader.ReadAsync(cancellation);
        var load = ServerLoad.Read(connection, reader);
        return (load.IsBehindPooler ? int.MaxValue : load.Free + 1, locks.Free);
    }

    // All at once, for the few sets of revisions that there are; the states themselves are read again with each chunk, and not kept.
    private async Task<IReadOnlyCollection<(ReplayTarget Target, SchemaTarget Tenant)>> ReadTargetsAsync(IReadOnlyList<Tenant> members, CancellationToken cancellation)
    {
        Dictionary<string, (ReplayTarget Target, SchemaTarget Tenant)> wanted = new(StringComparer.Ordinal);
        foreach (var chunk in members.Select(tenant => SchemaTarget.Of(tenant, session.Address)).Chunk(StatesAtOnce))
        {
            await AddStoredRevisionsAsync([.. chunk.Select(static target => target.Schema)], cancellation);
            foreach (var pair in Targets(chunk, await states.ReadAsync(chunk, cancellation)))
            {
                wanted.TryAdd(pair.Target.Key, pair);
            }
        }

        return wanted.Values;
    }

    // What no manifest has any more is replayed as history keeps it.
    private async Task AddStoredRevisionsAsync(string[] schemas, CancellationToken cancellation)
    {
        try
        {
            await session.ReadAsync(RevisionDirection.Down, MigrationScope.Tenant, schemas, cancellation);
        }
        catch (ManifestException error)
        {
            log.Warn($"{session.Address}: revisions that no manifest has are not in history as they should be: {error.Message}");
        }
    }

    private IEnumerable<(ReplayTarget Target, SchemaTarget Tenant)> Targets(IEnumerable<SchemaTarget> targets, Dictionary<string, DriftState> where) =>
        targets.Where(target => Verdict.OfState(where[target.Schema], session.Graph) is null).Select(target => (where[target.Schema].Target, target));

    private async Task<List<SchemaComparison>> CompareAsync(SchemaTarget[] chunk, CancellationToken cancellation)
    {
        List<SchemaTarget> targets = [.. chunk];
        Dictionary<string, SchemaComparison> results = new(StringComparer.Ordinal);
        for (var look = 1; targets.Count > 0; look++)
        {
            if (look > 1)
            {
                await Task.Delay(Pause * look, cancellation);
            }

            targets = await LookAsync(targets, results, isLast: look == MostLooks, cancellation);
        }

        return [.. chunk.Select(target => results[target.Schema])];
    }

    // Gives those that are to be looked at again.
    private async Task<List<SchemaTarget>> LookAsync(List<SchemaTarget> targets, Dictionary<string, SchemaComparison> results, bool isLast, CancellationToken cancellation)
    {
        var before = await states.ReadAsync(targets, cancellation);
        var prints = await fingerprints.ReadAsync([.. targets.Where(target => before[target.Schema].State.Oid is not null).Select(static target => target.Schema)], cancellation);
        if (reference is null)
        {
            await replay.WaitAsync(cancellation);
            await replayed.EnsureAsync(Targets(targets, before), states.ExtensionSchemas, cancellation);
        }

        List<Look> differing = [];
        foreach (var target in targets)
        {
            var where = before[target.Schema];
            var look = new Look(target, where, prints.GetValueOrDefault(target.Schema));
            if (Settle(look) is { } result)
            {
                results.Add(target.Schema, result);
            }
            else
            {
                differing.Add(look);
            }
        }

        List<SchemaTarget> again = [];
        var after = differing.Count == 0 ? [] : await states.ReadAsync([.. differing.Select(static look => look.Target)], cancellation);
        foreach (var look in differing)
        {
            if (look.Where.IsSame(after[look.Target.Schema]) && await DifferAsync(look, cancellation) is { } result)
            {
                results.Add(look.Target.Schema, result);
            }
            else if (isLast)
            {
                results.Add(look.Target.Schema, look.Print?.Failure is { } failure ? look.Fail(failure) : look.Describe(SchemaComparisonStatus.Changing));
            }
            else
            {
                again.Add(look.Target);
            }
        }

        return again;
    }

    // Null where it differs, or could not be read.
    private SchemaComparison? Settle(Look look)
    {
        var status = reference is null || look.Where.State.Oid is null ? Verdict.OfState(look.Where, session.Graph) : null;
        if (status is not null)
        {
            return look.Describe(status);
        }

        if (look.Print is { Failure: { } denied, IsPassing: false })
        {
            return look.Fail(denied);
        }

        var expected = Expected(look.Where);
        return expected.Failure is { } failure ? look.Fail(failure)
            : look.Print?.Value is { } print && (print == expected.Fingerprint || print == expected.FingerprintOf(look.Target.Schema)) ? look.Describe(SchemaComparisonStatus.Equal, expected.Fingerprint)
            : null;
    }

    // Null where it could not be read, or is otherwise by now.
    private async Task<SchemaComparison?> DifferAsync(Look look, CancellationToken cancellation)
    {
        if (look.Print?.Value is not { } print || await drifted.ReadAsync(Expected(look.Where), look.Target.Schema, print, cancellation) is not { } drift)
        {
            return null;
        }

        // Where the tenant's objects are owned in another way than is usual, that is as it should be, unless fewer are.
        if (drift.Differences.Length > 0 && reference is null && await replayed.OfAsync(look.Where.Target, look.Target, cancellation) is var own && own != Expected(look.Where)
            && await drifted.ReadAsync(own, look.Target.Schema, print, cancellation) is { } fewer && fewer.Differences.Length < drift.Differences.Length)
        {
            drift = fewer;
        }

        return drift.Differences.Length == 0
            ? look.Describe(SchemaComparisonStatus.Equal, drift.Shape)
            : look.Describe(reference is null ? Verdict.OfDifference(look.Where) : Verdict.OfDifference(look.Where, reference.Where), drift.Shape) with { Differences = drift.Differences };
    }

    private ExpectedShape Expected(DriftState where) => reference?.Shape ?? replayed[where.Target];

    private sealed record Look(SchemaTarget Target, DriftState Where, Fingerprint? Print)
    {
        public SchemaComparison Describe(string status, string? shape = null) => new()
        {
            Name = Target.Name,
            Schema = Target.Schema,
            Database = Target.Address.Database,
            Server = Target.Address.Server.ToString(),
            Status = status,
            Heads = [.. Where.State.Heads],
            Shape = (shape ?? Print?.Value)?[..ShapeDigits],
            Step = Where.State.Stages is [.., { } mark] ? mark.Step : null,
            Labels = Target.Labels,
        };

        public SchemaComparison Fail(MigrationFailure failure) => Describe(SchemaComparisonStatus.Failed) with { Failure = failure with { Message = $"{Target}: {failure.Message}" } };
    }
}
