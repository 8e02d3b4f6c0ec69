using System.Collections.Immutable;
using System.Globalization;
using Npgsql;
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
    // Not to be guessed: a result of the manifest's own SQL must not be taken for the proof's.
    private static readonly string Column = $"tenancy_verdict_{Guid.NewGuid():N}";
    private const string Before = "tenancy_before";

    /// <summary>The columns of the proof's result.</summary>
    public static string Columns { get; } = $"verdict AS {Column}, class_oid::pg_catalog.int8, object_oid::pg_catalog.int8, object_schema, object_name, what";

    /// <summary>Adds the proof of a transaction on one schema, after the statements and before history.</summary>
    public static void AddProof(CommandList commands, RunContext context, PlacementScope scope)
    {
        commands.Add($"SELECT {context.History.Quoted}.assert_place($1::pg_catalog.text::pg_catalog.oid, pg_catalog.current_schema())", scope.OidTexts[0]);
        AddProof(commands, context, scope, hasHistory: false);
    }

    /// <summary>Adds the proof without what belongs to one schema alone.</summary>
    /// <param name="commands">The commands.</param>
    /// <param name="context">The run.</param>
    /// <param name="scope">Where changes may land.</param>
    /// <param name="hasHistory">True where the engine has written history in the same transaction already.</param>
    public static void AddProof(CommandList commands, RunContext context, PlacementScope scope, bool hasHistory)
    {
        var (schemas, names, touchesDatabase) = Resolve(scope.Touches, context);
        commands.Add(new SessionCommand(
            $"SELECT {Columns} FROM {context.History.Quoted}.prove($1::pg_catalog.text[]::pg_catalog.oid[], $2, $3, $4, $5)",
            [scope.OidTexts, hasHistory, schemas, names, touchesDatabase])
        {
            IsProof = true,
        });
    }

    /// <summary>True when the reader stands at the result of the proof.</summary>
    public static bool IsResult(NpgsqlDataReader reader) => reader.FieldCount == 6 && reader.GetName(0) == Column;

    /// <summary>Reads what does not certainly lie in the schema.</summary>
    public static async Task<List<PlacedObject>> ReadAsync(NpgsqlDataReader reader, CancellationToken cancellation)
    {
        List<PlacedObject> objects = [];
        while (await reader.ReadAsync(cancellation))
        {
            objects.Add(new(
                reader.GetString(0),
                await reader.IsDBNullAsync(1, cancellation) ? 0 : reader.GetInt64(1),
                await reader.IsDBNullAsync(2, cancellation) ? 0 : reader.GetInt64(2),
                await reader.IsDBNullAsync(3, cancellation) ? null : reader.GetString(3),
                await reader.IsDBNullAsync(4, cancellation) ? null : reader.GetString(4)));
        }

        return objects;
    }

    /// <summary>Finds where dropped and moved objects were, and refuses what lies outside.</summary>
    /// <exception cref="PlacementException">Something landed outside the schema.</exception>
    public static async Task EnsureInsideAsync(
        NpgsqlConnection connection, List<PlacedObject> suspects, RunContext context, PlacementScope scope, PlanStage last, CancellationToken cancellation)
    {
        var before = await FindBeforeAsync(connection, suspects, context, cancellation);
        var outside = await FindOutsideAsync(connection, suspects, before, context, scope, cancellation);
        if (!outside.IsEmpty)
        {
            throw new PlacementException(last, outside);
        }
    }

    /// <summary>What lies outside, as text.</summary>
    /// <param name="connection">The connection, in the transaction.</param>
    /// <param name="suspects">What the proof gave.</param>
    /// <param name="before">Where of these was what is dropped or moved.</param>
    /// <param name="context">The run.</param>
    /// <param name="scope">Where changes may land.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<ImmutableArray<string>> FindOutsideAsync(
        NpgsqlConnection connection, List<PlacedObject> suspects, List<PlacedObject> before, RunContext context, PlacementScope scope, CancellationToken cancellation)
    {
        var outside = suspects.Where(static suspect => suspect.Verdict == "outside").ToList();
        // A table that was changed names what was dropped of it already.
        var changed = outside.Select(static other => (other.Schema, other.Name)).ToHashSet();
        outside.AddRange((await OutsideAsync(connection, before, context, scope, cancellation)).Where(other => !changed.Contains((other.Schema, other.Name))));
        return [.. outside.Select(static suspect => suspect.ToString()).Distinct().Order(StringComparer.Ordinal)];
    }

    /// <summary>
    /// Keeps the catalog as it is before the statements, for <see cref="FindBeforeAsync"/>: a cursor shows what its snapshot shows, also after the transaction
    /// has dropped it (manual, DECLARE). A second connection could do so too, but behind a pooler two runs that hold one each would wait for each other.
    /// It reads nothing until it is asked, and ends with the transaction.
    /// </summary>
    /// <param name="commands">The commands, before the first statement.</param>
    /// <param name="context">The run.</param>
    public static void AddBefore(CommandList commands, RunContext context)
    {
        commands.Add(
            $"""
            DECLARE {Before} NO SCROLL CURSOR FOR
            SELECT o.class_oid::pg_catalog.int8, u.object, o.schema_name, o.object_name::pg_catalog.text
            FROM ROWS FROM (pg_catalog.unnest({Setting("classes", "int8")}), pg_catalog.unnest({Setting("objects", "int8")})) AS u (class, object)
            CROSS JOIN LATERAL {context.History.Quoted}.locate(u.class::pg_catalog.oid, u.object::pg_catalog.oid) o
            """);

        // For the proof itself, which names it (own_versions.sql).
        commands.Add($"DECLARE tenancy_columns NO SCROLL CURSOR FOR SELECT a FROM pg_catalog.pg_attribute a WHERE a.attrelid = ANY ({Setting("relations", "oid")})");
    }

    // The planner asks for the value too, before it is set: it is unknown then, or empty after an earlier transaction of the session.
    private static string Setting(string name, string type) => $"nullif(pg_catalog.current_setting('tenancy.{name}', true), '')::pg_catalog.{type}[]";

    /// <summary>Where what was dropped or moved in lay before the transaction; nothing of what it made itself.</summary>
    /// <param name="connection">The connection, in the transaction.</param>
    /// <param name="suspects">What the proof gave.</param>
    /// <param name="context">The run.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<List<PlacedObject>> FindBeforeAsync(NpgsqlConnection connection, IEnumerable<PlacedObject> suspects, RunContext context, CancellationToken cancellation)
    {
        var verdicts = suspects.Where(static suspect => suspect.Verdict != "outside").DistinctBy(static suspect => (suspect.Class, suspect.Object))
            .ToDictionary(static suspect => (suspect.Class, suspect.Object), static suspect => suspect.Verdict);
        List<PlacedObject> found = [];
        if (verdicts.Count == 0)
        {
            return found;
        }

        await using var batch = new NpgsqlBatch(connection);
        batch.Add(
            "SELECT pg_catalog.set_config('tenancy.classes', $1::pg_catalog.text, true), pg_catalog.set_config('tenancy.objects', $2::pg_catalog.text, true)",
            verdicts.Keys.Select(static key => key.Class).ToArray(),
            verdicts.Keys.Select(static key => key.Object).ToArray());
        batch.Add($"FETCH ALL FROM {Before}");
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        await reader.NextResultAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var key = (reader.GetInt64(0), reader.GetInt64(1));
            found.Add(new(verdicts[key], key.Item1, key.Item2, await reader.IsDBNullAsync(2, cancellation) ? null : reader.GetString(2), reader.GetString(3)));
        }

        return found;
    }

    /// <summary>What of these lies outside.</summary>
    public static async Task<List<PlacedObject>> OutsideAsync(
        NpgsqlConnection connection, List<PlacedObject> found, RunContext context, PlacementScope scope, CancellationToken cancellation)
    {
        var others = found.Where(other => other.Schema is null || !scope.Schemas.Contains(other.Schema)).ToList();
        if (others.Count == 0)
        {
            return others;
        }

        var (schemas, names, touchesDatabase) = Resolve(scope.Touches, context);
        await using var batch = new NpgsqlBatch(connection);
        batch.Add(
            $"""
            SELECT (u.number - 1)::pg_catalog.int4
            FROM ROWS FROM (pg_catalog.unnest($1::pg_catalog.text[]), pg_catalog.unnest($2::pg_catalog.text[])) WITH ORDINALITY AS u (schema_name, object_name, number)
            WHERE CASE WHEN u.schema_name IS NULL THEN NOT $5
              ELSE NOT {context.History.Quoted}.is_declared(u.schema_name::pg_catalog.name, u.object_name::pg_catalog.name, $3, $4)
                AND u.schema_name <> 'pg_toast' AND u.schema_name !~ '^pg_(toast_)?temp_' END
            """,
            others.Select(static other => other.Schema).ToArray(),
            others.Select(static other => other.Name).ToArray(),
            schemas,
            names,
            touchesDatabase);
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        List<PlacedObject> outside = [];
        while (await reader.ReadAsync(cancellation))
        {
            outside.Add(others[reader.GetInt32(0)]);
        }

        return outside;
    }

    // Manifests write tokens or real names; the catalog has real names.
    private static (string[] Schemas, string[] Names, bool Database) Resolve(ImmutableArray<Touch> touches, RunContext context)
    {
        var named = touches.Where(static touch => touch.Name.Length > 0).ToList();
        return (
            [.. named.Select(touch => touch.Schema == context.Project.Tokens.Shared ? context.Project.SharedSchema : touch.Schema)],
            [.. named.Select(static touch => touch.Name)],
            touches.Any(static touch => touch.Name.Length == 0));
    }
}

/// <summary>An object that a transaction changed.</summary>
/// <param name="Verdict"><c>outside</c>, <c>dropped</c> or <c>arrived</c>.</param>
/// <param name="Class">The OID of its catalog.</param>
/// <param name="Object">Its OID there; 0 when unknown.</param>
/// <param name="Schema">Its schema; null when it lies in none.</param>
/// <param name="Name">Its name, or its catalog's.</param>
internal sealed record PlacedObject(string Verdict, long Class, long Object, string? Schema, string? Name)
{
    /// <inheritdoc/>
    public override string ToString() => (Verdict, Schema) switch
    {
        (_, null) => $"{Name} (in no schema)",
        ("dropped", _) => $"{Schema}.{Name} (dropped)",
        ("arrived", _) => $"{Schema}.{Name} (moved away)",
        _ => $"{Schema}.{Name}",
    };
}
