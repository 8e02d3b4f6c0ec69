using Tenancy.Core.Execution;
using Tenancy.Core.Manifests;
using Tenancy.Core.Sql;
using Tenancy.Model;

namespace Tenancy.Core.Scripts;

/// <summary>
/// The commands of a run as a script has them. What is known is written down; what is not (a secret, the tenant in a loop) the server puts together, escaped for its place as the run does.
/// </summary>
/// <param name="values">What templates are filled with; stand-ins for what is unknown.</param>
/// <param name="secrets">The names of arguments that are psql variables.</param>
/// <param name="standIn">In a loop over tenants, what stands for the tenant's schema and name; else null.</param>
internal sealed class CommandScript(SqlValues values, IReadOnlySet<string> secrets, string? standIn = null)
{
    /// <summary>The tenant's schema, and name, in the query of a loop.</summary>
    public const string TenantExpression = "t.schema";

    /// <summary>SQLSTATE of a check that does not hold.</summary>
    private const string CheckFailed = "TN010";

    /// <summary>True once a value went into dollar quotes, where it is safe only as long as it has no dollar sign.</summary>
    public bool NeedsNoDollar { get; private set; }

    /// <summary>The psql variable of a secret argument.</summary>
    public static string Variable(string argument) => "x_" + argument.Replace('-', '_');

    /// <summary>The SQL of a command; null where it has to be put together by the server.</summary>
    public string? Plain(SessionCommand command)
    {
        if (Template(command) is { } template && IsUnknown(template))
        {
            return null;
        }

        var sql = PsqlText.WithoutVariables(Sql(command));
        return Holds(sql) ? null : IsBlock(command) ? "DO " + PsqlText.DollarQuote(Block(command, sql)) : sql;
    }

    /// <summary>A query that psql asks itself.</summary>
    /// <exception cref="TenancyException"><c>NotForScript</c>: it needs what is not known.</exception>
    public string Query(SqlTemplate template) => IsUnknown(template) ? throw NotForScript(template, "it decides how the script goes on", "and needs a value that is not known") : template.Render(values);

    /// <summary>The SQL expression that gives a command's SQL.</summary>
    /// <exception cref="TenancyException"><c>NotForScript</c>: the value would not be safe, or exact, in its place.</exception>
    public string Expression(SessionCommand command)
    {
        var text = new ServerText();
        if (!IsBlock(command))
        {
            AddSql(text, command);
            return text.Expression;
        }

        var (before, after) = Frame(command);
        text.Add(before);
        AddSql(text, command);
        return $"'DO ' || pg_catalog.quote_literal({text.Add(after).Expression})";
    }

    // A query's result would only be shown; PERFORM passes over it.
    private static bool IsBlock(SessionCommand command) => command.Check is not null || (command.Statement is null && command.Text.StartsWith("SELECT ", StringComparison.Ordinal));

    private static string Block(SessionCommand command, string sql)
    {
        var (before, after) = Frame(command);
        return before + sql + after;
    }

    private static (string Before, string After) Frame(SessionCommand command)
    {
        if (command.Check is not { } check)
        {
            return ("BEGIN PERFORM ", "; END");
        }

        var title = $"{check.Stage.Revision.Manifest.Title}: {check.Message}";
        var level = check.OnFail == OnFail.Warn ? "RAISE WARNING USING" : $"RAISE EXCEPTION USING ERRCODE = '{CheckFailed}',";
        return ("#variable_conflict use_column\nBEGIN IF (\n", $"\n)::pg_catalog.bool IS NOT TRUE THEN {level} MESSAGE = {SqlLiteral.Quote(title)}; END IF; END");
    }

    private string Sql(SessionCommand command) => Template(command) is { } template ? template.Render(values)
        : IsBlock(command) ? ScriptLiteral.Fill(command)["SELECT ".Length..]
        : ScriptLiteral.Fill(command);

    private void AddSql(ServerText text, SessionCommand command)
    {
        if (Template(command) is { } template)
        {
            AddTemplate(text, template);
        }
        else
        {
            AddOwn(text, Sql(command));
        }
    }

    private static SqlTemplate? Template(SessionCommand command) => command.Statement?.Statement.Template ?? command.Check?.Query.Template;

    private bool IsUnknown(SqlTemplate template) => template.Segments.Any(segment => segment.Kind != SqlSegmentKind.Text && Find(segment) is not null);

    private bool Holds(string sql) => standIn is not null && sql.Contains(standIn, StringComparison.Ordinal);

    private void AddTemplate(ServerText text, SqlTemplate template)
    {
        for (var i = 0; i < template.Segments.Length; i++)
        {
            var segment = template.Segments[i];
            if (segment.Kind == SqlSegmentKind.Text)
            {
                text.Add(segment.Text);
            }
            else if (Find(segment) is not { } expression)
            {
                text.Add(SqlEscaping.Apply(SqlTemplate.Value(segment, values), segment.Escapes));
            }
            else
            {
                Ensure(template, i);
                text.AddExpression(ServerText.Escape(expression, segment.Escapes));
            }
        }
    }

    // Rendering checks a name's length and a body's end; what the server puts together cannot be checked so.
    private void Ensure(SqlTemplate template, int index)
    {
        var segment = template.Segments[index];
        var isSecret = segment.Kind == SqlSegmentKind.Argument;
        if (segment.Escapes[0] == SqlEscape.InsideIdentifier)
        {
            throw NotForScript(template, isSecret ? "a secret is part of a name" : "the tenant is part of a name", "whose length is not known");
        }

        if (segment.DollarTag.IsDefaultOrEmpty)
        {
            return;
        }

        var touches = (index > 0 && template.Segments[index - 1] is { Kind: SqlSegmentKind.Text, Text: [.., '$'] })
            || (index + 1 < template.Segments.Length && template.Segments[index + 1] is { Kind: SqlSegmentKind.Text, Text: ['$', ..] });
        if (isSecret || touches)
        {
            throw NotForScript(template, isSecret ? "a secret stands in dollar quotes" : "the tenant touches a dollar sign", "which its value could close");
        }

        NeedsNoDollar = true;
    }

    private static TenancyException NotForScript(SqlTemplate template, string what, string why) => new(
        "NotForScript",
        $"The script cannot have this statement: {what}, {why}: {SqlPlaceholder.Shorten(template.Source.ReplaceLineEndings(" "))}",
        "Write one script a tenant, with -IncludeSecret where the value is a secret, or migrate with Invoke-TenantMigration.");

    private string? Find(SqlSegment segment) => segment.Kind switch
    {
        SqlSegmentKind.TenantSchema or SqlSegmentKind.TenantName when standIn is not null => TenantExpression,
        SqlSegmentKind.Argument when secrets.Contains(segment.Text) => $":'{Variable(segment.Text)}'",
        _ => null,
    };

    // The engine's own SQL has stand-ins in strings and in quoted names.
    private void AddOwn(ServerText text, string sql)
    {
        foreach (var token in SqlLexer.Tokenize(sql))
        {
            var part = sql.Substring(token.Start, token.Length);
            SqlEscape[] outer = token.Kind switch
            {
                SqlTokenKind.String => [SqlEscape.InsideLiteral],
                SqlTokenKind.EscapeString => [SqlEscape.InsideEscapeLiteral],
                _ => [],
            };
            for (int at; standIn is not null && (at = part.IndexOf(standIn, StringComparison.Ordinal)) >= 0; part = part[(at + standIn.Length)..])
            {
                var isQuoted = at > 0 && part[at - 1] == '"';
                text.Add(part.AsSpan(0, at)).AddExpression(ServerText.Escape(TenantExpression, isQuoted ? [SqlEscape.InsideIdentifier, .. outer] : outer));
            }

            text.Add(part);
        }
    }
}
