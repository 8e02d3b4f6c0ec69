using Tenancy.Core.History;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Revisions;
using Tenancy.Core.Tests.Manifests;
using Xunit;

namespace Tenancy.Core.Tests.Planning;

public sealed class PlannerTests
{
    [Fact]
    public void Ten_thousand_tenants_at_twenty_states_share_twenty_plans()
    {
        using var folder = new TestProject("fleet: test");
        var project = ProjectReader.Read(folder.Folder);
        var graph = RevisionGraph.Build([.. Enumerable.Range(0, 20).Select(number => ManifestReader.ReadText(
            $"revision: r{number:D4}\n{(number == 0 ? "" : $"parent: r{number - 1:D4}\n")}up: [{{sql: SELECT {number}, undo: SELECT 1}}]", $"{number}.yaml", project))]);
        var planner = new Planner(project, graph, new(), MigrationScope.Tenant, new(new HashSet<string>(), []));

        var plans = Enumerable.Range(0, 10_000).Select(number => planner.PlanFor(new()
        {
            Scope = MigrationScope.Tenant,
            Schema = $"t{number:D5}",
            Oid = (uint)number + 1,
            RecordedOid = number % 20 == 0 ? null : (uint)number + 1,
            Heads = number % 20 == 0 ? [] : [$"r{(number % 20) - 1:D4}"],
        })).ToList();

        Assert.Equal(20, plans.Distinct(ReferenceEqualityComparer.Instance).Count());
        Assert.Equal(Enumerable.Range(1, 20).Reverse(), plans.Take(20).Select(static plan => plan.Revisions.Length));
    }
}
