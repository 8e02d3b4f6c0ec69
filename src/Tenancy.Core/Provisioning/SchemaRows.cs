using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Npgsql;
using Tenancy.Core.Execution;
using Tenancy.Core.Sql;
using Tenancy.Model;

namespace Tenancy.Core.Provisioning;

/// <summary>The rows of a schema, and where its sequences stand, as statements for any other schema of the same definition.</summary>
internal static class SchemaRows
{
    private const int MostRowsAStatement = 500;
    private const int LongestStatement = 1 << 18;

    // They are kept for the run, and sent to each tenant.
    private const int MostCharacters = 1 << 26;

    /// <summary>Reads them.</summary>
    /// <param name="connection">A connection in a transaction, as the login.</param>
    /// <param name="schema">The schema's name, unquoted.</param>
    /// <param name="owner">The project's owner role, which reads; null for the login. What row-level security keeps from it the login reads.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The tables that have rows, and what sets sequences.</returns>
    /// <exception cref="TenancyException"><c>TooManyRows</c>, <c>RowSecurity</c>, <c>PermissionDenied</c>.</exception>
    public static async Task<(IReadOnlyList<TableRows> Tables, ImmutableArray<SqlTemplate> Sequences)> ReadAsync(NpgsqlConnection connection, string schema, string? owner, CancellationToken cancellation)
    {
        var (tables, sequences) = await ReadCatalogAsync(connection, schema, cancellation);
        var values = ImmutableArray.CreateBuilder<SqlTemplate>();
        List<TableRows> filled = [];
        if (tables.Count + sequences.Count == 0)
        {
            return ([], []);
        }

        var byLogin = (await SourceRelation.ReadAsync(connection, schema, owner, cancellation)).Where(static relation => !relation.ByOwner).Select(static relation => relation.Name).ToHashSet(StringComparer.Ordinal);
        (tables, sequences) = ([.. tables.OrderBy(table => byLogin.Contains(table.Name))], [.. sequences.OrderBy(sequence => byLogin.Contains(sequence.Name))]);
        CommandList commands = [];
        var isLogin = true;
        foreach (var (name, query) in tables.Select(table => (table.Name, table.Query(schema))).Concat(sequences.Select(sequence => (sequence.Name, sequence.Query(schema)))))
        {
            if (isLogin != (byLogin.Contains(name) || owner is null))
            {
                SourceRelation.AddRole(commands, isLogin ? owner : null);
                isLogin = !isLogin;
            }

            commands.Add(query);
        }

        SourceRelation.AddRole(commands, null);
        var length = 0L;
        await using var batch = commands.ToBatch(connection);
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        foreach (var table in tables)
        {
            var rows = new List<string>();
            while (await reader.ReadAsync(cancellation))
            {
                rows.Add(reader.GetString(0));
                length += rows[^1].Length;
                if (length > MostCharacters)
                {
                    throw new TenancyException("TooManyRows", $"The rows of {table.Name} and others are too many to keep them for every tenant.", "Replay the history.");
                }
            }

            if (rows.Count > 0)
            {
                filled.Add(new(table.Name, rows.Count, [.. Insert(table, rows)], table.OidColumn));
            }

            await reader.NextResultAsync(cancellation);
        }

        foreach (var sequence in sequences)
        {
            await reader.ReadAsync(cancellation);
            var (value, isCalled) = (reader.GetInt64(0), reader.GetBoolean(1));
            if (isCalled || value != sequence.Start)
            {
                values.Add(sequence.SetValue(value, isCalled));
            }

            await reader.NextResultAsync(cancellation);
        }

        return (filled, values.ToImmutable());
    }

    private static async Task<(List<Table> Tables, List<Sequence> Sequences)> ReadCatalogAsync(NpgsqlConnection connection, string schema, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.Add(EmbeddedSql.Read("tables_with_columns"), schema);
        batch.Add(EmbeddedSql.Read("sequences_with_owners"), schema);
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        List<Table> tables = [];
        while (await reader.ReadAsync(cancellation))
        {
            tables.Add(new(reader.GetString(0), reader.GetFieldValue<string[]>(1), reader.GetFieldValue<string[]>(2).FirstOrDefault()));
        }

        await reader.NextResultAsync(cancellation);
        List<Sequence> sequences = [];
        while (await reader.ReadAsync(cancellation))
        {
            sequences.Add(new(reader.GetString(0), reader.GetInt64(1), await reader.IsDBNullAsync(2, cancellation) ? null : reader.GetString(2), await reader.IsDBNullAsync(3, cancellation) ? null : reader.GetString(3)));
        }

        return (tables, sequences);
    }

    private static IEnumerable<SqlTemplate> Insert(Table table, List<string> rows)
    {
        var head = table.Columns.Length == 0 ? "" : $" ({string.Join(", ", table.Columns.Select(SqlIdentifier.Quote))}) OVERRIDING SYSTEM VALUE";
        if (table.Columns.Length == 0)
        {
            return rows.Select(_ => Of(table, " DEFAULT VALUES"));
        }

        List<SqlTemplate> statements = [];
        var values = new StringBuilder();
        var count = 0;
        foreach (var row in rows)
        {
            if (count == MostRowsAStatement || (count > 0 && values.Length + row.Length > LongestStatement))
            {
                statements.Add(Of(table, $"{head} VALUES\n{values}"));
                values.Clear();
                count = 0;
            }

            values.Append(count++ == 0 ? "" : ",\n").Append(row);
        }

        statements.Add(Of(table, $"{head} VALUES\n{values}"));
        return statements;
    }

    private static SqlTemplate Of(Table table, string rest) => new(
        [Text("INSERT INTO "), new(SqlSegmentKind.TenantSchema, "", [SqlEscape.Identifier], []), Text($".{SqlIdentifier.Quote(table.Name)}{rest}")], $"INSERT INTO {table.Name}");

    private static SqlSegment Text(string text) => new(SqlSegmentKind.Text, text, [], []);

    /// <param name="Name">Its name.</param>
    /// <param name="Columns">Its columns but for generated ones, in order.</param>
    /// <param name="OidColumn">One whose values are OIDs; null for none.</param>
    private sealed record Table(string Name, string[] Columns, string? OidColumn)
    {
        // In the order in which they lie. Each value as its type writes it, in quotes: it is read again as the column's type, whatever schema that lies in.
        public string Query(string schema)
        {
            var values = Columns.Length == 0 ? "''" : $"'(' || pg_catalog.array_to_string(ARRAY[{string.Join(", ", Columns.Select(static column => $"pg_catalog.format('%L', r.{SqlIdentifier.Quote(column)})"))}], ', ') || ')'";
            return $"SELECT {values} FROM ONLY {SqlIdentifier.Quote(schema, Name)} r ORDER BY r.ctid";
        }
    }

    /// <param name="Name">Its name.</param>
    /// <param name="Start">Where it begins.</param>
    /// <param name="Table">The table of the identity column that it belongs to; null where it belongs to none.</param>
    /// <param name="Column">The column.</param>
    private sealed record Sequence(string Name, long Start, string? Table, string? Column)
    {
        public string Query(string schema) => $"SELECT q.last_value, q.is_called FROM {SqlIdentifier.Quote(schema, Name)} q";

        public SqlTemplate SetValue(long value, bool isCalled) => new(
            [
                Text("SELECT pg_catalog.setval(" + (Table is null ? "'" : IdentitySequence.BeforeTable + "'")),
                new(SqlSegmentKind.TenantSchema, "", [SqlEscape.Identifier, SqlEscape.InsideLiteral], []),
                Text(string.Create(
                    CultureInfo.InvariantCulture,
                    $".{SqlIdentifier.Quote(Table ?? Name).Replace("'", "''", StringComparison.Ordinal)}'{(Table is null ? "::pg_catalog.regclass" : IdentitySequence.AfterTable(SqlLiteral.Quote(Column!)))}, {value}, {(isCalled ? "true" : "false")})")),
            ],
            $"setval {Name}");
    }
}
