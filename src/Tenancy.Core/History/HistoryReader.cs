using System.Collections.Immutable;
using Npgsql;
using Tenancy.Core.Manifests;
using Tenancy.Core.Revisions;

namespace Tenancy.Core.History;

/// <summary>Reads the state of a database's schemas in a fixed number of queries, however many tenants there are.</summary>
internal sealed class HistoryReader
{
    private readonly HistorySql sql;
    private readonly TenancyProject project;
    private readonly RevisionGraph graph;

    /// <summary>A reader for one project.</summary>
    /// <param name="sql">The history schema's SQL.</param>
    /// <param name="project">The project.</param>
    /// <param name="graph">Its revisions, for their checksums.</param>
    public HistoryReader(HistorySql sql, TenancyProject project, RevisionGraph graph)
    {
        this.sql = sql;
        this.project = project;
        this.graph = graph;
    }

    /// <summary>Reads the state of the shared schema and of these tenants.</summary>
    /// <param name="connection">An open connection.</param>
    /// <param name="schemas">The tenants' schemas.</param>
    /// <param name="installed">What is installed; null where there is no history, so everything is at base.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<FleetState> ReadAsync(NpgsqlConnection connection, string[] schemas, InstalledHistory? installed, CancellationToken cancellation)
    {
        var known = new Dictionary<(MigrationScope Scope, string Schema), Builder>
        {
            [(MigrationScope.Shared, project.SharedSchema)] = new(),
        };
        foreach (var schema in schemas)
        {
            known[(MigrationScope.Tenant, schema)] = new();
        }

        var extensionSchemas = await ReadCatalogAsync(connection, schemas, known, cancellation);
        // An extension in a tenant's schema must not put that tenant's tables and types into everybody's path.
        extensionSchemas.RemoveAll(schema => schema == project.HistorySchema || known.ContainsKey((MigrationScope.Tenant, schema)));
        if (installed is not null)
        {
            await ReadHistoryAsync(connection, schemas, known, installed, cancellation);
            var registered = await ReadRegisteredAsync(connection, extensionSchemas, cancellation);
            extensionSchemas.RemoveAll(registered.Contains);
        }

        var tenants = new Dictionary<string, SchemaState>(schemas.Length, StringComparer.Ordinal);
        foreach (var ((scope, schema), builder) in known)
        {
            if (scope == MigrationScope.Tenant)
            {
                tenants[schema] = builder.Build(scope, schema);
            }
        }

        return new(tenants, known[(MigrationScope.Shared, project.SharedSchema)].Build(MigrationScope.Shared, project.SharedSchema), extensionSchemas);
    }

    private async Task<List<string>> ReadCatalogAsync(
        NpgsqlConnection connection, string[] schemas, Dictionary<(MigrationScope Scope, string Schema), Builder> known, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection);
        // As text: PostgreSQL hashes an array of many only where both sides are of one type, and walks through it for each row otherwise.
        batch.BatchCommands.Add(Command("SELECT n.nspname::pg_catalog.text, n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname::pg_catalog.text = ANY ($1::pg_catalog.text[]) OR n.nspname = $2", schemas, project.SharedSchema));
        batch.BatchCommands.Add(Command(
            """
            SELECT DISTINCT n.nspname::pg_catalog.text FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
            WHERE n.nspname <> 'pg_catalog' ORDER BY 1
            """));
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var schema = reader.GetString(0);
            var oid = reader.GetFieldValue<uint>(1);
            foreach (var scope in (MigrationScope[])[MigrationScope.Tenant, MigrationScope.Shared])
            {
                if (known.TryGetValue((scope, schema), out var builder))
                {
                    builder.Oid = oid;
                }
            }
        }

        await reader.NextResultAsync(cancellation);
        List<string> extensionSchemas = [];
        while (await reader.ReadAsync(cancellation))
        {
            extensionSchemas.Add(reader.GetString(0));
        }

        return extensionSchemas;
    }

    private async Task<HashSet<string>> ReadRegisteredAsync(NpgsqlConnection connection, List<string> schemas, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(Command(sql.Write("SELECT DISTINCT t.schema FROM @history@.tenant t WHERE t.schema = ANY ($1)"), (object)schemas.ToArray()));
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        HashSet<string> registered = new(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellation))
        {
            registered.Add(reader.GetString(0));
        }

        return registered;
    }

    private async Task ReadHistoryAsync(
        NpgsqlConnection connection, string[] schemas, Dictionary<(MigrationScope Scope, string Schema), Builder> known, InstalledHistory installed, CancellationToken cancellation)
    {
        var isRestored = installed.IsRestored;
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(Command(sql.File("read_heads"), project.Fleet, project.SharedSchema, schemas));
        batch.BatchCommands.Add(Command(sql.File("read_stages"), project.Fleet, project.SharedSchema, schemas));
        batch.BatchCommands.Add(Command(sql.File("read_checksums"), project.Fleet));
        if (installed.Version > 1)
        {
            batch.BatchCommands.Add(Command(sql.File("read_removals"), project.Fleet, schemas));
        }

        HashSet<string> suspects = [];
        await using (var reader = await batch.ExecuteReaderAsync(cancellation))
        {
            while (await reader.ReadAsync(cancellation))
            {
                var builder = known[(ScopeOf(reader.GetString(0)), reader.GetString(1))];
                builder.Heads.Add(reader.GetString(2));
                builder.RecordedOid = isRestored ? null : reader.GetFieldValue<uint>(3);
                builder.Changed = Later(builder.Changed, reader.GetDateTime(4));
            }

            await reader.NextResultAsync(cancellation);
            while (await reader.ReadAsync(cancellation))
            {
                var builder = known[(ScopeOf(reader.GetString(0)), reader.GetString(1))];
                var direction = reader.GetString(3) == "up" ? RevisionDirection.Up : RevisionDirection.Down;
                builder.Stages.Add(new(reader.GetString(2), direction, reader.GetInt32(4), reader.GetBoolean(5), reader.GetString(6), reader.GetString(7))
                {
                    Position = await reader.IsDBNullAsync(9, cancellation) ? null : reader.GetString(9),
                });
                builder.RecordedOid ??= isRestored ? null : reader.GetFieldValue<uint>(8);
            }

            await reader.NextResultAsync(cancellation);
            while (await reader.ReadAsync(cancellation))
            {
                var revision = reader.GetString(0);
                if (graph.Find(revision) is { } node && node.Manifest.Checksum != reader.GetString(1))
                {
                    suspects.Add(revision);
                }
            }

            while (await reader.NextResultAsync(cancellation))
            {
                while (await reader.ReadAsync(cancellation))
                {
                    var builder = known[(MigrationScope.Tenant, reader.GetString(0))];
                    builder.RemovalBegun = reader.GetFieldValue<uint>(1) == builder.Oid ? reader.GetDateTime(2) : null;
                }
            }
        }

        if (suspects.Count > 0)
        {
            await ReadMismatchedAsync(connection, schemas, [.. suspects], known, cancellation);
        }
    }

    private async Task ReadMismatchedAsync(
        NpgsqlConnection connection, string[] schemas, string[] suspects, Dictionary<(MigrationScope Scope, string Schema), Builder> known, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(Command(sql.File("read_mismatched"), project.Fleet, suspects, schemas));
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var revision = reader.GetString(2);
            var isMismatch = graph.Find(revision) is { } node && (await reader.IsDBNullAsync(3, cancellation) || node.Manifest.Checksum != reader.GetString(3));
            // The rows of a schema that was removed and made anew are history too: only what it has now counts.
            var scope = ScopeOf(reader.GetString(0));
            if (isMismatch && known.TryGetValue((scope, reader.GetString(1)), out var builder)
                && graph.Applied(scope, [.. builder.Heads.Where(head => graph.Find(head)?.Scope == scope)]).Contains(revision))
            {
                builder.Mismatched.Add(revision);
            }
        }
    }

    private static NpgsqlBatchCommand Command(string text, params object[] values)
    {
        var command = new NpgsqlBatchCommand(text);
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }

        return command;
    }

    private static MigrationScope ScopeOf(string text) => text == "shared" ? MigrationScope.Shared : MigrationScope.Tenant;

    private static DateTime Later(DateTime? one, DateTime other) => one > other ? one.Value : other;

    private sealed class Builder
    {
        public uint? Oid { get; set; }

        public uint? RecordedOid { get; set; }

        public List<string> Heads { get; } = [];

        public List<StageMark> Stages { get; } = [];

        public SortedSet<string> Mismatched { get; } = new(StringComparer.Ordinal);

        public DateTime? Changed { get; set; }

        public DateTime? RemovalBegun { get; set; }

        public SchemaState Build(MigrationScope scope, string schema) => new()
        {
            Scope = scope,
            Schema = schema,
            Oid = Oid,
            RecordedOid = RecordedOid,
            Heads = [.. Heads.Order(StringComparer.Ordinal)],
            Stages = [.. Stages],
            Mismatched = [.. Mismatched],
            Changed = Changed,
            RemovalBegun = RemovalBegun,
        };
    }
}
