using Npgsql;
using Tenancy.Core.Execution;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Catalog.Drift;

/// <summary>A schema's fingerprint, or why there is none.</summary>
/// <param name="Value">The fingerprint; null where it could not be computed.</param>
/// <param name="Failure">Why; null where it could.</param>
/// <param name="IsPassing">True for a failure that another session's change of the schema may have caused.</param>
internal sealed record Fingerprint(string? Value, MigrationFailure? Failure = null, bool IsPassing = false);

/// <summary>Reads the fingerprints of schemas, which the server computes, in transactions so short that their locks (on relations that views name) neither fill the lock table nor keep a run waiting.</summary>
/// <param name="connector">Opens connections.</param>
/// <param name="address">The database.</param>
internal sealed class TenantFingerprints(DatabaseConnector connector, DatabaseAddress address)
{
    // Some definitions are read under AccessShare: whose table is being changed is looked at again later, and holds up no other meanwhile.
    private const string SetLockTimeout = "SET LOCAL lock_timeout = '200ms'";

    /// <summary>Reads them.</summary>
    /// <param name="schemas">The schemas.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>By schema; one that was dropped meanwhile is not there.</returns>
    public async Task<Dictionary<string, Fingerprint>> ReadAsync(string[] schemas, CancellationToken cancellation)
    {
        Dictionary<string, Fingerprint> prints = new(StringComparer.Ordinal);
        await ReadAsync(schemas, prints, cancellation);
        return prints;
    }

    // One that cannot be read does not take the others with it.
    private async Task ReadAsync(string[] schemas, Dictionary<string, Fingerprint> prints, CancellationToken cancellation)
    {
        if (schemas.Length == 0)
        {
            return;
        }

        var error = await CatalogTransaction.RunAsync(
            connector,
            address,
            async connection =>
            {
                try
                {
                    await ReadAsync(connection, schemas, prints, cancellation);
                    return null;
                }
                catch (PostgresException failed) when (!cancellation.IsCancellationRequested && !SessionEnd.Is(failed))
                {
                    return failed;
                }
            },
            cancellation);
        if (error is null)
        {
            return;
        }

        if (schemas.Length > 1)
        {
            await ReadAsync(schemas[..(schemas.Length / 2)], prints, cancellation);
            await ReadAsync(schemas[(schemas.Length / 2)..], prints, cancellation);
            return;
        }

        prints[schemas[0]] = new(null, Unreadable(error), IsPassing: true);
    }

    private static MigrationFailure Unreadable(PostgresException error) => new()
    {
        ErrorId = error.SqlState == PostgresErrorCodes.LockNotAvailable ? "LockTimeout" : "SchemaUnreadable",
        Message = $"its definitions could not be read: {error.MessageText} ({error.SqlState}).",
        RecommendedAction = "Compare again when no other session changes the schema, or holds its tables.",
        SqlState = error.SqlState,
    };

    private async Task ReadAsync(NpgsqlConnection connection, string[] schemas, Dictionary<string, Fingerprint> prints, CancellationToken cancellation)
    {
        await using (var batch = new NpgsqlBatch(connection))
        {
            batch.Add(SetLockTimeout);
            batch.Add("SELECT n.nspname::pg_catalog.text FROM pg_catalog.pg_namespace n WHERE n.nspname = ANY ($1::pg_catalog.name[]) AND NOT pg_catalog.has_schema_privilege(n.oid, 'USAGE')", (object)schemas);
            await using var reader = await batch.ExecuteReaderAsync(cancellation);
            while (await reader.ReadAsync(cancellation))
            {
                prints[reader.GetString(0)] = Denied(reader.GetString(0));
            }
        }

        var relations = 0L;
        await foreach (var print in FleetFingerprints.ReadAsync(connection, [.. schemas.Where(schema => !prints.ContainsKey(schema))], cancellation))
        {
            prints[print.Schema] = new(print.Fingerprint);
            relations += print.Relations;
        }

        connector.Wear(address, connection, relations);
    }

    // PostgreSQL would leave it out of the search path, and print its own names like another's.
    private static Fingerprint Denied(string schema) => new(null, new()
    {
        ErrorId = "SchemaDenied",
        Message = $"the role lacks USAGE on schema {schema}, without which its definitions cannot be read as its own.",
        RecommendedAction = "Grant USAGE on the schema to the role, or connect as one that has it.",
    });
}
