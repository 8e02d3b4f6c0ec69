using Tenancy.Core.Manifests;
using Tenancy.Model;

namespace Tenancy.Core.Planning;

/// <summary>
/// Whether a plan can share one transaction with those of all other tenants. A constraint that is validated with what added it can: the lock of <c>ADD … NOT VALID</c> is only held
/// longer, as every lock of that transaction is.
/// </summary>
internal static class SingleTransaction
{
    /// <summary>Refuses a plan with a statement that needs a commit before or after it.</summary>
    /// <param name="plan">The plan.</param>
    /// <exception cref="TenancyException"><c>CommitNeeded</c>, with revision and statement.</exception>
    public static void EnsurePossible(Plan plan)
    {
        var statements = plan.Everything.SelectMany(static transaction => transaction.Stages).SelectMany(static stage => stage.Statements.Select(planned => (stage, planned))).ToList();
        for (var i = 0; i < statements.Count; i++)
        {
            var (stage, planned) = statements[i];
            if (!planned.Statement.IsTransactional)
            {
                throw Refusal(stage, planned, "PostgreSQL runs it outside a transaction only");
            }

            if (stage.Batch is not null)
            {
                throw Refusal(stage, planned, "it commits batch by batch");
            }

            // Of a tenant's own enum nothing else can use the value; what is shared, every tenant may use after.
            if (planned.Statement.CommitAfter && (i + 1 < statements.Count || plan.Scope == MigrationScope.Shared))
            {
                throw Refusal(stage, planned, "the new value cannot be used before it is committed, and more statements follow it");
            }
        }
    }

    private static TenancyException Refusal(PlanStage stage, PlannedStatement planned, string why)
    {
        var manifest = stage.Revision.Manifest;
        return new(
            "CommitNeeded",
            $"Revision {manifest.Revision} ({planned.Statement.Position.File}:{planned.Statement.Position.Line}, {planned.Operation.Name}) cannot be in one transaction with all tenants: {planned.Statement.Command}: {why}. Nothing was run.",
            "Bring the tenants past that revision with -Transaction PerTenant first, or write it without such a statement.");
    }
}
