using System.Collections.Immutable;
using System.Globalization;
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
        session = new(project, graph, connector, address);
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

    /// <summary>What <see cref="StampAsync"/> would do; writes nothing.</summary>
    /// <param name="target">The schema.</param>
    /// <param name="revisions">Identifiers, one a branch; <c>base</c> for none.</param>
    /// <param name="purges">True to drop all head rows first, those of unknown revisions too.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<MigrationResult> PlanAsync(SchemaTarget target, IReadOnlyList<string> revisions, bool purges, CancellationToken cancellation)
    {
        var started = DateTime.UtcNow;
        var state = (await session.ReadAsync(target.Scope == MigrationScope.Tenant ? [target.Schema] : [], cancellation)).Of(target.Scope, target.Schema);
        try
        {
            return Describe(target, started, state, Resolve(state, revisions, purges), null);
        }
        catch (TenancyException error)
        {
            return Describe(target, started, state, state.Heads, new FailureDescriber(context).Describe(error, target));
        }
    }

    /// <summary>Sets where a schema is, under its lock; marks of a revision in progress are dropped.</summary>
    /// <param name="target">The schema.</param>
    /// <param name="revisions">Identifiers, one a branch; <c>base</c> for none.</param>
    /// <param name="purges">True to drop all head rows first, those of unknown revisions too.</param>
    /// <param name="cancellation">Cancels and rolls back.</param>
    public async Task<MigrationResult> StampAsync(SchemaTarget target, IReadOnlyList<string> revisions, bool purges, CancellationToken cancellation)
    {
        var started = DateTime.UtcNow;
        SchemaState? state = null;
        ImmutableArray<string> heads = [];
        var failure = await LockedWork.AttemptAsync(
            context,
            target,
            async connection =>
            {
                CommandList begin = [];
                begin.AddLockedBegin(context, target);
                await begin.ExecuteAsync(connection, cancellation);

                state = (await session.ReadAsync(connection, target.Scope == MigrationScope.Tenant ? [target.Schema] : [], cancellation)).Of(target.Scope, target.Schema);
                heads = Resolve(state, revisions, purges);
                if (IsThere(state, heads))
                {
                    await TransactionalWork.RollBackAsync(connection);
                    return;
                }

                CommandList change = [];
                AddChange(change, target, state, heads);
                await TransactionalWork.CommitAsync(connection, change);
            },
            cancellation);
        return Describe(target, started, state, heads, failure);
    }

    private MigrationResult Describe(SchemaTarget target, DateTime started, SchemaState? state, ImmutableArray<string> heads, MigrationFailure? failure) => new()
    {
        Name = target.Name,
        Schema = target.Schema,
        Database = target.Address.Database,
        Server = target.Address.Server.ToString(),
        Scope = target.ScopeName,
        Direction = "stamp",
        Status = failure is not null ? MigrationStatus.Failed : IsThere(state!, heads) ? MigrationStatus.UpToDate : MigrationStatus.Migrated,
        From = [.. state?.Heads ?? []],
        To = [.. failure is null ? heads : state?.Heads ?? []],
        Failure = failure,
        Started = started,
        Seconds = Math.Round((DateTime.UtcNow - started).TotalSeconds, 4),
        RunId = context.Request.RunId,
        Labels = target.Labels,
    };

    private ImmutableArray<string> Resolve(SchemaState state, IReadOnlyList<string> revisions, bool purges)
    {
        if (state.Oid is null)
        {
            StateChecks.EnsureUsable(state);
        }

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

    private static bool IsThere(SchemaState state, ImmutableArray<string> heads) => state.Heads.SequenceEqual(heads) && !state.IsRecreated && state.Stages.IsEmpty;

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
