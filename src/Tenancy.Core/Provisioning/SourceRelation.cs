using Npgsql;
using Tenancy.Core.Execution;
using Tenancy.Core.Sql;
using Tenancy.Model;

namespace Tenancy.Core.Provisioning;

/// <summary>A table with rows of its own (a partition, not what is partitioned), or a sequence, and who may read all of it.</summary>
/// <param name="Oid">Its OID.</param>
/// <param name="Name">Its name, unquoted.</param>
/// <param name="IsSequence">True for a sequence.</param>
/// <param name="ByOwner">True where the project's owner, or the login where there is none, reads it whole.</param>
/// <param name="ByLogin">True where the login does.</param>
/// <param name="IsSecured">True where it is row-level security that keeps rows from one of them.</param>
internal sealed record SourceRelation(uint Oid, string Name, bool IsSequence, bool ByOwner, bool ByLogin, bool IsSecured)
{
    /// <summary>Reads those of a schema, in the order of their names; in a transaction, as the login.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="schema">The schema's name, unquoted.</param>
    /// <param name="owner">The project's owner role; null for none.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="TenancyException"><c>RowSecurity</c> or <c>PermissionDenied</c>: nobody reads some of it whole.</exception>
    public static async Task<List<SourceRelation>> ReadAsync(NpgsqlConnection connection, string schema, string? owner, CancellationToken cancellation)
    {
        CommandList commands = [];
        AddRole(commands, owner);
        commands.Add(EmbeddedSql.Read("source_relations"), schema);
        AddRole(commands, null);
        commands.Add(EmbeddedSql.Read("source_relations"), schema);
        await using var batch = commands.ToBatch(connection);
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        Dictionary<uint, (bool IsRead, bool IsSecured)> byOwner = [];
        while (await reader.ReadAsync(cancellation))
        {
            byOwner[reader.GetFieldValue<uint>(0)] = (reader.GetBoolean(3) && !reader.GetBoolean(4), reader.GetBoolean(4));
        }

        await reader.NextResultAsync(cancellation);
        List<SourceRelation> relations = [];
        while (await reader.ReadAsync(cancellation))
        {
            var oid = reader.GetFieldValue<uint>(0);
            var (isRead, isSecured) = byOwner.GetValueOrDefault(oid);
            relations.Add(new(oid, reader.GetString(1), reader.GetBoolean(2), isRead, reader.GetBoolean(3) && !reader.GetBoolean(4), isSecured || reader.GetBoolean(4)));
        }

        Refuse(relations, schema, owner);
        return relations;
    }

    /// <summary>Adds the change to a role; null for the login's own.</summary>
    /// <param name="commands">The commands.</param>
    /// <param name="role">The role.</param>
    public static void AddRole(CommandList commands, string? role) => commands.Add("SET LOCAL ROLE " + (role is null ? "NONE" : SqlIdentifier.Quote(role)));

    private static void Refuse(List<SourceRelation> relations, string schema, string? owner)
    {
        List<SourceRelation> unread = [.. relations.Where(static relation => !relation.ByOwner && !relation.ByLogin)];
        if (unread.Count == 0)
        {
            return;
        }

        var secured = unread.Exists(static relation => relation.IsSecured);
        var names = string.Join(", ", unread.Where(relation => relation.IsSecured == secured).Select(relation => $"{schema}.{relation.Name}"));
        throw secured
            ? new TenancyException("RowSecurity", $"row-level security keeps rows of {names} from the user{(owner is null ? "" : $", and from the owner '{owner}'")}.", "Connect as a superuser or a role with BYPASSRLS that may read these tables.")
            : new TenancyException("PermissionDenied", $"{(owner is null ? "the user may not" : $"neither the user nor the owner '{owner}' may")} read {names}.", "Grant SELECT on them, and USAGE on the schema.");
    }
}
