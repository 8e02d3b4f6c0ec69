using Npgsql;
using Tenancy.Core.Execution;
using Tenancy.Core.Manifests;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Catalog.Scratch;

/// <summary>Whose a scratch schema and the objects in it are to be, where the project does not say: as with the tenant that it stands for, whoever replays.</summary>
/// <param name="Schema">The role that owns the schema; null for the one that owns the objects.</param>
/// <param name="Objects">The role that makes the objects; null for the one that logged in.</param>
internal sealed record ReplayOwners(string? Schema, string? Objects)
{
    /// <summary>Reads them of a tenant.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="project">The project.</param>
    /// <param name="schema">The tenant's schema.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<ReplayOwners> ReadAsync(NpgsqlConnection connection, TenancyProject project, string schema, CancellationToken cancellation)
    {
        if (project.Owner is not null)
        {
            return new(null, project.Owner);
        }

        await using var batch = new NpgsqlBatch(connection);
        batch.Add(EmbeddedSql.Read("replay_owners"), schema);
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation)
            ? new(await reader.IsDBNullAsync(0, cancellation) ? null : reader.GetString(0), await reader.IsDBNullAsync(1, cancellation) ? null : reader.GetString(1))
            : new(null, null);
    }

    /// <summary>Gives a scratch schema to its owner.</summary>
    /// <param name="connection">The connection, in a transaction.</param>
    /// <param name="scratch">The scratch schema.</param>
    /// <param name="cancellation">Cancels.</param>
    public async Task GiveAsync(NpgsqlConnection connection, ScratchSchema scratch, CancellationToken cancellation)
    {
        if (Schema is not null && Schema != Objects)
        {
            CommandList commands = [];
            commands.Add($"ALTER SCHEMA {SqlIdentifier.Quote(scratch.Name)} OWNER TO {SqlIdentifier.Quote(Schema)}");
            await commands.ExecuteAsync(connection, cancellation);
        }
    }
}
