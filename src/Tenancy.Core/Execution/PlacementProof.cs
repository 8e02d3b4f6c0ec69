using System.Collections.Immutable;
using System.Globalization;
using Npgsql;
using Tenancy.Core.History;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;

namespace Tenancy.Core.Execution;

/// <summary>
/// Proves that a transaction's changes landed in its schema: relations by the locks held, other objects by the catalogs that changed. What the
/// transaction dropped or moved in only another connection can still resolve. <c>docs/placement.md</c> says what cannot be proved.
/// </summary>
internal static class PlacementProof
{
    private const string Column = "tenancy_verdict";

    /// <summary>Adds the proof, after the statements and before history.</summary>
    public static void AddProof(NpgsqlBatch batch, RunContext context, ImmutableArray<Touch> touches, SchemaState state)
    {
        var (schemas, names, touchesDatabase) = Resolve(touches, context);
        batch.Add(
            $"""
            SELECT verdict AS {Column}, class_oid::pg_catalog.int8, object_oid::pg_catalog.int8, object_schema, object_name, what
            FROM {context.History.Quoted}.prove($1::pg_catalog.text::pg_catalog.oid, pg_catalog.current_schema(), $2, $3, $4)
            """,
            state.Oid!.Value.ToString(CultureInfo.InvariantCulture),
            schemas,
            names,
            touchesDatabase);
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

    /// <summary>Asks another connection where dropped and moved objects were, and refuses what lies outside.</summary>
    /// <exception cref="PlacementException">Something landed outside the schema.</exception>
    public static async Task EnsureInsideAsync(
        List<PlacedObject> suspects, RunContext context, SchemaTarget target, ImmutableArray<Touch> touches, PlanTransaction transaction, CancellationToken cancellation)
    {
        var outside = suspects.Where(static suspect => suspect.Verdict == "outside").ToList();
        var unresolved = suspects.Where(static suspect => suspect.Verdict != "outside").ToList();
        if (unresolved.Count > 0)
        {
            // A table that was changed names what was dropped of it already.
            var changed = outside.Select(static other => (other.Schema, other.Name)).ToHashSet();
            outside.AddRange((await LocateAsync(unresolved, context, target, touches, cancellation)).Where(other => !changed.Contains((other.Schema, other.Name))));
        }

        if (outside.Count > 0)
        {
            throw new PlacementException(transaction.Stages[^1], [.. outside.Select(static suspect => suspect.ToString()).Distinct().Order(StringComparer.Ordinal)]);
        }
    }

    /// <summary>What of these another connection finds in other schemas, as they were before the transaction.</summary>
    public static async Task<List<PlacedObject>> LocateAsync(
        List<PlacedObject> unresolved, RunContext context, SchemaTarget target, ImmutableArray<Touch> touches, CancellationToken cancellation)
    {
        var (schemas, names, touchesDatabase) = Resolve(touches, context);
        await using var observer = await context.Connector.OpenAsync(target.Address, cancellation);
        await using var batch = new NpgsqlBatch(observer);
        batch.Add(
            $"""
            SELECT o.class_oid::pg_catalog.int8, u.object::pg_catalog.int8, o.schema_name, o.object_name::pg_catalog.text
            FROM ROWS FROM (pg_catalog.unnest($1::pg_catalog.int8[]), pg_catalog.unnest($2::pg_catalog.int8[])) AS u (class, object)
            CROSS JOIN LATERAL {context.History.Quoted}.locate(u.class::pg_catalog.oid, u.object::pg_catalog.oid) o
            WHERE CASE WHEN o.schema_name IS NULL THEN NOT $6
              ELSE o.schema_name <> $3 AND NOT {context.History.Quoted}.is_declared(o.schema_name::pg_catalog.name, o.object_name, $4, $5)
                AND o.schema_name <> 'pg_toast' AND o.schema_name !~ '^pg_(toast_)?temp_' END
            """,
            unresolved.Select(static suspect => suspect.Class).ToArray(),
            unresolved.Select(static suspect => suspect.Object).ToArray(),
            target.Schema,
            schemas,
            names,
            touchesDatabase);
        var verdicts = unresolved.DistinctBy(static suspect => (suspect.Class, suspect.Object)).ToDictionary(static suspect => (suspect.Class, suspect.Object), static suspect => suspect.Verdict);
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        List<PlacedObject> outside = [];
        while (await reader.ReadAsync(cancellation))
        {
            var key = (reader.GetInt64(0), reader.GetInt64(1));
            outside.Add(new(verdicts[key], key.Item1, key.Item2, await reader.IsDBNullAsync(2, cancellation) ? null : reader.GetString(2), reader.GetString(3)));
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
