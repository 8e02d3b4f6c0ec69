using System.Globalization;
using Npgsql;
using Tenancy.Core.Execution;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Provisioning;

/// <summary>
/// What outside a tenant's schema has the schema's name as text. Rewritten is what is the project's and can only mean the schema: routines of the shared schema, the <c>search_path</c> of the database and of roles in it.
/// The rest is told: other tenants and other applications are changed by those who own them.
/// </summary>
internal sealed class NamesElsewhere
{
    private readonly RunContext context;
    private readonly string from;
    private readonly string to;

    private NamesElsewhere(RunContext context, string from, string to)
    {
        this.context = context;
        this.from = from;
        this.to = to;
    }

    /// <summary>Routines of the shared schema to be written anew; the role is null for the login itself.</summary>
    public List<RenamedRoutine> Routines { get; } = [];

    /// <summary>Statements that set a search_path anew.</summary>
    public List<string> Settings { get; } = [];

    /// <summary>What is left as it is: where, and what.</summary>
    public List<(string Where, string What)> Left { get; } = [];

    /// <summary>Looks, in the transaction that has renamed the schema.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="context">The run.</param>
    /// <param name="from">The schema's name before.</param>
    /// <param name="to">Its name now.</param>
    /// <param name="objects">The names of what is in the schema.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<NamesElsewhere> ReadAsync(NpgsqlConnection connection, RunContext context, string from, string to, IReadOnlySet<string> objects, CancellationToken cancellation)
    {
        var names = new NamesElsewhere(context, from, to);
        await using var batch = new NpgsqlBatch(connection);
        batch.Add("SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname = $1", context.Project.SharedSchema);
        batch.Add(EmbeddedSql.Read("routines_elsewhere"), to, from, context.Project.SharedSchema, context.Project.HistorySchema);
        batch.Add(EmbeddedSql.Read("settings_naming"), from);
        uint? shared = null;
        await using (var reader = await batch.ExecuteReaderAsync(cancellation))
        {
            shared = await reader.ReadAsync(cancellation) ? reader.GetFieldValue<uint>(0) : null;
            await reader.NextResultAsync(cancellation);
            while (await reader.ReadAsync(cancellation))
            {
                var role = await reader.IsDBNullAsync(4, cancellation) ? null : reader.GetString(4);
                names.AddRoutine(reader.GetString(0), reader.GetString(1), reader.GetBoolean(2), reader.GetString(3), role, reader.GetBoolean(5), objects);
            }

            await reader.NextResultAsync(cancellation);
            while (await reader.ReadAsync(cancellation))
            {
                names.AddSetting(reader.GetString(0), reader.GetString(1), await reader.IsDBNullAsync(2, cancellation) ? null : reader.GetString(2));
            }
        }

        if (shared is { } oid)
        {
            await names.ReadTextsAsync(connection, oid.ToString(CultureInfo.InvariantCulture), cancellation);
        }

        return names;
    }

    // Those of the shared schema only: definitions of everything in the database would be too many to read.
    private async Task ReadTextsAsync(NpgsqlConnection connection, string schema, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.Add(EmbeddedSql.Read("texts_naming"), schema, from);
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var where = $"{reader.GetString(0)} in schema {context.Project.SharedSchema}";
            Left.AddRange(RoutineRename.FindInStrings(reader.GetString(1), from).Select(what => (where, what)));
        }
    }

    private void AddRoutine(string place, string definition, bool isShared, string name, string? role, bool may, IReadOnlySet<string> objects)
    {
        var (renamed, unclear) = RoutineRename.Apply(definition, from, to, objects, isOwn: false);
        Left.AddRange(unclear.Select(what => (place, what)));
        if (renamed is not null && isShared && may)
        {
            Routines.Add(new(place, renamed, role, name));
        }
        else if (renamed is not null)
        {
            Left.Add((place, isShared ? "the user may not write it anew" : "it lies outside the tenant and the shared schema"));
        }
    }

    private void AddSetting(string place, string path, string? statement)
    {
        var isFound = false;
        var at = 0;
        System.Text.StringBuilder renamed = new();
        foreach (var token in SqlLexer.Tokenize(path, static (_, _) => { }))
        {
            var text = path[token.Start..token.End];
            var isName = token.IsName && SqlIdentifier.Unquote(text) == from;
            isFound |= isName;
            renamed.Append(path, at, token.Start - at).Append(isName ? SqlIdentifier.Quote(to) : text);
            at = token.End;
        }

        if (isFound && statement is not null)
        {
            Settings.Add($"{statement} SET search_path TO {renamed.Append(path, at, path.Length - at)}");
        }
        else if (isFound)
        {
            Left.Add((place, "search_path=" + path));
        }
    }
}
