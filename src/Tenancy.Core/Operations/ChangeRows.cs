using Tenancy.Core.Manifests;
using Tenancy.Core.Manifests.Forms;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Operations;

/// <summary><c>update</c> and <c>delete</c>: the rows of a table that meet a condition, in one statement or in batches.</summary>
public abstract record ChangeRows : Operation
{
    /// <summary>The key of the table.</summary>
    private protected static readonly FormKey TableKey = new("table", CommonForms.ObjectName, "The table.", IsRequired: true);

    /// <summary>The key of the condition.</summary>
    private protected static readonly FormKey WhereKey = new("where", CommonForms.Expression, "The condition that the rows meet; 'true' for all of them.", IsRequired: true);

    /// <summary>The table.</summary>
    public required ObjectName Table { get; init; }

    /// <summary>The condition.</summary>
    public required string Where { get; init; }

    /// <summary>How it is divided; null for one statement.</summary>
    public RowBatches? Batches { get; init; }

    /// <summary>What SQL calls the change: <c>UPDATE</c> or <c>DELETE</c>.</summary>
    internal abstract string Command { get; }

    /// <summary>The least lock on a row that keeps it as it is until its batch changes it (manual, 13.3.2).</summary>
    private protected abstract string RowLock { get; }

    /// <inheritdoc/>
    public sealed override IEnumerable<SourceText> ToSql(SqlTokens tokens) =>
        [Statement(Batches is null ? $"{ChangeSql(Table.ToSql(tokens, Scope), null)} WHERE ({Where})" : BatchSql(tokens, Batches, isFirst: true))];

    /// <inheritdoc/>
    public sealed override Inverse Invert() => InvertByUndo();

    /// <summary>The statement of every batch but the first, with the place where the one before ended as its parameters; null where there are no batches.</summary>
    /// <param name="tokens">The tokens to write for the schemas.</param>
    internal SourceText? NextBatch(SqlTokens tokens) => Batches is null ? null : Statement(BatchSql(tokens, Batches, isFirst: false));

    /// <summary>The statement without its condition.</summary>
    /// <param name="table">The table in SQL.</param>
    /// <param name="other">A relation to join; null for none.</param>
    private protected abstract string ChangeSql(string table, string? other);

    // Locking in the order of the key, and counting what was locked: a row that somebody else has changed meanwhile is looked at again, and does not count where it no longer fits.
    private string BatchSql(SqlTokens tokens, RowBatches batches, bool isFirst)
    {
        var table = Table.ToSql(tokens, Scope);
        var names = batches.Key.Select(SqlIdentifier.Quote).ToList();
        var aliases = names.Select(static (_, index) => $"tenancy_key_{index + 1}").ToList();
        var key = string.Join(", ", names);
        var behind = isFirst ? "" : $"({key}) > ({string.Join(", ", names.Select(static (_, index) => $"${index + 1}"))}) AND ";
        return $"""
            WITH tenancy_batch AS MATERIALIZED (
                SELECT {string.Join(", ", names.Zip(aliases, static (name, alias) => $"{name} AS {alias}"))} FROM {table}
                WHERE {behind}({Where})
                ORDER BY {key} LIMIT {batches.Size} {RowLock}
            ), tenancy_changed AS (
                {ChangeSql(table, "tenancy_batch")}
                WHERE {string.Join(" AND ", names.Zip(aliases, (name, alias) => $"{table}.{name} = tenancy_batch.{alias}"))}
                RETURNING 1
            )
            SELECT (SELECT pg_catalog.jsonb_build_array({string.Join(", ", aliases)})::pg_catalog.text FROM tenancy_batch ORDER BY {string.Join(", ", aliases.Select(static alias => $"{alias} DESC"))} LIMIT 1) AS tenancy_position,
                (SELECT pg_catalog.count(*) FROM tenancy_batch) AS tenancy_rows, (SELECT pg_catalog.count(*) FROM tenancy_changed) AS tenancy_changed
            """;
    }
}
