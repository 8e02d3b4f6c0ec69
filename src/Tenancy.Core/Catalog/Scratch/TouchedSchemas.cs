using Npgsql;
using Tenancy.Core.Execution;
using Tenancy.Core.Manifests;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Catalog.Scratch;

/// <summary>What schemas are like that revisions declare to touch, as far as a transaction can have changed them: their shapes, and which of their relations have rows that it may have written. A key to a table changes neither.</summary>
internal sealed class TouchedSchemas
{
    private readonly Dictionary<string, string> shapes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> files = new(StringComparer.Ordinal);
    private readonly List<string> written = [];

    /// <summary>Looks.</summary>
    /// <param name="connection">The connection, in the transaction.</param>
    /// <param name="context">The run.</param>
    /// <param name="touches">What is declared.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<TouchedSchemas> ReadAsync(NpgsqlConnection connection, RunContext context, IEnumerable<Touch> touches, CancellationToken cancellation)
    {
        var touched = new TouchedSchemas();
        string[] schemas = [.. touches.Where(static touch => touch.Name.Length > 0).Select(context.SchemaOf).Distinct(StringComparer.Ordinal)];
        if (schemas.Length == 0)
        {
            return touched;
        }

        await foreach (var (schema, shape) in FleetFingerprints.ReadAsync(connection, schemas, cancellation))
        {
            touched.shapes[schema] = shape;
        }

        await using var batch = new NpgsqlBatch(connection);
        batch.Add(EmbeddedSql.Read("touched_relations"), (object)schemas);
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            touched.files[reader.GetString(0)] = reader.GetString(1);
            if (reader.GetBoolean(2))
            {
                touched.written.Add(reader.GetString(0));
            }
        }

        return touched;
    }

    /// <summary>What the transaction may have changed since an earlier look; null for nothing.</summary>
    /// <param name="before">The earlier look.</param>
    public string? FindChange(TouchedSchemas before)
    {
        var rows = written.Concat(files.Where(pair => before.files.TryGetValue(pair.Key, out var file) && file != pair.Value).Select(static pair => pair.Key)).FirstOrDefault();
        return rows is not null ? $"rows of {rows}"
            : shapes.Keys.Union(before.shapes.Keys).FirstOrDefault(schema => shapes.GetValueOrDefault(schema) != before.shapes.GetValueOrDefault(schema)) is { } schema ? $"objects of schema {schema}"
            : null;
    }
}
