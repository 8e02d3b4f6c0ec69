using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Npgsql;
using Tenancy.Core.Execution;
using Tenancy.Core.Execution.Servers;
using Tenancy.Core.Execution.Waiting;
using Tenancy.Core.History;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Revisions;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Repairs;

/// <summary>Finds and mends what is wrong with the history of one database's schemas.</summary>
internal sealed class Repairing
{
    private readonly TenancyProject project;
    private readonly RevisionGraph graph;
    private readonly DatabaseConnector connector;
    private readonly DatabaseSession session;
    private readonly RepairRequest request;
    private readonly IRunLog log;

    /// <summary>Repair of one database.</summary>
    public Repairing(TenancyProject project, RevisionGraph graph, DatabaseConnector connector, DatabaseAddress address, RepairRequest request, IRunLog log)
    {
        this.project = project;
        this.graph = graph;
        this.connector = connector;
        this.request = request;
        this.log = log;
        session = new(project, graph, connector, address) { Log = log };
    }

    /// <summary>What is wrong; writes nothing.</summary>
    /// <param name="tenants">The tenants.</param>
    /// <param name="isWhole">True for every schema that the history knows too, and the shared one.</param>
    /// <param name="cancellation">Gives up.</param>
    public async IAsyncEnumerable<RepairFinding> FindAsync(IReadOnlyCollection<Tenant> tenants, bool isWhole, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var known = await session.ReadKnownAsync(isWhole ? null : [.. tenants.Select(static tenant => tenant.Schema)], cancellation);
        var given = tenants.Select(static tenant => tenant.Schema).ToHashSet(StringComparer.Ordinal);
        List<SchemaTarget> targets =
        [
            .. tenants.Select(tenant => SchemaTarget.Of(tenant, session.Address)),
            .. known.Where(pair => !given.Contains(pair.Key)).Select(pair => new SchemaTarget(MigrationScope.Tenant, pair.Key, pair.Value ?? pair.Key, session.Address, [])),
        ];
        var fleet = await session.ReadAsync([.. targets.Select(static target => target.Schema)], cancellation);
        if (isWhole && (!fleet.Shared.Heads.IsEmpty || !fleet.Shared.Stages.IsEmpty))
        {
            targets.Add(SchemaTarget.Shared(project.SharedSchema, session.Address));
        }

        foreach (var target in targets)
        {
            var state = fleet.Of(target.Scope, target.Schema);
            foreach (var defect in Defects.Of(state, graph, IsRegistered(known, target)).Where(defect => request.Kinds.HasFlag(defect.Kind)))
            {
                if (await CompleteAsync(defect, target, state, fleet, cancellation) is { } complete)
                {
                    yield return complete.Describe(target);
                }
            }
        }
    }

    /// <summary>Mends what was found, each schema under its lock; what is not there any more is left.</summary>
    /// <param name="findings">What to mend, of this database.</param>
    /// <param name="cancellation">Cancels and rolls back.</param>
    public async IAsyncEnumerable<RepairFinding> RepairAsync(IReadOnlyCollection<RepairFinding> findings, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await session.PrepareAsync(cancellation);
        var manifests = findings
            .Where(static finding => finding is { Problem: RepairProblem.ChecksumMismatch, Status: RepairStatus.Found })
            .Select(finding => graph[finding.Revision!].Manifest).Distinct().ToList();
        if (manifests.Count > 0)
        {
            await session.KeepTextsAsync(manifests, cancellation);
        }

        foreach (var group in findings.GroupBy(static finding => (finding.Scope, finding.Schema)))
        {
            var target = Target(group.First());
            var rows = group.Where(static finding => finding.Kind != nameof(RepairKind.Step)).ToList();
            foreach (var finding in rows.Count > 0 ? await MendAsync(target, rows, cancellation) : [])
            {
                yield return finding;
            }

            foreach (var step in group.Except(rows))
            {
                yield return await SettleAsync(target, step, cancellation);
            }
        }
    }

    // Null where the step's run has gone on meanwhile, or will.
    private async Task<Defect?> CompleteAsync(Defect defect, SchemaTarget target, SchemaState state, FleetState fleet, CancellationToken cancellation)
    {
        if (defect.Problem != RepairProblem.InterruptedStep)
        {
            return defect;
        }

        var context = Context(fleet);
        try
        {
            context = Context(fleet, state.Stages[^1]);
            return InterruptedStep.Of(context, target, state, graph) is { } step ? await step.LookAsync(defect, cancellation) : null;
        }
        catch (TenancyException error)
        {
            return defect with { Problem = error.ErrorId, Description = $"{defect.Description.TrimEnd('.')}: {error.Message}", Action = error.RecommendedAction ?? "", IsMendable = false };
        }
        catch (PostgresException error) when (error.SqlState is "TN002" or "TN003")
        {
            log.Verbose($"{target}: {error.MessageText}.");
            return null;
        }
        catch (PostgresException error)
        {
            var failure = new FailureDescriber(context).Describe(error, target);
            return defect with { Problem = failure.ErrorId, Description = $"{defect.Description.TrimEnd('.')}: {context.Mask(error.MessageText)}", Action = failure.RecommendedAction ?? "", IsMendable = false };
        }
    }

    private async Task<List<RepairFinding>> MendAsync(SchemaTarget target, List<RepairFinding> findings, CancellationToken cancellation)
    {
        var context = Context(null);
        List<Defect> present = [];
        var failure = await new RetriedWork(context, session, target, target.Schema, "repair").RunAsync(
            async connection =>
            {
                CommandList begin = [];
                begin.AddLockedBegin(context, target);
                await begin.ExecuteAsync(connection, cancellation);

                var known = await session.ReadKnownAsync(connection, [target.Schema], cancellation);
                var state = (await session.ReadAsync(connection, target.Scope == MigrationScope.Tenant ? [target.Schema] : [], cancellation)).Of(target.Scope, target.Schema);
                present = [.. Defects.Of(state, graph, IsRegistered(known, target)).Where(defect => defect.IsMendable && findings.Exists(defect.Is))];
                CommandList changes = [];
                foreach (var defect in present)
                {
                    changes.AddMend(context, target, defect, defect.Revision is { } revision ? graph.Find(revision)?.Manifest.Checksum : null);
                }

                await TransactionalWork.CommitAsync(connection, changes);
            },
            cancellation);
        return
        [
            .. findings.Select(finding => finding with
            {
                Status = failure is not null ? RepairStatus.Failed : present.Exists(defect => defect.Is(finding)) ? RepairStatus.Repaired : RepairStatus.Gone,
                Failure = failure,
            }),
        ];
    }

    private async Task<RepairFinding> SettleAsync(SchemaTarget target, RepairFinding finding, CancellationToken cancellation)
    {
        var context = Context(null);
        var isUnknown = false;
        try
        {
            return await context.Retries.RunAsync(TryAsync, Pause, cancellation);
        }
        catch (Exception error) when (!cancellation.IsCancellationRequested)
        {
            return finding with { Status = RepairStatus.Failed, Failure = new FailureDescriber(context).Describe(error, target) };
        }

        void Pause(Exception error, TimeSpan pause)
        {
            connector.GetDataSource(target.Address).Clear();
            connector.GetDataSource(connector.FindDirect(target.Address)).Clear();
            log.Verbose(context.Mask($"{target}: {error.Message}; tried again in {RetryPolicy.Told(pause)}."));
        }

        async Task<RepairFinding> TryAsync(CancellationToken cancellation)
        {
            var fleet = await session.ReadAsync(target.Scope == MigrationScope.Tenant ? [target.Schema] : [], cancellation);
            var state = fleet.Of(target.Scope, target.Schema);
            if (Defects.Of(state, graph, isRegistered: true).FirstOrDefault(defect => defect.Is(finding)) is not { } defect
                || InterruptedStep.Of(context = Context(fleet, state.Stages[^1]), target, state, graph) is not { } step)
            {
                return finding with { Status = isUnknown ? RepairStatus.Repaired : RepairStatus.Gone };
            }

            try
            {
                await step.SettleAsync(defect, cancellation);
                return finding with { Status = RepairStatus.Repaired };
            }
            catch (OutcomeUnknownException lost)
            {
                // Looked at again: where it is not done, the connection was lost as any other is.
                isUnknown = true;
                ExceptionDispatchInfo.Throw(lost.InnerException!);
                throw;
            }
        }
    }

    // Of a step's mark: with the arguments of its manifest, in its direction.
    private RunContext Context(FleetState? fleet, StageMark? mark = null)
    {
        var manifest = mark is null ? null : graph[mark.Revision].Manifest;
        var arguments = manifest is null ? [] : ArgumentBinder.Bind([manifest], graph.All.Select(static node => node.Manifest), request.Arguments);
        return new()
        {
            Project = project,
            Request = new() { Direction = mark?.Direction ?? RevisionDirection.Up, RunId = request.RunId },
            Arguments = arguments,
            Secrets = [.. manifest?.Arguments.Where(static argument => argument.IsSecret).Select(argument => arguments[argument.Name]) ?? []],
            History = session.History,
            Connector = connector,
            Log = log,
            ExtensionSchemas = project.ExtensionSchemas is { } named ? named : fleet?.ExtensionSchemas ?? [],
        };
    }

    private SchemaTarget Target(RepairFinding finding) => finding.Scope == "shared"
        ? SchemaTarget.Shared(finding.Schema, session.Address)
        : new(MigrationScope.Tenant, finding.Schema, finding.Name, session.Address, finding.Labels);

    private static bool IsRegistered(IReadOnlyDictionary<string, string?> known, SchemaTarget target) =>
        target.Scope == MigrationScope.Tenant && known.GetValueOrDefault(target.Schema) is not null;
}
