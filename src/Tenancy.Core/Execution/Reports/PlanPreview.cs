using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Tenancy.Core.Execution.Servers;
using Tenancy.Core.Execution.Steps;
using Tenancy.Core.History;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Revisions;
using Tenancy.Core.Sql;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Execution.Reports;

/// <summary>What a run would do on one database, as objects: the executor's own plans, with each schema's names written in. Writes nothing.</summary>
internal sealed class PlanPreview
{
    private readonly TenancyProject project;
    private readonly DatabaseConnector connector;
    private readonly MigrationRequest request;
    private readonly ScopeTargets scopes;
    private readonly DatabaseSession session;

    /// <summary>A preview of one database.</summary>
    public PlanPreview(TenancyProject project, RevisionGraph graph, DatabaseConnector connector, MigrationRequest request, DatabaseAddress address)
    {
        this.project = project;
        this.connector = connector;
        this.request = request;
        scopes = ScopeTargets.Of(request, graph);
        session = new(project, graph, connector, address);
    }

    /// <summary>The shared schema's plan first, where it has one, then the tenants'.</summary>
    /// <param name="tenants">The tenants.</param>
    /// <param name="cancellation">Gives up.</param>
    public async IAsyncEnumerable<MigrationPlan> ReadAsync(IReadOnlyCollection<Tenant> tenants, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var fleet = await session.ReadAsync(request.Direction, request.Scope, [.. tenants.Select(static tenant => tenant.Schema)], cancellation);
        var isBehindPooler = new Lazy<Task<bool>>(() => session.IsDirectBehindPoolerAsync(cancellation));
        var sharedHeads = fleet.Shared.Heads;
        MigrationFailure? sharedFailure = null;
        if (scopes.Shared && ScopeTargets.HasShared(session.Graph, fleet.Shared))
        {
            var registered = await session.ReadRegisteredAsync([.. scopes.Tenants ? tenants.Select(static tenant => tenant.Schema) : []], cancellation);
            var planner = new Planner(
                project, session.Graph, request, MigrationScope.Shared, registered.State(request.Direction), scopes.SharedTargets);
            var plan = await DescribeAsync(SchemaTarget.Shared(project.SharedSchema, session.Address), fleet.Shared, planner, isBehindPooler, null);
            (sharedHeads, sharedFailure) = ([.. plan.To], plan.Failure);
            if (plan.Steps.Length > 0 || plan.Failure is not null || !scopes.Tenants)
            {
                yield return plan;
            }
        }

        if (scopes.Tenants)
        {
            var planner = new Planner(project, session.Graph, request, MigrationScope.Tenant, SharedHeads.State(session.Graph, sharedHeads, fleet.Shared.Stages));
            foreach (var tenant in tenants)
            {
                yield return await DescribeAsync(SchemaTarget.Of(tenant, session.Address), fleet[tenant.Schema], planner, isBehindPooler, sharedFailure);
            }
        }
    }

    private async Task<MigrationPlan> DescribeAsync(SchemaTarget target, SchemaState state, Planner planner, Lazy<Task<bool>> isBehindPooler, MigrationFailure? sharedFailure)
    {
        var description = new MigrationPlan
        {
            Name = target.Name,
            Schema = target.Schema,
            Database = target.Address.Database,
            Server = target.Address.Server.ToString(),
            Scope = target.ScopeName,
            Direction = request.Direction == RevisionDirection.Up ? "up" : "down",
            From = [.. state.Heads],
            To = [.. state.Heads],
            Labels = target.Labels,
        };
        try
        {
            var plan = planner.PlanFor(state);
            if (request.Transaction == TransactionMode.AllTenants)
            {
                SingleTransaction.EnsurePossible(plan);
            }

            if (plan.NeedsDirectConnection && await isBehindPooler.Value)
            {
                throw DirectSession.BehindPooler(target.Address);
            }

            var manifests = plan.Revisions.Select(static step => step.Manifest).ToList();
            var arguments = ArgumentBinder.Bind(manifests, session.Graph.All.Select(static node => node.Manifest), request.Arguments);
            foreach (var secret in manifests.SelectMany(static manifest => manifest.Arguments).Where(static argument => argument.IsSecret))
            {
                arguments[secret.Name] = "***";
            }

            return description with
            {
                To = [.. plan.To],
                Revisions = [.. plan.Revisions.Select(static step => step.Manifest.Revision)],
                OnOtherBranches = [.. plan.OnOtherBranches.Select(static step => step.Manifest.Revision)],
                Steps = [.. Steps(plan, target.Values(project, arguments))],
                Failure = plan.Waiting is [{ } waiting, ..] ? Waits(target, waiting, sharedFailure) : null,
            };
        }
        catch (TenancyException error)
        {
            return description with { Failure = new() { ErrorId = error.ErrorId, Message = $"{target}: {error.Message}", RecommendedAction = error.RecommendedAction } };
        }
    }

    private static MigrationFailure Waits(SchemaTarget target, RevisionStep waiting, MigrationFailure? sharedFailure)
    {
        var (revision, other) = (waiting.Manifest.Revision, string.Join(", ", waiting.OtherScope));
        if (target.Scope == MigrationScope.Shared)
        {
            return new() { ErrorId = "WaitingForTenants", Message = $"{target}: revision {revision} waits until every tenant of {target.Address} has {other}.", Revision = revision, RecommendedAction = "Bring all tenants there first; the same run goes on with it then." };
        }

        var cause = $"revision {revision} depends on {other} of the shared schema, which is not applied in {target.Address}{(sharedFailure is null ? "." : $": {sharedFailure.Message}")}";
        return new()
        {
            ErrorId = "WaitsForShared",
            Message = $"{target}: {cause}",
            Cause = cause,
            Revision = revision,
            RecommendedAction = sharedFailure is null ? "Run without -Scope Tenant, or bring the shared schema there first." : sharedFailure.RecommendedAction ?? "Mend what keeps the shared schema back.",
        };
    }

    private static IEnumerable<MigrationPlanStep> Steps(Plan plan, SqlValues values) =>
        from transaction in plan.Everything.Select(static (transaction, index) => (transaction.Stages, Number: index + 1))
        from stage in transaction.Stages
        from planned in stage.Statements
        select new MigrationPlanStep
        {
            Revision = stage.Revision.Manifest.Revision,
            Transaction = transaction.Number,
            IsTransactional = planned.Statement.IsTransactional,
            Operation = planned.Operation.Name,
            Sql = planned.Statement.Template.Render(values),
            LockTimeout = planned.LockTimeout.TotalSeconds,
            StatementTimeout = planned.StatementTimeout.TotalSeconds,
            Manifest = planned.Statement.Position.File,
            Line = planned.Statement.Position.Line,
        };
}
