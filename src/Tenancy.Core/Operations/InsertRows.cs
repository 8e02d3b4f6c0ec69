using System.Collections.Immutable;
using Tenancy.Core.Manifests;
using Tenancy.Core.Manifests.Forms;
using Tenancy.Core.Manifests.Yaml;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Operations;

/// <summary><c>insert</c>.</summary>
public sealed record InsertRows : Operation
{
    /// <summary>Rows a statement: enough for speed, few enough for the server's parser.</summary>
    private const int RowsPerStatement = 1000;

    /// <summary>How manifests write it.</summary>
    internal static readonly OperationDefinition Definition = new("insert", "Inserts rows into a table.",
        new ObjectForm("a mapping with 'table' and 'rows'",
            new FormKey("table", CommonForms.ObjectName, "The table.", IsRequired: true),
            new FormKey("rows", new ListForm(new MapForm(CommonForms.Name, SqlValue.Form, "a mapping of columns to values"), "a list of rows, each a mapping of columns to values"), "The rows. A column that a row leaves out gets its default.", IsRequired: true),
            new FormKey("key", CommonForms.OneOrMoreNames, "The columns that tell the rows apart, so that 'down: auto' can delete them.")),
        Build);

    /// <inheritdoc/>
    public override string Name => Definition.Name;

    /// <summary>The table.</summary>
    public required ObjectName Table { get; init; }

    /// <summary>The columns that any row names, in the order of their first mention.</summary>
    public required ImmutableArray<string> Columns { get; init; }

    /// <summary>The rows: a value for each column, null for its default.</summary>
    public required ImmutableArray<ImmutableArray<SqlValue?>> Rows { get; init; }

    /// <summary>The columns that tell the rows apart; empty when not said.</summary>
    public ImmutableArray<string> Key { get; init; } = [];

    /// <inheritdoc/>
    public override IEnumerable<SourceText> ToSql(SqlTokens tokens)
    {
        var head = $"INSERT INTO {Table.ToSql(tokens, Scope)} ({SqlText.QuoteAll(Columns)}) VALUES\n    ";
        return Rows.Chunk(RowsPerStatement).Select(rows => Statement(head + string.Join(",\n    ",
            rows.Select(static row => $"({string.Join(", ", row.Select(static value => value?.Sql ?? "DEFAULT"))})"))));
    }

    /// <inheritdoc/>
    public override Inverse Invert()
    {
        if (Key.IsEmpty)
        {
            return Inverse.None("'down: auto' does not know what tells these rows apart. Add 'key: [columns]' to delete them by it, write 'down' yourself, or 'down: {irreversible: why}'.");
        }

        var places = Key.Select(column => Columns.IndexOf(column)).ToList();
        var key = Key.Length == 1 ? SqlIdentifier.Quote(Key[0]) : $"({SqlText.QuoteAll(Key)})";

        // Of a row without its key the reader has complained.
        string Value(ImmutableArray<SqlValue?> row, int place) => place < 0 ? "NULL" : row[place]?.Sql ?? "NULL";
        string Values(ImmutableArray<SqlValue?> row) => Key.Length == 1 ? Value(row, places[0]) : $"({string.Join(", ", places.Select(place => Value(row, place)))})";
        return Inverse.By([.. Rows.Chunk(RowsPerStatement).Select(rows => new DeleteRows
        {
            Position = Position,
            Scope = Scope,
            Table = Table,
            Where = $"{key} IN (\n    {string.Join(",\n    ", rows.Select(Values))}\n)",
        })]);
    }

    private static InsertRows Build(YamlNode node, BuildContext context)
    {
        var fields = Fields.Of(node);
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var entry in fields.Items("rows").SelectMany(static row => ((YamlMapping)row).Entries))
        {
            places.TryAdd(entry.Key.Value, places.Count);
        }

        var key = fields.Texts("key");
        var rows = fields.Items("rows").Select(row => BuildRow((YamlMapping)row, places, key, context)).ToImmutableArray();
        return new InsertRows
        {
            Position = context.Position,
            Scope = context.Scope,
            Table = fields.Name("table"),
            Columns = [.. places.OrderBy(static place => place.Value).Select(static place => place.Key)],
            Rows = rows,
            Key = key,
        };
    }

    private static ImmutableArray<SqlValue?> BuildRow(YamlMapping row, Dictionary<string, int> places, ImmutableArray<string> key, BuildContext context)
    {
        var values = new SqlValue?[places.Count];
        foreach (var entry in row.Entries)
        {
            values[places[entry.Key.Value]] = SqlValue.Of(entry.Value);
        }

        foreach (var column in key)
        {
            var value = places.TryGetValue(column, out var place) ? values[place] : null;
            if (value is not { IsLiteral: true, IsNull: false })
            {
                context.Errors.Report(row.Position, $"The key column '{column}' needs a value here that is neither null nor an expression: the undo deletes the row by it.");
            }
        }

        return [.. values];
    }
}
