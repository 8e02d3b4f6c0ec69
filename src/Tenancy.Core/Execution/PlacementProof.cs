using System.Collections.Immutable;
using System.Globalization;
using Tenancy.Core.History;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;

namespace Tenancy.Core.Execution;

/// <summary>
/// Proves that a transaction's changes landed in its schema: relations by the locks held, other objects by the catalogs that changed. What the
/// transaction dropped or moved in is looked up in the catalog as it was before. <c>docs/placement.md</c> says what cannot be proved.
/// </summary>
internal static class PlacementProof
{
    /// <summary>SQLSTATE of the proof: something landed outside the schema.</summary>
    public const string Outside = "TN014";

    /// <summary>Keeps the catalog as it is before the statements (<c>session.sql</c>).</summary>
    /// <param name="commands">The commands, before the first statement.</param>
    /// <param name="context">The run.</param>
    public static void AddBefore(CommandList commands, RunContext context) => commands.Add($"SELECT {context.History.Quoted}.keep_before()");

    /// <summary>Adds the proof, after the statements and before history. It raises <see cref="Outside"/>.</summary>
    /// <param name="commands">The commands.</param>
    /// <param name="context">The run.</param>
    /// <param name="target">The schema.</param>
    /// <param name="transaction">The transaction.</param>
    /// <param name="state">The state that it was planned for.</param>
    /// <param name="isNew">True where the transaction has made the schema, since <see cref="AddBefore"/>.</param>
    public static void AddProof(CommandList commands, RunContext context, SchemaTarget target, PlanTransaction transaction, SchemaState state, bool isNew = false) =>
        commands.Add(new SessionCommand(
            isNew
                ? $"SELECT {context.History.Quoted}.assert_place($1::pg_catalog.text::pg_catalog.oid, pg_catalog.current_schema()), {context.History.Quoted}.assert_placement_in(ARRAY[$1::pg_catalog.text::pg_catalog.oid], false, true, $2, $3, $4)"
                : $"SELECT {context.History.Quoted}.assert_placement($1::pg_catalog.text::pg_catalog.oid, pg_catalog.current_schema(), $2, $3, $4)",
            [target.Oid(state.Oid!.Value), .. Declared(transaction.Touches, context)])
        {
            Proved = transaction,
        });

    /// <summary>Adds the end of a schema's part in a transaction of many: that it began and ended in one place, and left the history alone. It raises <see cref="Outside"/>.</summary>
    /// <param name="commands">The commands.</param>
    /// <param name="context">The run.</param>
    /// <param name="target">The schema.</param>
    /// <param name="transaction">What its plan has for it.</param>
    /// <param name="state">The state that it was planned for.</param>
    public static void AddEndOfPart(CommandList commands, RunContext context, SchemaTarget target, PlanTransaction transaction, SchemaState state) =>
        commands.Add(new SessionCommand($"SELECT {context.History.Quoted}.end_part($1::pg_catalog.text::pg_catalog.oid, pg_catalog.current_schema())", [target.Oid(state.Oid!.Value)])
        {
            Proved = transaction,
        });

    /// <summary>Adds the proof of a transaction of many schemas. It raises <see cref="Outside"/>.</summary>
    /// <param name="commands">The commands.</param>
    /// <param name="context">The run.</param>
    /// <param name="schemas">The OIDs of the schemas.</param>
    /// <param name="touches">What its revisions declare beside.</param>
    /// <param name="areNew">True where it has made all of them, since <see cref="AddBefore"/>, and has not written history yet.</param>
    public static void AddProofOfMany(CommandList commands, RunContext context, IEnumerable<uint> schemas, IReadOnlyCollection<Touch> touches, bool areNew = false) => commands.Add(
        $"SELECT {context.History.Quoted}.assert_placement_in($1::pg_catalog.text[]::pg_catalog.oid[], $2, $3, $4, $5, $6)",
        [schemas.Select(static oid => oid.ToString(CultureInfo.InvariantCulture)).ToArray(), !areNew, areNew, .. Declared(touches, context)]);

    private static object?[] Declared(IReadOnlyCollection<Touch> touches, RunContext context)
    {
        ImmutableArray<Touch> named = [.. touches.Where(static touch => touch.Name.Length > 0), .. context.Project.DdlLog];
        return
        [
            named.Select(context.SchemaOf).ToArray(),
            named.Select(static touch => touch.Name).ToArray(),
            touches.Any(static touch => touch.Name.Length == 0),
        ];
    }
}
