using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Tenancy.Core.Execution;
using Tenancy.Core.Manifests;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Scripts;

/// <summary>A script for psql, as it is written.</summary>
internal sealed class ScriptBuilder
{
    private readonly StringBuilder text = new();
    private int decisions;

    /// <summary>The script so far.</summary>
    public override string ToString() => text.ToString();

    /// <summary>Adds a line.</summary>
    public void Line(string line = "") => text.Append(line).Append('\n');

    /// <summary>Adds a comment of one line, and has psql say the same.</summary>
    public void Title(string title)
    {
        // A description of several lines must not go on as SQL.
        title = string.Concat(title.Select(static character => char.IsControl(character) ? ' ' : character));
        Line();
        Line("-- " + title);
        Line("\\echo " + PsqlText.Quote(title));
    }

    /// <summary>Adds a statement.</summary>
    /// <param name="sql">The SQL, without a semicolon.</param>
    public void Statement(string sql) => Line(sql + ";");

    /// <summary>Adds a block that raises where a condition holds.</summary>
    /// <param name="condition">The condition.</param>
    /// <param name="sqlState">The SQLSTATE.</param>
    /// <param name="message">An expression that gives the message.</param>
    public void RaiseIf(string condition, string sqlState, string message) =>
        Statement("DO " + PsqlText.DollarQuote($"BEGIN IF {condition} THEN RAISE EXCEPTION USING ERRCODE = '{sqlState}', MESSAGE = {message}; END IF; END"));

    /// <summary>Adds an unconditional error.</summary>
    /// <param name="sqlState">The SQLSTATE.</param>
    /// <param name="message">The message.</param>
    public void Raise(string sqlState, string message) => RaiseIf("true", sqlState, SqlLiteral.Quote(message));

    /// <summary>Adds a query of one row whose columns become psql variables.</summary>
    /// <param name="query">The query.</param>
    public void Ask(string query) => Line(query + " \\gset");

    /// <summary>Adds what runs where a psql variable is true, and what runs where it is not.</summary>
    public void If(string variable, Action then, Action? otherwise = null)
    {
        Line("\\if :" + variable);
        then();
        if (otherwise is not null)
        {
            Line("\\else");
            otherwise();
        }

        Line("\\endif");
    }

    /// <summary>Adds a command.</summary>
    /// <param name="script">How it is written.</param>
    /// <param name="command">The command.</param>
    public void Add(CommandScript script, SessionCommand command)
    {
        if (script.Plain(command) is { } sql)
        {
            Statement(sql);
        }
        else
        {
            Line($"SELECT {script.Expression(command)} \\gexec");
        }
    }

    /// <summary>Adds commands. A check that decides whether its revision runs is asked, and its answer kept.</summary>
    /// <param name="script">How they are written.</param>
    /// <param name="commands">The commands.</param>
    /// <returns>The checks that decide.</returns>
    public ImmutableArray<ScriptDecision> Add(CommandScript script, CommandList commands)
    {
        List<ScriptDecision> added = [];
        foreach (var command in commands)
        {
            if (command.Check is not { OnFail: OnFail.Skip or OnFail.MarkApplied } check)
            {
                Add(script, command);
                continue;
            }

            var decision = new ScriptDecision(check, string.Create(CultureInfo.InvariantCulture, $"tenancy_unmet_{++decisions}"));
            Ask($"SELECT NOT coalesce((\n{PsqlText.WithoutVariables(script.Query(check.Query.Template))}\n)::pg_catalog.bool, false) AS tenancy_unmet");
            // The first that is not met decides.
            var others = string.Concat(added.Select(static earlier => $" AND NOT :'{earlier.Variable}'::pg_catalog.bool"));
            Ask($"SELECT :'tenancy_unmet'::pg_catalog.bool{others} AS {decision.Variable}");
            added.Add(decision);
        }

        return [.. added];
    }
}

/// <summary>A requirement that decides whether its revision runs.</summary>
/// <param name="Check">The requirement.</param>
/// <param name="Variable">The psql variable that is true where it is the first that is not met.</param>
internal sealed record ScriptDecision(RevisionCheck Check, string Variable);
