using Npgsql;
using NpgsqlTypes;
using Tenancy.Core.Execution;
using Tenancy.Core.History;
using Tenancy.Core.Manifests;
using Tenancy.Core.Tenants;

namespace Tenancy.Core.Rehearsals;

/// <summary>How large schemas' tables are, as the catalog has it.</summary>
internal static class SchemaSizes
{
    /// <summary>Reads them, in one query.</summary>
    /// <param name="connector">Opens the connection.</param>
    /// <param name="address">The database.</param>
    /// <param name="project">The project.</param>
    /// <param name="schemas">The schemas.</param>
    /// <param name="tables">Only tables of these names; null for all.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>Pages by schema; none for one without such tables.</returns>
    public static async Task<Dictionary<string, double>> ReadAsync(DatabaseConnector connector, DatabaseAddress address, TenancyProject project, string[] schemas, string[]? tables, CancellationToken cancellation) =>
        (await HistoryTransaction.QueryAsync(
            connector,
            address,
            project,
            batch => batch.Add(Sql.EmbeddedSql.Read("schema_sizes"), (object)schemas).With(tables, NpgsqlDbType.Array | NpgsqlDbType.Text),
            static reader => (Schema: reader.GetString(0), Pages: reader.GetDouble(1)),
            cancellation)).ToDictionary(static size => size.Schema, static size => size.Pages, StringComparer.Ordinal);
}
