using System.Collections.Immutable;
using Npgsql;
using Tenancy.Core.Execution;
using Tenancy.Core.History;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Provisioning;

/// <summary>
/// The names of NOT NULL constraints, which PostgreSQL 18 gives and keeps when table or column are renamed. They are no part of a schema's shape (there NOT NULL is the column's), but a later revision may name one, and
/// so a new tenant has those that a replay leaves.
/// </summary>
internal static class NotNullNames
{
    /// <summary>Reads the names that the server would not choose by itself.</summary>
    /// <param name="connection">A connection in a transaction.</param>
    /// <param name="schema">The schema's name, unquoted.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>What renames the constraints of a schema of equal definition, the first in <c>search_path</c>; empty for nothing.</returns>
    public static async Task<ImmutableArray<SqlTemplate>> ReadAsync(NpgsqlConnection connection, string schema, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.Add(EmbeddedSql.Read("not_null_names"), schema);
        return await batch.ExecuteScalarAsync(cancellation) is string names
            ? [new([new(SqlSegmentKind.Text, EmbeddedSql.Read("not_null_rename").TrimEnd().Replace("@names@", SqlLiteral.Quote(names), StringComparison.Ordinal), [], [])], "names of NOT NULL constraints")]
            : [];
    }
}
