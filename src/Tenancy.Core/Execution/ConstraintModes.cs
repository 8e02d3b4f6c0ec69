using Tenancy.Core.Planning;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Execution;

/// <summary>
/// <c>SET CONSTRAINTS</c> within a transaction of several parts, by name: <c>ALL</c> would be the mode of what is made afterwards too, until the transaction ends (manual, SET CONSTRAINTS), so that
/// a later part's new keys were not checked when they say.
/// </summary>
internal static class ConstraintModes
{
    /// <summary>The command that lets the constraints of a part's schemas be checked when their definitions say: a part before may have left them otherwise.</summary>
    /// <param name="schemas">The schemas, unquoted.</param>
    public static string Begin(IEnumerable<string> schemas) => Block("constraints_begin", schemas);

    /// <summary>The command that checks what is deferred of a part's schemas; as whoever ran the statements, so that it needs no right to the history.</summary>
    /// <param name="schemas">The schemas, unquoted.</param>
    public static string End(IEnumerable<string> schemas) => Block("constraints_end", schemas);

    /// <summary>The schemas in which a part may leave something deferred: its own, and those that its revisions declare to touch.</summary>
    /// <param name="context">The run.</param>
    /// <param name="target">The part's schema.</param>
    /// <param name="transaction">The part.</param>
    public static IEnumerable<string> SchemasOf(RunContext context, SchemaTarget target, PlanTransaction transaction) =>
        transaction.Touches.Where(static touch => touch.Name.Length > 0).Select(context.SchemaOf).Prepend(target.Schema).Distinct(StringComparer.Ordinal);

    // A string and no dollar quotes, which a schema's name might end.
    private static string Block(string file, IEnumerable<string> schemas) =>
        "DO " + SqlLiteral.Quote(EmbeddedSql.Read(file).Replace("@schemas@", SqlLiteral.Array([.. schemas]), StringComparison.Ordinal));
}
