using System.Collections.Immutable;
using Npgsql;
using Tenancy.Core.Catalog.Scratch;
using Tenancy.Core.Execution;
using Tenancy.Core.Execution.Servers;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Revisions;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Catalog.Drift;

/// <summary>Where a schema is, told from its shape.</summary>
/// <param name="Where">Where history had it when it was looked at.</param>
/// <param name="Heads">The heads whose shape it has; empty for base.</param>
/// <param name="Refusal">Why it cannot be told; null where it can.</param>
internal sealed record RecognizedSchema(DriftState Where, ImmutableArray<string> Heads, TenancyException? Refusal);

/// <summary>Tells where schemas of one database are, by replaying all revisions one after another and comparing what each leaves.</summary>
/// <param name="project">The project.</param>
/// <param name="connector">Opens connections.</param>
/// <param name="session">The database.</param>
/// <param name="request">Arguments of the run, and its id.</param>
/// <param name="differences">What counts.</param>
/// <param name="wanted">Which it is to be of those whose shape a schema has, in ordinal order; null for whichever it is.</param>
/// <param name="log">Takes what is said.</param>
internal sealed class ShapeRecognition(
    TenancyProject project, DatabaseConnector connector, DatabaseSession session, MigrationRequest request, ShapeDifferences differences, ImmutableArray<string>? wanted, IRunLog log)
{
    private const int DifferencesShown = 3;

    private readonly Dictionary<string, List<ImmutableArray<string>>> byFingerprint = new(StringComparer.Ordinal);
    private readonly List<(ExpectedShape Shape, ImmutableArray<string> Heads)> named = [];
    private readonly List<string> unreached = [];
    private ReplayOwners owners = new(null, null);

    /// <summary>Looks at schemas. Those that do not exist are not in the answer.</summary>
    /// <param name="targets">The schemas, of tenants.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="TenancyException">The manifests cannot be replayed, or an argument is missing.</exception>
    public async Task<IReadOnlyDictionary<string, RecognizedSchema>> RecognizeAsync(IReadOnlyCollection<SchemaTarget> targets, CancellationToken cancellation)
    {
        var states = new DriftStates(project, connector, session);
        var where = await states.ReadAsync(targets, cancellation);
        List<SchemaTarget> there = [.. targets.Where(target => where[target.Schema].State.Oid is not null)];
        Dictionary<string, RecognizedSchema> recognized = new(StringComparer.Ordinal);
        if (there.Count == 0)
        {
            return recognized;
        }

        var root = ReplayNode.OfAll(session.Graph);
        owners = (await CatalogTransaction.RunAsync(connector, session.Address, connection => ReplayOwners.ReadAsync(connection, project, [there[0].Schema], cancellation), cancellation))[there[0].Schema];
        var context = ReplayContext.Make(project, connector, session, root, owners, request, states.ExtensionSchemas, log);
        await ReplayAsync(context, root, there[0], KeepAsync, cancellation);
        var prints = await new TenantFingerprints(connector, session.Address).ReadAsync([.. there.Select(static target => target.Schema)], cancellation);
        List<(SchemaTarget Target, string Print)> unknown = [];
        foreach (var target in there)
        {
            switch (prints.GetValueOrDefault(target.Schema))
            {
                case { Value: { } print } when Find(target.Schema, print) is { Count: > 0 } found:
                    recognized[target.Schema] = await ChooseAsync(context, target, where[target.Schema], found, cancellation);
                    break;
                case { Value: { } print }:
                    unknown.Add((target, print));
                    break;
                case var unread:
                    recognized[target.Schema] = new(where[target.Schema], [], new(unread?.Failure?.ErrorId ?? "SchemaUnreadable", unread?.Failure?.Message ?? "it was dropped meanwhile.", unread?.Failure?.RecommendedAction));
                    break;
            }
        }

        var nearest = await FindNearestAsync(context, root, unknown, cancellation);
        foreach (var (target, print) in unknown)
        {
            var likeness = nearest[print];
            recognized[target.Schema] = likeness.Same.Count > 0 ? await ChooseAsync(context, target, where[target.Schema], likeness.Same, cancellation) : new(where[target.Schema], [], Unknown(likeness));
        }

        return recognized;
    }

    private async Task KeepAsync(ReplayNode node, NpgsqlConnection connection, ScratchSchema scratch, CancellationToken cancellation)
    {
        var shape = ExpectedShape.Of(OwnName.Of(owners.Apply(await SnapshotReader.ReadAsync(connection, scratch.Name, cancellation)), scratch.Name));
        if (shape.IsNamed)
        {
            named.Add((shape, node.Heads));
            return;
        }

        if (!byFingerprint.TryGetValue(shape.Fingerprint!, out var heads))
        {
            byFingerprint[shape.Fingerprint!] = heads = [];
        }

        heads.Add(node.Heads);
    }

    // The revisions whose shape a schema has; a replay may pass through one twice.
    private List<ImmutableArray<string>> Find(string schema, string print) =>
    [
        .. byFingerprint.GetValueOrDefault(print, []).Concat(named.Where(known => known.Shape.FingerprintOf(schema) == print).Select(static known => known.Heads))
            .DistinctBy(static heads => string.Join(' ', heads)),
    ];

    // A revision that changes rows only leaves the shape that it found; where history says one of them, that is one. So does one that would only be recorded on this schema, a repair say: it is at the newest then.
    private async Task<RecognizedSchema> ChooseAsync(RunContext context, SchemaTarget target, DriftState where, List<ImmutableArray<string>> found, CancellationToken cancellation)
    {
        if (wanted is { } asked)
        {
            return found.Exists(heads => heads.SequenceEqual(asked)) ? new(where, asked, null) : new(where, [], new(
                "OtherShape",
                $"its schema is what {string.Join(" and ", found.Select(Show))} leave{(found.Count == 1 ? "s" : "")}, not {Show(asked)}.",
                "Leave -To out, or name one of these; without -FromShape any is taken."));
        }

        if (found.Count == 1 && unreached.Count == 0)
        {
            return new(where, found[0], null);
        }

        var isSaid = where.IsKnown && !where.State.IsRecreated && found.Exists(heads => heads.SequenceEqual(where.State.Heads));
        if (!isSaid && unreached.Count == 0 && await FindNewestAsync(context, target, where, found, cancellation) is { } newest)
        {
            return new(where, newest, null);
        }

        return isSaid
            ? new(where, where.State.Heads, null)
            : new(where, [], new(
                "AmbiguousShape",
                found.Count > 1
                    ? $"its schema is what {string.Join(" and ", found.Select(Show))} leave: what lies between changes rows, if anything."
                    : $"its schema is what {Show(found[0])} leaves, and {Beyond}, which could not be replayed, may leave the same.",
                $"Say which of them it is: Set-TenantRevision -FromShape -To {Show(found[^1])}."));
    }

    // Null unless they follow one another, and a run would only record on this schema what lies between the first and the last.
    private async Task<ImmutableArray<string>?> FindNewestAsync(RunContext context, SchemaTarget target, DriftState where, List<ImmutableArray<string>> found, CancellationToken cancellation)
    {
        var ordered = found.OrderBy(heads => session.Graph.Applied(MigrationScope.Tenant, heads).Count).ToList();
        for (var place = 1; place < ordered.Count; place++)
        {
            if (!session.Graph.Applied(MigrationScope.Tenant, ordered[place]).IsProperSupersetOf(session.Graph.Applied(MigrationScope.Tenant, ordered[place - 1])))
            {
                return null;
            }
        }

        foreach (var step in session.Graph.UpgradePath(MigrationScope.Tenant, ordered[0], ordered[^1]))
        {
            if (!await IsMarkedAsync(context, new(target, where.State.Oid!.Value), step, cancellation))
            {
                return null;
            }
        }

        return ordered[^1];
    }

    // Asked of the schema itself, in a transaction that only reads: what decides may be rows.
    private Task<bool> IsMarkedAsync(RunContext context, ScratchSchema schema, RevisionStep step, CancellationToken cancellation) => CatalogTransaction.RunAsync(
        connector,
        session.Address,
        async connection =>
        {
            try
            {
                return await new ReplayedRevision(context, schema, step, connection, keepsLocks: false).IsMarkedAsync(cancellation);
            }
            catch (CheckFailedException)
            {
                return false;
            }
        },
        cancellation);

    // What is exactly as no revision leaves it may be so in what counts; else it is near to one.
    private async Task<Dictionary<string, Likeness>> FindNearestAsync(RunContext context, ReplayNode root, List<(SchemaTarget Target, string Print)> unknown, CancellationToken cancellation)
    {
        Dictionary<string, Likeness> shapes = new(StringComparer.Ordinal);
        foreach (var (target, print) in unknown.DistinctBy(static pair => pair.Print))
        {
            shapes[print] = new(target.Schema, await CatalogTransaction.RunAsync(connector, session.Address, connection => SnapshotReader.ReadAsync(connection, target.Schema, cancellation), cancellation));
        }

        if (shapes.Count > 0)
        {
            await ReplayAsync(context, root, unknown[0].Target, CompareAsync, cancellation);
        }

        return shapes;

        async Task CompareAsync(ReplayNode node, NpgsqlConnection connection, ScratchSchema scratch, CancellationToken token)
        {
            var expected = OwnName.Of(owners.Apply(await SnapshotReader.ReadAsync(connection, scratch.Name, token)), scratch.Name);
            foreach (var likeness in shapes.Values)
            {
                likeness.Compare(node.Heads, expected, differences);
            }
        }
    }

    private TenancyException Unknown(Likeness likeness)
    {
        var shown = likeness.Differences;
        var nearest = shown.Length == 0
            ? ""
            : $" Nearest is {Show(likeness.Heads)}, with {shown.Length} difference{(shown.Length == 1 ? "" : "s")}: {string.Join("; ", shown.Take(DifferencesShown).Select(static difference => difference.ToString()))}{(shown.Length > DifferencesShown ? "; …" : ".")}";
        var beyond = unreached.Count == 0 ? "" : $" {Beyond} could not be replayed, and may be it.";
        return new("UnknownShape", $"its schema is what no revision leaves.{nearest}{beyond}", "Correct the schema; or say where it is with Set-TenantRevision -To, and see the differences with Compare-TenantSchema.");
    }

    private async Task ReplayAsync(RunContext context, ReplayNode root, SchemaTarget like, Func<ReplayNode, NpgsqlConnection, ScratchSchema, CancellationToken, Task> reached, CancellationToken cancellation)
    {
        var describer = new FailureDescriber(context);
        try
        {
            await new Replay(context, session.Address, like).RunAsync(
                root,
                (node, connection, scratch) => reached(node, connection, scratch, cancellation),
                (node, error) =>
                {
                    unreached.Add(Show(node.Heads));
                    log.Verbose($"{session.Address}: {node} cannot be replayed: {describer.Describe(error, like).Message}");
                },
                cancellation);
        }
        catch (PostgresException error) when (!cancellation.IsCancellationRequested)
        {
            throw new TenancyException(
                "ReplayDenied",
                $"The manifests cannot be replayed in a scratch schema of {session.Address}: {describer.Describe(error, like).Message}",
                "Connect to the primary, as a role that may create schemas in the database and own what the manifests make.",
                error);
        }
    }

    private string Beyond => string.Join(", ", unreached.Distinct().Take(DifferencesShown));

    private static string Show(ImmutableArray<string> heads) => heads.IsEmpty ? "base" : string.Join(", ", heads);

    // To which revisions a schema is like.
    private sealed class Likeness(string schema, SchemaSnapshot shape)
    {
        private int least = int.MaxValue;

        public List<ImmutableArray<string>> Same { get; } = [];

        public ImmutableArray<string> Heads { get; private set; } = [];

        public SchemaDifference[] Differences { get; private set; } = [];

        public void Compare(ImmutableArray<string> heads, SchemaSnapshot expected, ShapeDifferences differences)
        {
            var actual = OwnName.Align(shape, schema, expected);
            // With the parts of what is missing or too much as a whole: an empty schema is not near to one with one table too much.
            var distance = differences.Count(expected, actual);
            if (distance == 0 && !Same.Exists(known => known.SequenceEqual(heads)))
            {
                Same.Add(heads);
            }

            if (distance < least)
            {
                (least, Heads, Differences) = (distance, heads, differences.Of(expected, actual));
            }
        }
    }
}
