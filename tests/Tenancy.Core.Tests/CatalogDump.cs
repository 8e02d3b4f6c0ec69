using System.Reflection;
using Npgsql;

namespace Tenancy.Core.Tests;

/// <summary>All definitions and rows, read by SQL: <c>catalog_dump.sql</c>.</summary>
internal static class CatalogDump
{
    private const string Tables = """
        SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'm') AND c.relispopulated AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND ($1::text IS NULL OR n.nspname = $1) AND n.nspname IS DISTINCT FROM $2::text
        ORDER BY 1
        """;

    internal static async Task<string> ReadAsync(TestDatabase database, string? schema, string? except = null)
    {
        await using var connection = await database.DataSource.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var empty = new NpgsqlCommand("SET LOCAL search_path = ''", connection))
        {
            await empty.ExecuteNonQueryAsync();
        }

        var lines = await ReadLinesAsync(connection, Definitions(), schema, except);
        foreach (var table in await ReadLinesAsync(connection, Tables, schema, except))
        {
            var rows = await ReadLinesAsync(connection, $"""SELECT t::text FROM ONLY {table} t ORDER BY t::text COLLATE pg_catalog."C" """);
            lines.AddRange(rows.Select(row => $"row {table}: {row}"));
        }

        return string.Join('\n', lines);
    }

    private static async Task<List<string>> ReadLinesAsync(NpgsqlConnection connection, string sql, params string?[] schemas)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var value in schemas)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text });
        }

        await using var reader = await command.ExecuteReaderAsync();
        var lines = new List<string>();
        while (await reader.ReadAsync())
        {
            lines.Add(reader.GetString(0));
        }

        return lines;
    }

    private static string Definitions()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("catalog_dump.sql")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
