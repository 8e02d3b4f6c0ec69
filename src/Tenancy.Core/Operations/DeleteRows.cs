using System.Collections.Immutable;
using Tenancy.Core.Manifests;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Operations;

/// <summary>What undoes <c>insert</c>. Manifests have no word for it: they write <c>sql</c>.</summary>
public sealed record DeleteRows : Operation
{
    /// <inheritdoc/>
    public override string Name => "delete";

    /// <summary>The table.</summary>
    public required ObjectName Table { get; init; }

    /// <summary>The columns that tell the rows apart.</summary>
    public required ImmutableArray<string> Key { get; init; }

    /// <summary>Their values, a row each.</summary>
    public required ImmutableArray<ImmutableArray<SqlValue>> Values { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<SourceText> ToSql(SqlTokens tokens)
    {
        var head = $"DELETE FROM {Table.ToSql(tokens, Scope)} WHERE {(Key.Length == 1 ? SqlIdentifier.Quote(Key[0]) : $"({SqlText.QuoteAll(Key)})")} IN (\n    ";
        return Values.Chunk(InsertRows.RowsPerStatement).Select(rows => Statement(head + string.Join(",\n    ", rows.Select(Row)) + "\n)"));
    }

    /// <inheritdoc/>
    public override Inverse Invert() => Inverse.None("Rows that were deleted are gone.");

    private static string Row(ImmutableArray<SqlValue> row)
    {
        var values = string.Join(", ", row.Select(static value => value.Sql));
        return row.Length == 1 ? values : $"({values})";
    }
}
