using System.Collections.Immutable;
using Tenancy.Core.Execution;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Sql;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Scripts;

/// <summary>
/// Writes what a run does to every tenant whose schema matches a pattern: the server puts together each tenant's commands, in C order of the schemas, and psql sends them (<c>\gexec</c>), each tenant in
/// transactions of its own. Tenants that are elsewhere than the script begins are left alone and reported.
/// </summary>
internal sealed class LoopScript
{
    private readonly RunContext context;
    private readonly SchemaTarget target;
    private readonly ScriptBuilder text;
    private readonly CommandScript script;
    private readonly string tenants;

    /// <summary>A writer.</summary>
    /// <param name="context">The run.</param>
    /// <param name="target">What stands in for each tenant.</param>
    /// <param name="pattern">The schemas.</param>
    /// <param name="text">Takes the script.</param>
    /// <param name="script">How commands are written.</param>
    public LoopScript(RunContext context, SchemaTarget target, NamePattern pattern, ScriptBuilder text, CommandScript script)
    {
        this.context = context;
        this.target = target;
        this.text = text;
        this.script = script;
        tenants = ScriptLiteral.Fill(new(context.History.File("loop_tenants"), [context.Project.Fleet, pattern.ToServerPattern(), .. ReservedSchemas.Of(context.Project).ToServerPatterns()]));
    }

    /// <summary>Writes a plan.</summary>
    /// <param name="part">The plan, for what stands in for the tenants.</param>
    /// <param name="pattern">The pattern, for a person.</param>
    /// <exception cref="TenancyException"><c>NotForLoop</c>: a revision needs what a loop cannot do.</exception>
    public void Write(ScriptPart part, string pattern)
    {
        foreach (var transaction in part.Plan.Transactions)
        {
            Ensure(transaction);
        }

        var before = Set(part.State.Heads);
        var after = Set(part.Plan.To);
        text.Title($"tenants with schemas like {pattern}: {context.Direction} to {(part.Plan.To.IsEmpty ? "base" : string.Join(", ", part.Plan.To))}");
        var rows = Rows(part);
        if (script.NeedsNoDollar)
        {
            text.RaiseIf($"EXISTS (SELECT FROM ({tenants}) t WHERE t.schema LIKE '%$%')", "TN012", "'a schema has a dollar sign in its name, which a function''s body could end at: migrate it by a script of its own'");
        }

        text.Statement("DO " + PsqlText.DollarQuote(context.History.File("loop_report").Replace("@tenants@", tenants, StringComparison.Ordinal).Replace("@before@", before, StringComparison.Ordinal).Replace("@after@", after, StringComparison.Ordinal)));
        text.Line("\\set QUIET on");
        text.Line("\\if :{?continue_on_error}");
        text.Line("\\set ON_ERROR_STOP off");
        text.Line("\\endif");
        text.Line($"SELECT c.command FROM ({tenants}) t\nCROSS JOIN LATERAL (VALUES\n{string.Join(",\n", rows.Select(static (row, index) => $"  ({index}, {row})"))}) AS c (number, command)");
        text.Line($"WHERE t.state = {before} ORDER BY t.schema COLLATE \"C\", c.number \\gexec");
        text.Line("\\set ON_ERROR_STOP on");
        text.Line("\\set QUIET off");
        text.Statement("DO " + PsqlText.DollarQuote(context.History.File("loop_end").Replace("@tenants@", tenants, StringComparison.Ordinal).Replace("@after@", after, StringComparison.Ordinal)));
    }

    private static string Set(ImmutableArray<string> heads) => SqlLiteral.Quote(OtherScopeState.HeadSet(heads));

    private List<string> Rows(ScriptPart part)
    {
        var build = new TransactionCommands(context, target);
        var state = part.State;
        List<string> rows = [];
        foreach (var transaction in part.Plan.Everything.Where(transaction => part.Plan.Waiting.IsEmpty || transaction != part.Plan.After))
        {
            var title = SqlLiteral.Quote($": {SchemaScript.Describe(context, transaction)}");
            rows.Add($"'DO ' || pg_catalog.quote_literal('BEGIN RAISE NOTICE USING MESSAGE = ' || pg_catalog.quote_literal({CommandScript.TenantExpression} || {title}) || '; END')");
            // What the server puts together has backslashes as they are; the end of a transaction resets what its session had.
            rows.Add("'SET standard_conforming_strings = on'");
            CommandList commands = [];
            build.AddWork(commands, transaction, state);
            TransactionCommands.AddCleanUp(commands, context);
            commands.Add("COMMIT");
            rows.AddRange(commands.Select(script.Expression));
            state = state.After(transaction.Stages);
        }

        return rows;
    }

    private static void Ensure(PlanTransaction transaction)
    {
        foreach (var stage in transaction.Stages)
        {
            var manifest = stage.Revision.Manifest;
            var why = !stage.IsTransactional ? $"has a step that cannot run in a transaction ({stage.Description})"
                : RevisionCheck.Decides(stage) ? "has a requirement that decides whether it runs (on_fail: skip or mark_applied)"
                : null;
            if (why is not null)
            {
                throw new TenancyException("NotForLoop", $"Revision {manifest.Revision} ({manifest.Path}) {why}, which a loop over tenants cannot have.", "Name the tenants, for a script that has a part for each; or migrate with Invoke-TenantMigration.");
            }
        }
    }
}
