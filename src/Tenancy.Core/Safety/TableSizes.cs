using Npgsql;
using Tenancy.Core.Execution;
using Tenancy.Core.History;
using Tenancy.Core.Manifests;
using Tenancy.Core.Safety.Reading;
using Tenancy.Core.Sql;
using Tenancy.Core.Tenants;

namespace Tenancy.Core.Safety;

/// <summary>Sizes of tables in one database: one query for all tenants.</summary>
internal sealed class TableSizes
{
    private readonly Dictionary<TableName, TableSize> sizes = [];

    /// <summary>How large a table is; null where nobody looked, or no schema has it.</summary>
    public TableSize? this[TableName table] => sizes.GetValueOrDefault(table);

    /// <summary>Reads them.</summary>
    /// <param name="connector">Opens the connection.</param>
    /// <param name="address">The database.</param>
    /// <param name="project">The project.</param>
    /// <param name="schemas">The tenants' schemas.</param>
    /// <param name="tables">The tables; of other schemas than the tenants' and the shared one nothing is read.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<TableSizes> ReadAsync(DatabaseConnector connector, DatabaseAddress address, TenancyProject project, string[] schemas, IReadOnlyCollection<TableName> tables, CancellationToken cancellation)
    {
        var read = new TableSizes();
        foreach (var (token, within) in new[] { (project.Tokens.Tenant, schemas), (project.Tokens.Shared, [project.SharedSchema]) })
        {
            string[] names = [.. tables.Where(table => table.Schema == token).Select(static table => table.Name).Distinct()];
            if (names.Length > 0 && within.Length > 0)
            {
                await HistoryTransaction.RunAsync(connector, address, project, connection => read.ReadAsync(connection, token, within, names, cancellation), cancellation);
            }
        }

        return read;
    }

    private async Task<bool> ReadAsync(NpgsqlConnection connection, string token, string[] schemas, string[] names, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.Add(EmbeddedSql.Read("table_sizes"), schemas, names);
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var bytes = reader.GetInt64(1);
            sizes[new(token, reader.GetString(0))] = new(bytes, bytes > 0 ? reader.GetString(2) : null, (int)reader.GetInt64(3));
        }

        return true;
    }
}
