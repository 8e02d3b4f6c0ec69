using System.Globalization;
using Npgsql;
using Tenancy.Core.Execution;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Provisioning;

/// <summary>Finds where a schema's objects may still have a schema's name as text.</summary>
internal static class NamesLeft
{
    /// <summary>Looks.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="schema">The OID of the schema whose objects are looked at.</param>
    /// <param name="name">The name that is looked for.</param>
    /// <param name="say">Makes a sentence of where and what.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<List<string>> FindAsync(NpgsqlConnection connection, uint schema, string name, Func<(string Where, string What), string> say, CancellationToken cancellation)
    {
        List<string> found = [];
        var oid = schema.ToString(CultureInfo.InvariantCulture);
        await using var batch = new NpgsqlBatch(connection);
        batch.Add(EmbeddedSql.Read("routines_naming"), oid, name);
        batch.Add(EmbeddedSql.Read("texts_naming"), oid, name);
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var where = reader.GetString(0);
            found.AddRange(RoutineRename.Apply(reader.GetString(1), name, name, new HashSet<string>()).Unclear.Select(what => say((where, what))));
        }

        await reader.NextResultAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var where = reader.GetString(0);
            found.AddRange(RoutineRename.FindInStrings(reader.GetString(1), name).Select(what => say((where, what))));
        }

        return found;
    }
}
