using Npgsql;
using Tenancy.Core.Execution.Servers;
using Tenancy.Core.Execution.Waiting;
using Tenancy.Core.History;
using Tenancy.Core.Planning;
using Tenancy.Model;

namespace Tenancy.Core.Execution;

/// <summary>A schema that somebody dropped while it was worked on. What fails then says that names resolve nowhere, or that rights are missing; that the schema is gone is what must be heard of.</summary>
internal static class DroppedSchema
{
    /// <summary>Looks whether the schema is still the one that was planned for.</summary>
    /// <param name="error">What work on it failed with.</param>
    /// <param name="session">Reads its state.</param>
    /// <param name="target">The schema.</param>
    /// <param name="planned">The state that was planned for.</param>
    /// <returns><c>SchemaMissing</c> or <c>Recreated</c>; null where that is not why it failed, or where nobody can say.</returns>
    public static async Task<TenancyException?> FindAsync(Exception error, DatabaseSession session, SchemaTarget target, SchemaState planned)
    {
        if (error is OutcomeUnknownException || TransientErrors.IsLostConnection(error) || TransientErrors.IsServerMissing(error))
        {
            return null;
        }

        try
        {
            var now = await session.ReadAsync(target, CancellationToken.None);
            if (now.Oid != planned.Oid)
            {
                StateChecks.EnsureUsable(now);
            }

            return null;
        }
        catch (TenancyException gone) when (gone.ErrorId is "SchemaMissing" or "Recreated")
        {
            return gone;
        }
        catch (Exception unread) when (unread is TenancyException or NpgsqlException)
        {
            return null;
        }
    }
}
