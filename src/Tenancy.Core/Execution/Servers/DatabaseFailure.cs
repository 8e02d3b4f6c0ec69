using Npgsql;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Execution.Servers;

/// <summary>Says that a database could not be worked on, or not any more, apart from what a tenant's own work ended with.</summary>
internal static class DatabaseFailure
{
    /// <summary>The error, with <c>DatabaseFailed</c> as its id.</summary>
    /// <param name="address">The database.</param>
    /// <param name="error">What the server or the connection said.</param>
    public static TenancyException Of(DatabaseAddress address, NpgsqlException error) => new(
        "DatabaseFailed",
        $"{address} could not be worked on: {(error is PostgresException told ? $"{told.MessageText} ({told.SqlState})" : error.Message)}",
        "Run again: what is done stays done. The server's log says more.",
        error);

    /// <summary>The same as what a result has.</summary>
    /// <param name="address">The database.</param>
    /// <param name="error">What the server or the connection said.</param>
    public static MigrationFailure Describe(DatabaseAddress address, NpgsqlException error) => Fleet.Describe(Of(address, error)) with { SqlState = error.SqlState };
}
