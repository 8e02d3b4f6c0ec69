using System.Globalization;
using Npgsql;
using Tenancy.Core.Execution;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Catalog.Scratch;

/// <summary>A schema that stands for a tenant's while something is tried: made as a new tenant's would be, with the project's owner and grants.</summary>
/// <param name="Target">It, as what a run works on: the engine's own commands take it like a tenant.</param>
/// <param name="Oid">Its OID.</param>
internal sealed record ScratchSchema(SchemaTarget Target, uint Oid)
{
    /// <summary>Its name, unquoted.</summary>
    public string Name => Target.Schema;

    /// <summary>Makes it; the role is then the one that logged in.</summary>
    /// <param name="connection">The connection, in a transaction.</param>
    /// <param name="context">The run: its id is part of the name.</param>
    /// <param name="like">The tenant that it stands for: its name and labels are what <c>${tenant.name}</c> and the like give.</param>
    /// <param name="suffix">What it is for.</param>
    /// <param name="cancellation">Cancels.</param>
    public static Task<ScratchSchema> CreateAsync(NpgsqlConnection connection, RunContext context, SchemaTarget like, string suffix, CancellationToken cancellation) =>
        CreateAsync(connection, context, like with { Schema = ScratchNames.Of(context.Request.RunId, suffix) }, cancellation);

    /// <summary>Makes one again that was rolled back.</summary>
    /// <param name="connection">The connection, in a transaction.</param>
    /// <param name="context">The run.</param>
    /// <param name="gone">It.</param>
    /// <param name="cancellation">Cancels.</param>
    public static Task<ScratchSchema> CreateAsync(NpgsqlConnection connection, RunContext context, ScratchSchema gone, CancellationToken cancellation) => CreateAsync(connection, context, gone.Target, cancellation);

    private static async Task<ScratchSchema> CreateAsync(NpgsqlConnection connection, RunContext context, SchemaTarget target, CancellationToken cancellation)
    {
        CommandList commands = [];
        NewSchema.AddCreate(commands, context.Project, target.Schema);
        NewSchema.AddGrants(commands, context.Project, target.Schema);
        commands.Add("SET LOCAL ROLE NONE");
        await commands.ExecuteAsync(connection, cancellation);
        await using var batch = new NpgsqlBatch(connection);
        batch.Add("SELECT n.oid::pg_catalog.int8 FROM pg_catalog.pg_namespace n WHERE n.nspname = $1", target.Schema);
        return new(target, (uint)(long)(await batch.ExecuteScalarAsync(cancellation))!);
    }

    /// <summary>Adds what has names land in it, bare ones too, whatever the project's mode; and the role that owns it. In search-path mode the shared schema follows, as in a run.</summary>
    /// <param name="commands">The commands.</param>
    /// <param name="context">The run.</param>
    public void AddEnter(CommandList commands, RunContext context)
    {
        var searched = context.Project.Mode == Manifests.SchemaMode.SearchPath ? context.SearchPath(Target).Value
            : string.Join(", ", new[] { Name }.Concat(context.ExtensionSchemas ?? []).Distinct(StringComparer.Ordinal).Select(SqlIdentifier.Quote)) + ", pg_temp";
        commands.Add("SELECT pg_catalog.set_config('search_path', $1, true)", searched);
        commands.Add(context.Project.Owner is { } owner ? "SET LOCAL ROLE " + SqlIdentifier.Quote(owner) : "SET LOCAL ROLE NONE");
    }

    /// <summary>Gives the objects in it the project's grants, as a run gives them to what it makes.</summary>
    /// <param name="connection">The connection, in a transaction.</param>
    /// <param name="context">The run.</param>
    /// <param name="except">Objects that were there before, as <see cref="ReadObjectsAsync"/> gave them: these get none.</param>
    /// <param name="cancellation">Cancels.</param>
    public async Task GrantAsync(NpgsqlConnection connection, RunContext context, IReadOnlyCollection<string> except, CancellationToken cancellation)
    {
        if (context.Project.Grants.All(static grant => grant.On == "schema"))
        {
            return;
        }

        CommandList commands = [];
        foreach (var (identity, kind, name) in await ReadAsync(connection, cancellation))
        {
            foreach (var grant in context.Project.Grants.Where(grant => grant.On == kind && !except.Contains(identity)))
            {
                var keyword = kind switch { "tables" => "TABLE", "sequences" => "SEQUENCE", "functions" => "ROUTINE", _ => "TYPE" };
                commands.Add($"GRANT {string.Join(", ", grant.Privileges)} ON {keyword} {name} TO {(grant.To == "public" ? "PUBLIC" : SqlIdentifier.Quote(grant.To))}");
            }
        }

        if (commands.Count > 0)
        {
            await commands.ExecuteAsync(connection, cancellation);
        }
    }

    /// <summary>The objects in it that grants are given on, each by its identity in the catalog.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="cancellation">Cancels.</param>
    public async Task<HashSet<string>> ReadObjectsAsync(NpgsqlConnection connection, CancellationToken cancellation) =>
        [.. (await ReadAsync(connection, cancellation)).Select(static found => found.Identity)];

    private async Task<List<(string Identity, string Kind, string Name)>> ReadAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.Add(EmbeddedSql.Read("scratch_grantees"), Oid.ToString(CultureInfo.InvariantCulture));
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        List<(string, string, string)> found = [];
        while (await reader.ReadAsync(cancellation))
        {
            found.Add((reader.GetString(0), reader.GetString(1), reader.GetString(2)));
        }

        return found;
    }
}
