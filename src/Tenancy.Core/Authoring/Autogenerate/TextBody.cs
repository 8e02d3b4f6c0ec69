using System.Text.RegularExpressions;
using Npgsql;
using Tenancy.Core.Execution;
using Tenancy.Core.Manifests;
using Tenancy.Core.Revisions;
using Tenancy.Core.Safety.Reading;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Authoring.Autogenerate;

/// <summary>
/// A routine's body that is a string, with a bare name in it. What the server prints (types, expressions, bodies with BEGIN ATOMIC) is read with the token; such a body is kept as it was written, and was read where bare names
/// are the tenant's. In token mode they are nobody's.
/// </summary>
/// <param name="Kind"><c>function</c> or <c>procedure</c>.</param>
/// <param name="Name">Its name as manifests write it.</param>
/// <param name="Token">The token of its schema.</param>
internal sealed partial record TextBody(string Kind, string Name, string Token)
{
    /// <summary>What is wrong.</summary>
    public string Problem => $"The body of {Kind} {Name} is text, which is written as it is: in token mode a bare name in it belongs nowhere.";

    /// <summary>What to do.</summary>
    /// <param name="direction">The side that makes the routine: up as it is to be, down as it is.</param>
    public string Action(RevisionDirection direction) => direction == RevisionDirection.Up
        ? $"Where it is said how the schema is to be, write the schema before the tenant's names in the body of {Name} (in SQL files {Token}.name), or give it a SET search_path of that schema, or a body with BEGIN ATOMIC. Or leave it out with {Exclusion}."
        : $"Change {Kind} {Name} as it is now first, by a manifest of its own that cannot be undone: with {Token}.name in its body, SET search_path, or a body with BEGIN ATOMIC. Or leave it out with {Exclusion}.";

    private string Exclusion => $"-Exclude '{Kind}:{Name}*'";

    /// <summary>The routine that a failed statement makes; null where it failed for something else.</summary>
    /// <param name="failed">The failure.</param>
    /// <param name="project">The project.</param>
    public static TextBody? Find(StatementException failed, TenancyProject project)
    {
        if (project.Mode != SchemaMode.Token || failed.Statement is not { } planned || !IsBareName(failed)
            || failed.Error.SqlState is not (PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedFunction or PostgresErrorCodes.UndefinedObject))
        {
            return null;
        }

        var text = StatementText.Read(planned.Statement, project.Tokens, planned.Operation.Scope);
        return SqlRoutine.FindBody(text.Code, 0, text.Code.Count) is { Runs: false } && text.Target is { } routine
            ? new(planned.Statement.Command.EndsWith("PROCEDURE", StringComparison.Ordinal) ? "procedure" : "function", routine.Name, routine.Schema)
            : null;
    }

    // Where the server points to. A name of a sequence stands in a string.
    private static bool IsBareName(StatementException failed) => failed.Error.Position is > 0 and var position && position <= failed.Sql.Length && BareName().IsMatch(failed.Sql, position - 1);

    [GeneratedRegex("""\G'*(?>"(?:[^"]|"")+"|[\p{L}_][\w$]*)(?!\s*\.)""", RegexOptions.CultureInvariant)]
    private static partial Regex BareName();
}
