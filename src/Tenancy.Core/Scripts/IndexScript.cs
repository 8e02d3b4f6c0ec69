using Tenancy.Core.Execution;
using Tenancy.Core.Execution.Steps;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Scripts;

/// <summary>Writes what surrounds a concurrent index statement: the checks of <see cref="ConcurrentIndexWork"/>.</summary>
/// <param name="context">The run.</param>
/// <param name="target">The schema.</param>
/// <param name="index">The index.</param>
/// <param name="text">Takes the script.</param>
/// <param name="script">How commands are written.</param>
internal sealed class IndexScript(RunContext context, SchemaTarget target, ConcurrentIndex index, ScriptBuilder text, CommandScript script)
{
    private readonly SqlValues values = target.Values(context.Project, context.Arguments);

    private string Schema => ConcurrentIndexWork.SchemaOf(index, target, values);

    private string Name => SqlIdentifier.Quote(Schema, index.Index);

    private bool AllowsForOne => index is { Action: ConcurrentIndexAction.Create, Build.IfNotExists: true };

    /// <summary>Refuses an index of that name that is there before the statement was begun, except where the statement itself allows for it.</summary>
    public void EnsureNotThere()
    {
        if (index.Action == ConcurrentIndexAction.Create && !AllowsForOne)
        {
            text.RaiseIf($"EXISTS (SELECT FROM ({State()}) s WHERE s.is_valid)", "TN011", SqlLiteral.Quote($"index {Name} is there already, and no run began it"));
        }
    }

    /// <summary>Asserts that the index is there and valid, or gone.</summary>
    public void EnsureValid() => text.RaiseIf(
        index.Action == ConcurrentIndexAction.Drop ? $"EXISTS ({State()})" : $"NOT EXISTS (SELECT FROM ({State()}) s WHERE s.is_valid)",
        "TN011",
        SqlLiteral.Quote($"index {Name} is {(index.Action == ConcurrentIndexAction.Drop ? "still there" : "not there, or invalid,")} after its statement ended"));

    /// <summary>Writes the statement, and what clears its way.</summary>
    /// <param name="isRepeated">True when an interrupted run had started the statement.</param>
    /// <param name="statement">Writes the statement.</param>
    public void Write(bool isRepeated, Action statement)
    {
        text.RaiseIf($"EXISTS (SELECT FROM ({State()}) s WHERE s.builder IS NOT NULL)", "TN011", SqlLiteral.Quote($"index {Name} is being built by a process that a run left"));
        text.Ask($"SELECT coalesce(bool_or(s.is_valid), false) AS tenancy_is_valid, coalesce(bool_or(NOT s.is_valid), false) AS tenancy_is_invalid FROM ({State()}) s");
        switch (index.Action)
        {
            case ConcurrentIndexAction.Create:
                text.If("tenancy_is_valid", isRepeated || AllowsForOne ? EnsureSame : () => text.Raise("TN011", $"index {Name} is there already, and no run began it"), () =>
                {
                    text.If("tenancy_is_invalid", () => text.Statement("DROP INDEX CONCURRENTLY " + PsqlText.WithoutVariables(Name)));
                    statement();
                });
                break;
            case ConcurrentIndexAction.Drop when isRepeated:
                text.Ask("SELECT :'tenancy_is_valid'::pg_catalog.bool OR :'tenancy_is_invalid'::pg_catalog.bool AS tenancy_is_there");
                text.If("tenancy_is_there", statement);
                break;
            case ConcurrentIndexAction.Reindex when isRepeated:
                text.Line($"SELECT 'DROP INDEX CONCURRENTLY ' || {SqlLiteral.Quote(SqlIdentifier.Quote(Schema) + ".")} || pg_catalog.quote_ident(s.relname) FROM ({Fill("index_leftovers")}) s \\gexec");
                statement();
                break;
            default:
                statement();
                break;
        }
    }

    private void EnsureSame()
    {
        CommandList comparison = [];
        ConcurrentIndexWork.AddComparison(comparison, context, index, Schema, values);
        for (var i = 0; i < comparison.Count - 1; i++)
        {
            text.Add(script, comparison[i]);
        }

        text.RaiseIf(
            $"NOT coalesce((SELECT s.is_same FROM ({ScriptLiteral.Fill(comparison[comparison.Count - 1])}) s), false)",
            "TN011",
            SqlLiteral.Quote($"index {Name} is not what the statement makes"));
        text.Statement("ROLLBACK");
    }

    private string State() => Fill("index_state");

    private string Fill(string file) => "\n" + ScriptLiteral.Fill(new(context.History.File(file), [Schema, index.Index]));
}
