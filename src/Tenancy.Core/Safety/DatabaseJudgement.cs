using Tenancy.Core.Execution;
using Tenancy.Core.Execution.Servers;
using Tenancy.Core.History;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Revisions;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Safety;

/// <summary>Judges what a run would do on one database: the plans that its tenants need, with the sizes of their tables. Reads only.</summary>
internal sealed class DatabaseJudgement(TenancyProject project, RevisionGraph graph, DatabaseConnector connector, MigrationRequest request, IRunLog log, DatabaseAddress address)
{
    /// <summary>Judges the pending revisions.</summary>
    /// <param name="tenants">The tenants.</param>
    /// <param name="findings">Takes what is found.</param>
    /// <param name="faults">Takes tenants that cannot be planned for.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task JudgeAsync(IReadOnlyCollection<Tenant> tenants, SafetyFindings findings, List<(Tenant? Tenant, TenancyException Error)> faults, CancellationToken cancellation)
    {
        var session = new DatabaseSession(project, graph, connector, address);
        var fleet = await session.ReadAsync(request.Direction, request.Scope, [.. tenants.Select(static tenant => tenant.Schema)], cancellation);
        var preparation = new RunPreparation(project, connector, request, log, session);
        var scopes = ScopeTargets.Of(request, graph);
        Dictionary<Plan, List<Tenant>> plans = new(ReferenceEqualityComparer.Instance);
        if (scopes.Shared && ScopeTargets.HasShared(graph, fleet.Shared))
        {
            Take(preparation.MakePlanner(MigrationScope.Shared, scopes.SharedTargets), fleet.Shared, null);
        }

        if (scopes.Tenants)
        {
            var planner = preparation.MakePlanner(MigrationScope.Tenant);
            foreach (var tenant in tenants)
            {
                Take(planner, fleet[tenant.Schema], tenant);
            }
        }

        foreach (var (plan, members) in plans)
        {
            var target = new JudgedTarget([.. members.Select(static tenant => (tenant.Name, tenant.Schema))], fleet.ExtensionSchemas, request.Arguments);
            var applied = Applied(plan.From).Concat(plan.Scope == MigrationScope.Tenant ? Applied(fleet.Shared.Heads, MigrationScope.Shared) : []).ToHashSet(StringComparer.Ordinal);
            var found = PlanJudgement.Judge(project, graph.All.Select(static node => node.Manifest).Where(manifest => applied.Contains(manifest.Revision)), plan.Transactions, target);
            await AddAsync(found, members, findings, cancellation);

            IEnumerable<string> Applied(IReadOnlyCollection<string> heads, MigrationScope? scope = null) => graph.Applied(scope ?? plan.Scope, heads);
        }

        foreach (var manifest in plans.Keys.SelectMany(static plan => plan.Revisions).Select(static step => step.Manifest).Where(static manifest => !manifest.Suppress.IsEmpty).Distinct())
        {
            findings.AddSuppressions(manifest, RevisionJudgement.Judge(project, graph, graph[manifest.Revision], JudgedTarget.Unknown));
        }

        void Take(Planner planner, SchemaState state, Tenant? tenant)
        {
            try
            {
                var plan = planner.PlanFor(state);
                if (!plan.Transactions.IsEmpty)
                {
                    plans.TryAdd(plan, []);
                    plans[plan].AddRange(tenant is null ? [] : [tenant]);
                }
            }
            catch (TenancyException error)
            {
                faults.Add((tenant, error));
            }
        }
    }

    /// <summary>Adds faults with the sizes that their tables have here.</summary>
    /// <param name="found">The faults.</param>
    /// <param name="members">The tenants that they are about; none for the shared schema.</param>
    /// <param name="findings">Takes them.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task AddAsync(IReadOnlyCollection<JudgedFault> found, IReadOnlyCollection<Tenant> members, SafetyFindings findings, CancellationToken cancellation)
    {
        var sizes = await TableSizes.ReadAsync(connector, address, project, [.. members.Select(static tenant => tenant.Schema)], [.. found.Select(static fault => fault.Fault.Table).OfType<Reading.TableName>().Distinct()], cancellation);
        findings.Add(found, sizes, Math.Max(1, members.Count));
    }
}
