using System.Collections.Immutable;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Safety.Reading;

namespace Tenancy.Core.Safety;

/// <summary>Judges a plan's statements by all rules, in order, without a database.</summary>
internal static class PlanJudgement
{
    /// <summary>Judges.</summary>
    /// <param name="project">The project.</param>
    /// <param name="applied">Manifests that the schema has, in order.</param>
    /// <param name="transactions">The plan's transactions.</param>
    /// <param name="target">What is known of where it will run.</param>
    public static List<JudgedFault> Judge(TenancyProject project, IEnumerable<Manifest> applied, ImmutableArray<PlanTransaction> transactions, JudgedTarget target)
    {
        var known = new KnownSchema(project.Tokens);
        foreach (var manifest in applied)
        {
            foreach (var statement in manifest.Up.SelectMany(static operation => operation.Statements))
            {
                known.Apply(StatementText.Read(statement, project.Tokens, manifest.Scope), isNew: false);
            }
        }

        var plan = new PlanText(project, known, target);
        plan.Statements = [.. Read(plan, transactions)];
        List<JudgedFault> faults = [];
        foreach (var judged in plan.Statements)
        {
            foreach (var rule in SafetyRules.All)
            {
                faults.AddRange(rule.Judge(judged).Select(fault => new JudgedFault(rule, fault, judged)));
            }

            known.Apply(judged.Text, isNew: true);
        }

        return faults;
    }

    private static IEnumerable<JudgedStatement> Read(PlanText plan, ImmutableArray<PlanTransaction> transactions)
    {
        var number = 0;
        for (var transaction = 0; transaction < transactions.Length; transaction++)
        {
            foreach (var stage in transactions[transaction].Stages)
            {
                foreach (var planned in stage.Statements)
                {
                    yield return new(planned, StatementText.Read(planned.Statement, plan.Project.Tokens, stage.Revision.Manifest.Scope), stage, transaction) { Plan = plan, Number = number++ };
                }
            }
        }
    }
}

/// <summary>A fault with its rule and its place.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Fault">What it says.</param>
/// <param name="Judged">The statement.</param>
internal sealed record JudgedFault(SafetyRule Rule, SafetyFault Fault, JudgedStatement Judged);
