using System.Collections.Immutable;
using System.Globalization;
using Tenancy.Core.Execution.Servers;
using Tenancy.Core.History;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Revisions;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Execution;

/// <summary>Says where schemas of one database are, without running anything (Alembic's <c>stamp</c>).</summary>
internal sealed class Stamping
{
    private readonly RevisionGraph graph;
    private readonly DatabaseSession session;
    private readonly RunContext context;

    /// <summary>Stamping in one database.</summary>
    public Stamping(TenancyProject project, RevisionGraph graph, DatabaseConnector connector, DatabaseAddress address, IRunLog log)
    {
        this.graph = graph;
        session = new(project, graph, connector, address) { Log = log };
        context = new()
        {
            Project = project,
            Request = new(),
            Arguments = new Dictionary<string, string>(),
            Secrets = [],
            History = session.History,
            Connector = connector,
            Log = log,
            ExtensionSchemas = [],
        };
    }

    /// <summary>Makes sure that the database can be changed, and has its history schema.</summary>
    public Task PrepareAsync(CancellationToken cancellation) => session.PrepareAsync(cancellation);

    /// <summary>The run, in history.</summary>
    public Guid RunId => context.Request.RunId;

    /// <summary>What <see cref="StampAsync(SchemaTarget, IReadOnlyList{string}, bool, CancellationToken)"/> would do; writes nothing.</summary>
    /// <param name="target">The schema.</param>
    /// <param name="revisions">Identifiers, one a branch; <c>base</c> for none.</param>
    /// <param name="purges">True to drop all head rows first, those of unknown revisions too.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<MigrationResult> PlanAsync(SchemaTarget target, IReadOnlyList<string> revisions, bool purges, CancellationToken cancellation)
    {
        var started = DateTime.UtcNow;
        var outcomes = await PlanAsync([target], (_, state) => Resolve(state, revisions, purges), cancellation);
        return Describe(target, started, outcomes[0]);
    }

    /// <summary>Sets where a schema is, under its lock; marks of a revision in progress are dropped.</summary>
    /// <param name="target">The schema.</param>
    /// <param name="revisions">Identifiers, one a branch; <c>base</c> for none.</param>
    /// <param name="purges">True to drop all head rows first, those of unknown revisions too.</param>
    /// <param name="cancellation">Cancels and rolls back.</param>
    public async Task<MigrationResult> StampAsync(SchemaTarget target, IReadOnlyList<string> revisions, bool purges, CancellationToken cancellation)
    {
        var started = DateTime.UtcNow;
        return Describe(target, started, await StampAsync(target, state => Resolve(state, revisions, purges), cancellation));
    }

    /// <summary>What <see cref="StampAsync(SchemaTarget, Func{SchemaState, ImmutableArray{string}}, CancellationToken)"/> would do for several schemas, read together; writes nothing.</summary>
    /// <param name="targets">The schemas, of one scope.</param>
    /// <param name="resolve">Says where one is, given where history has it; throws where it is not to be said.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<IReadOnlyList<StampOutcome>> PlanAsync(
        IReadOnlyCollection<SchemaTarget> targets, Func<SchemaTarget, SchemaState, ImmutableArray<string>> resolve, CancellationToken cancellation)
    {
        var schemas = targets.SelectMany(Schemas).ToArray();
        var fleet = await session.ReadAsync(schemas, cancellation);
        var known = await session.ReadKnownAsync(schemas, cancellation);
        return [.. targets.Select(target => Plan(target, fleet.Of(target.Scope, target.Schema), known, state => resolve(target, state)))];
    }

    private StampOutcome Plan(SchemaTarget target, SchemaState state, IReadOnlyDictionary<string, string?> known, Func<SchemaState, ImmutableArray<string>> resolve)
    {
        try
        {
            var heads = ResolveExisting(state, resolve);
            return new(state, heads, IsThere(target, state, heads, known), null);
        }
        catch (TenancyException error)
        {
            return new(state, [], false, new FailureDescriber(context).Describe(error, target));
        }
    }

    /// <summary>Sets where a schema is, under its lock; marks of a revision in progress are dropped.</summary>
    /// <param name="target">The schema.</param>
    /// <param name="resolve">Says where it is, given where history has it; throws where it is not to be said.</param>
    /// <param name="cancellation">Cancels and rolls back.</param>
    public async Task<StampOutcome> StampAsync(SchemaTarget target, Func<SchemaState, ImmutableArray<string>> resolve, CancellationToken cancellation)
    {
        SchemaState? state = null;
        ImmutableArray<string> heads = [];
        var isThere = false;
        var failure = await new RetriedWork(context, session, target, target.Schema, "stamp").RunAsync(
            async connection =>
            {
                CommandList begin = [];
                begin.AddLockedBegin(context, target);
                await begin.ExecuteAsync(connection, cancellation);

                var fleet = await session.ReadAsync(connection, Schemas(target), cancellation);
                state = fleet.Of(target.Scope, target.Schema);
                heads = ResolveExisting(state, resolve);
                isThere = IsThere(target, state, heads, await session.ReadKnownAsync(connection, Schemas(target), cancellation));
                if (isThere && fleet.IsFlushed)
                {
                    await TransactionalWork.RollBackAsync(connection);
                    return;
                }

                CommandList change = [];
                if (isThere)
                {
                    // A run that was killed may have brought it there without waiting for the disk.
                    change.Add(context.History.File("note_flushed"), context.Project.Fleet);
                }
                else
                {
                    AddChange(change, target, state, heads);
                }

                await TransactionalWork.CommitAsync(connection, change);
            },
            cancellation);
        return new(state, heads, isThere, failure);
    }

    /// <summary>What became of a stamp, as the result of a run.</summary>
    public MigrationResult Describe(SchemaTarget target, DateTime started, StampOutcome outcome) => new()
    {
        Name = target.Name,
        Schema = target.Schema,
        Database = target.Address.Database,
        Server = target.Address.Server.ToString(),
        Scope = target.ScopeName,
        Direction = "stamp",
        Status = outcome.Failure is not null ? MigrationStatus.Failed : outcome.IsThere ? MigrationStatus.UpToDate : MigrationStatus.Migrated,
        From = [.. outcome.State?.Heads ?? []],
        To = [.. outcome.Failure is null ? outcome.Heads : outcome.State?.Heads ?? []],
        Failure = outcome.Failure,
        Started = started,
        Seconds = Math.Round((DateTime.UtcNow - started).TotalSeconds, 4),
        RunId = RunId,
        Labels = target.Labels,
    };

    private ImmutableArray<string> Resolve(SchemaState state, IReadOnlyList<string> revisions, bool purges)
    {
        ImmutableArray<string> heads = purges ? [] : state.Heads;
        foreach (var revision in revisions)
        {
            foreach (var change in graph.StampPath(heads, graph.Resolve(revision, state.Scope, heads, RevisionDirection.Up)))
            {
                heads = [.. heads.Except(change.Remove).Concat(change.Add).Order(StringComparer.Ordinal)];
            }
        }

        return heads;
    }

    private static ImmutableArray<string> ResolveExisting(SchemaState state, Func<SchemaState, ImmutableArray<string>> resolve)
    {
        if (state.Oid is null || state.RemovalBegun is not null)
        {
            StateChecks.EnsureUsable(state);
        }

        return resolve(state);
    }

    // A tenant said to be at base that the registry does not have is news too: it has it then.
    private static bool IsThere(SchemaTarget target, SchemaState state, ImmutableArray<string> heads, IReadOnlyDictionary<string, string?> known) =>
        state.Heads.SequenceEqual(heads) && !state.IsRecreated && state.Stages.IsEmpty && (target.Scope == MigrationScope.Shared || known.GetValueOrDefault(target.Schema) is not null);

    private static string[] Schemas(SchemaTarget target) => target.Scope == MigrationScope.Tenant ? [target.Schema] : [];

    private void AddChange(CommandList commands, SchemaTarget target, SchemaState state, ImmutableArray<string> heads)
    {
        object?[] place = [context.Project.Fleet, target.ScopeName, target.Schema];
        var oid = state.Oid!.Value.ToString(CultureInfo.InvariantCulture);
        commands.Add(context.History.Write("DELETE FROM @history@.head WHERE fleet = $1 AND scope = $2 AND schema = $3"), place);
        commands.Add(context.History.Write("DELETE FROM @history@.stage WHERE fleet = $1 AND scope = $2 AND schema = $3"), place);
        commands.Add(context.History.File("stamp_heads"), [.. place, oid, heads.ToArray()]);
        var (ids, checksums) = (heads.ToArray(), heads.Select(head => graph[head].Manifest.Checksum).ToArray());
        commands.Add(context.History.File("record_stamp"), [.. place, context.Request.RunId, target.Name, ToolVersion.Text, ids, checksums]);
        if (target.Scope == MigrationScope.Tenant)
        {
            commands.Add(context.History.File("register_stamped"), context.Project.Fleet, target.Schema, target.Name, oid);
        }
    }
}

/// <summary>What became of a stamp.</summary>
/// <param name="State">Where history had the schema before; null where that was not reached.</param>
/// <param name="Heads">The heads that it is said to be at, in ordinal order.</param>
/// <param name="IsThere">True when history had it there already.</param>
/// <param name="Failure">What went wrong, or null.</param>
internal sealed record StampOutcome(SchemaState? State, ImmutableArray<string> Heads, bool IsThere, MigrationFailure? Failure);
