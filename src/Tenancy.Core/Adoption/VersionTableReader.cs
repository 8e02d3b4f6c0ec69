using System.Globalization;
using Npgsql;
using Tenancy.Core.Execution;
using Tenancy.Core.Sql;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Adoption;

/// <summary>Reads the version tables of many schemas at once. Each table read is locked until its transaction ends, so no more are read in one than the server's lock table bears.</summary>
internal sealed class VersionTableReader
{
    /// <summary>Schemas read in one statement.</summary>
    public const int ChunkSize = 500;

    private readonly DatabaseConnector connector;
    private readonly DatabaseAddress address;
    private readonly ImportSource source;
    private readonly VersionTable table;

    /// <summary>A reader of one database.</summary>
    /// <param name="connector">Opens connections.</param>
    /// <param name="address">The database.</param>
    /// <param name="source">The tool.</param>
    /// <param name="name">Its table, unquoted; null for the usual one.</param>
    public VersionTableReader(DatabaseConnector connector, DatabaseAddress address, ImportSource source, string? name)
    {
        this.connector = connector;
        this.address = address;
        this.source = source;
        table = VersionTable.Of(source);
        Table = name ?? table.Name;
    }

    /// <summary>The table's name, unquoted.</summary>
    public string Table { get; }

    /// <summary>Reads them: where the tool has brought each schema, or why that cannot be said.</summary>
    /// <param name="schemas">At most <see cref="ChunkSize"/> schemas.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<Dictionary<string, (ForeignVersion? Version, TenancyException? Error)>> ReadAsync(string[] schemas, CancellationToken cancellation)
    {
        var versions = schemas.ToDictionary(static schema => schema, Missing, StringComparer.Ordinal);
        List<(string Schema, VersionTableForm Form)> readable = [];
        foreach (var (schema, isAllowed, columns) in await RunAsync(connection => FindAsync(connection, schemas, cancellation), cancellation))
        {
            if (!isAllowed)
            {
                versions[schema] = (null, new("VersionTableDenied", $"{Shown(schema)} may not be read by '{connector.Username}'.", "Grant USAGE on the schema and SELECT on the table, or connect as its owner."));
            }
            else if (table.Find(columns) is { } form)
            {
                readable.Add((schema, form));
            }
            else
            {
                versions[schema] = (null, new("VersionTableUnknown", $"{Shown(schema)} is not a version table of {source}: it lacks the columns {string.Join(", ", table.Forms[0].Columns)}.", "Correct -From or -Table."));
            }
        }

        await ReadAsync(readable, versions, cancellation);
        return versions;
    }

    private (ForeignVersion? Version, TenancyException? Error) Missing(string schema) =>
        (null, new("VersionTableMissing", $"there is no table {Shown(schema)}, so {source} has not migrated it.", "Correct -From or -Table; or say where the tenant is with Set-TenantRevision."));

    private string Shown(string schema) => $"{schema}.{Table}";

    private string Named(string schema) => SqlIdentifier.Quote(schema, Table);

    private async Task<List<(string Schema, bool IsAllowed, string[] Columns)>> FindAsync(NpgsqlConnection connection, string[] schemas, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.Add(EmbeddedSql.Read("read_version_tables"), schemas, Table);
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        List<(string, bool, string[])> found = [];
        while (await reader.ReadAsync(cancellation))
        {
            found.Add((reader.GetString(0), reader.GetBoolean(1), reader.GetFieldValue<string[]>(2)));
        }

        return found;
    }

    // One table that cannot be read fails the statement for all: then each half is read by itself, until it is found.
    private async Task ReadAsync(
        List<(string Schema, VersionTableForm Form)> tables, Dictionary<string, (ForeignVersion? Version, TenancyException? Error)> versions, CancellationToken cancellation)
    {
        if (tables.Count == 0)
        {
            return;
        }

        List<VersionRow>[] rows;
        try
        {
            rows = await RunAsync(connection => ReadAsync(connection, tables, cancellation), cancellation);
        }
        catch (TenancyException error) when (error.InnerException is PostgresException)
        {
            if (tables.Count == 1)
            {
                versions[tables[0].Schema] = (null, new("VersionTableUnreadable", $"{Shown(tables[0].Schema)} could not be read: {error.Message}", error.RecommendedAction, error));
                return;
            }

            await ReadAsync([.. tables.Take(tables.Count / 2)], versions, cancellation);
            await ReadAsync([.. tables.Skip(tables.Count / 2)], versions, cancellation);
            return;
        }

        for (var index = 0; index < tables.Count; index++)
        {
            try
            {
                versions[tables[index].Schema] = (ForeignVersion.Read(source, rows[index]), null);
            }
            catch (TenancyException error)
            {
                versions[tables[index].Schema] = (null, error);
            }
        }
    }

    private async Task<List<VersionRow>[]> ReadAsync(NpgsqlConnection connection, List<(string Schema, VersionTableForm Form)> tables, CancellationToken cancellation)
    {
        var parts = tables.Select((table, index) =>
            string.Create(CultureInfo.InvariantCulture, $"SELECT {index}, v::pg_catalog.text, k, o::pg_catalog.int8 FROM (SELECT {table.Form.Select} FROM {Named(table.Schema)} WHERE {table.Form.Where}) t (v, k, o)"));
        await using var batch = new NpgsqlBatch(connection);
        batch.Add(string.Join("\nUNION ALL ", parts));
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        var rows = tables.Select(static _ => new List<VersionRow>()).ToArray();
        while (await reader.ReadAsync(cancellation))
        {
            if (!await reader.IsDBNullAsync(1, cancellation))
            {
                rows[reader.GetInt32(0)].Add(new(reader.GetString(1), reader.GetString(2), await reader.IsDBNullAsync(3, cancellation) ? 0 : reader.GetInt64(3)));
            }
        }

        return rows;
    }

    private Task<T> RunAsync<T>(Func<NpgsqlConnection, Task<T>> read, CancellationToken cancellation) => ReadOnlySession.RunAsync(
        connector, address, read, static error => new("VersionTableUnreadable", $"{error.MessageText} ({error.SqlState})", "Run again when nothing holds it; the server's log says more.", error), cancellation);
}
