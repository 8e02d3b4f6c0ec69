using Npgsql;
using Tenancy.Core.Sql;
using Tenancy.Core.Tenants;

namespace Tenancy.Core.Execution.Servers;

/// <summary>Schema-based sharding of Citus 12 or later: a tenant's schema is a shard of its own, on one node. <c>docs/fleets.md</c> has what follows from it.</summary>
internal static class Citus
{
    /// <summary>True where the database has Citus, and it can distribute schemas.</summary>
    /// <param name="context">The run.</param>
    /// <param name="address">The database.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<bool> IsUsedAsync(RunContext context, DatabaseAddress address, CancellationToken cancellation)
    {
        await using var connection = await context.Retries.OpenAsync(address, cancellation);
        await using var command = new NpgsqlCommand(
            """
            SELECT EXISTS (SELECT FROM pg_catalog.pg_extension WHERE extname = 'citus')
              AND pg_catalog.to_regprocedure('pg_catalog.citus_schema_distribute(pg_catalog.regnamespace)') IS NOT NULL
            """,
            connection);
        var isUsed = await command.ExecuteScalarAsync(cancellation) is true;
        if (isUsed)
        {
            context.Log.Verbose($"{address} has Citus: new tenants get distributed schemas.");
        }

        return isUsed;
    }

    /// <summary>Adds what makes a schema distributed; one that is already (citus.enable_schema_based_sharding) stays so.</summary>
    /// <param name="commands">The commands.</param>
    /// <param name="schema">The schema, which exists and is empty.</param>
    public static void AddDistribute(CommandList commands, string schema) =>
        commands.Add($"SELECT pg_catalog.citus_schema_distribute({SqlLiteral.Quote(SqlIdentifier.Quote(schema))}::pg_catalog.regnamespace)");
}
