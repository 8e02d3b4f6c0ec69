using System.Collections.Immutable;
using Npgsql;
using NpgsqlTypes;
using Tenancy.Core.Manifests;
using Tenancy.Core.Revisions;

namespace Tenancy.Core.History;

/// <summary>Reads the state of a database's schemas in one message, however many tenants there are.</summary>
internal sealed class HistoryReader
{
    // Of more tenants everything that is rare is read whole: their names would take longer.
    private const int Few = 100;

    private readonly HistorySql sql;
    private readonly TenancyProject project;
    private readonly RevisionGraph graph;
    private readonly string[] schemas;
    private readonly InstalledHistory? installed;
    private readonly HashSet<string> suspects = [];

    /// <summary>A reading.</summary>
    /// <param name="sql">The history schema's SQL.</param>
    /// <param name="project">The project.</param>
    /// <param name="graph">Its revisions, for their checksums.</param>
    /// <param name="schemas">The tenants' schemas.</param>
    /// <param name="installed">What is installed; null where there is no history, so everything is at base.</param>
    public HistoryReader(HistorySql sql, TenancyProject project, RevisionGraph graph, string[] schemas, InstalledHistory? installed)
    {
        this.sql = sql;
        this.project = project;
        this.graph = graph;
        this.schemas = schemas;
        this.installed = installed;
        Fleet = new(new() { Scope = MigrationScope.Shared, Schema = project.SharedSchema }, schemas.Length);
    }

    /// <summary>Adds the queries to a message.</summary>
    /// <param name="batch">What is sent.</param>
    public void Add(NpgsqlBatch batch)
    {
        if (installed is null)
        {
            batch.BatchCommands.Add(Command(sql.File("read_schemas"), project.SharedSchema, schemas));
            batch.BatchCommands.Add(Command(
                """
                SELECT DISTINCT n.nspname::pg_catalog.text FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
                WHERE n.nspname <> 'pg_catalog' ORDER BY 1
                """));
            return;
        }

        var few = new NpgsqlParameter { Value = schemas.Length > Few ? DBNull.Value : schemas, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };
        batch.BatchCommands.Add(Command(sql.File("read_heads"), project.Fleet, project.SharedSchema, schemas));
        batch.BatchCommands.Add(Command(sql.File("read_extension_schemas")));
        batch.BatchCommands.Add(Command(sql.File("read_stages"), project.Fleet, project.SharedSchema, few));
        batch.BatchCommands.Add(Command(sql.File("read_checksums"), project.Fleet));
        if (installed.Version > 1)
        {
            batch.BatchCommands.Add(Command(sql.File("read_removals"), project.Fleet, few.Clone()));
            batch.BatchCommands.Add(Command(sql.File("read_flushed"), project.Fleet));
        }
    }

    /// <summary>Reads what they give.</summary>
    /// <param name="reader">At the first result; left at the last.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task ReadAsync(NpgsqlDataReader reader, CancellationToken cancellation)
    {
        await ReadHeadsAsync(reader, cancellation);
        await reader.NextResultAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            Fleet.ExtensionSchemas.Add(reader.GetString(0));
        }

        // An extension in a tenant's schema must not put that tenant's tables and types into everybody's path.
        Fleet.ExtensionSchemas.RemoveAll(schema => schema == project.HistorySchema || Fleet.Find(MigrationScope.Tenant, schema) is not null);
        if (installed is null)
        {
            return;
        }

        await reader.NextResultAsync(cancellation);
        await ReadStagesAsync(reader, cancellation);
        await reader.NextResultAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var revision = reader.GetString(0);
            if (graph.Find(revision) is not { Manifest: var manifest })
            {
                continue;
            }

            if (manifest.Checksum != reader.GetString(1))
            {
                suspects.Add(revision);
            }
            else if (reader.GetBoolean(2))
            {
                Fleet.KeptTexts.Add(manifest);
            }
        }

        if (installed.Version > 1)
        {
            await reader.NextResultAsync(cancellation);
            while (await reader.ReadAsync(cancellation))
            {
                if (Fleet.Find(MigrationScope.Tenant, reader.GetString(0)) is { } state && reader.GetFieldValue<uint>(1) == state.Oid)
                {
                    Fleet.Put(state with { RemovalBegun = reader.GetDateTime(2) });
                }
            }

            await reader.NextResultAsync(cancellation);
            await reader.ReadAsync(cancellation);
            Fleet.IsFlushed = reader.GetBoolean(0);
        }
    }

    /// <summary>True where a manifest that somebody applied has changed since: <see cref="ReadMismatchedAsync"/> says of whom.</summary>
    public bool HasSuspects => suspects.Count > 0;

    /// <summary>What was read.</summary>
    public FleetState Fleet { get; }

    /// <summary>All of it over a connection.</summary>
    /// <param name="connection">An open connection.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<FleetState> ReadAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using (var batch = new NpgsqlBatch(connection))
        {
            Add(batch);
            await using var reader = await batch.ExecuteReaderAsync(cancellation);
            await ReadAsync(reader, cancellation);
        }

        if (HasSuspects)
        {
            await ReadMismatchedAsync(connection, cancellation);
        }

        return Fleet;
    }

    /// <summary>Reads who has applied what has changed since.</summary>
    /// <param name="connection">An open connection.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task ReadMismatchedAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(Command(sql.File("read_mismatched"), project.Fleet, suspects.ToArray(), schemas));
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var revision = reader.GetString(2);
            var isMismatch = graph.Find(revision) is { } node && (await reader.IsDBNullAsync(3, cancellation) || node.Manifest.Checksum != reader.GetString(3));
            // The rows of a schema that was removed and made anew are history too: only what it has now counts.
            if (isMismatch && Fleet.Find(ScopeOf(reader.GetString(0)), reader.GetString(1)) is { } state && graph.Applied(state.Scope, state.KnownHeads(graph)).Contains(revision))
            {
                Fleet.Put(state with { Mismatched = [.. state.Mismatched.Append(revision).Distinct().Order(StringComparer.Ordinal)] });
            }
        }
    }

    private async Task ReadHeadsAsync(NpgsqlDataReader reader, CancellationToken cancellation)
    {
        // Shared by all who are there.
        Dictionary<string, ImmutableArray<string>> single = new(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellation))
        {
            var revision = await reader.IsDBNullAsync(0, cancellation) ? null : reader.GetString(0);
            if (!single.TryGetValue(revision ?? "", out var heads))
            {
                single[revision ?? ""] = heads = revision is null ? [] : [revision];
            }

            var numbers = reader.GetFieldValue<int[]>(1);
            var oids = reader.GetFieldValue<uint[]>(2);
            var (recorded, changed) = revision is null ? ([], []) : (reader.GetFieldValue<uint[]>(3), reader.GetFieldValue<DateTime[]>(4));
            for (var i = 0; i < numbers.Length; i++)
            {
                var place = new FleetState.Place(heads, oids[i], revision is null || installed!.IsRestored ? 0 : recorded[i], revision is null ? default : changed[i]);
                if (numbers[i] > 0 && Fleet.TryPut(schemas[numbers[i] - 1], place))
                {
                    continue;
                }

                // The shared schema, or one that has several heads.
                var (scope, schema) = numbers[i] == 0 ? (MigrationScope.Shared, project.SharedSchema) : (MigrationScope.Tenant, schemas[numbers[i] - 1]);
                var before = Fleet.Of(scope, schema);
                Fleet.Put(before.Heads.IsEmpty ? place.ToState(scope, schema) : before with
                {
                    Heads = [.. before.Heads.Concat(heads).Distinct().Order(StringComparer.Ordinal)],
                    Changed = before.Changed > place.Changed ? before.Changed : place.Changed,
                });
            }
        }
    }

    private async Task ReadStagesAsync(NpgsqlDataReader reader, CancellationToken cancellation)
    {
        while (await reader.ReadAsync(cancellation))
        {
            if (Fleet.Find(ScopeOf(reader.GetString(0)), reader.GetString(1)) is { } state)
            {
                var direction = reader.GetString(3) == "up" ? RevisionDirection.Up : RevisionDirection.Down;
                var mark = new StageMark(reader.GetString(2), direction, reader.GetInt32(4), reader.GetBoolean(5), reader.GetString(6), reader.GetString(7))
                {
                    Position = await reader.IsDBNullAsync(9, cancellation) ? null : reader.GetString(9),
                };
                Fleet.Put(state with { Stages = state.Stages.Add(mark), RecordedOid = state.RecordedOid ?? (installed!.IsRestored ? null : reader.GetFieldValue<uint>(8)) });
            }
        }
    }

    private static NpgsqlBatchCommand Command(string text, params object[] values)
    {
        var command = new NpgsqlBatchCommand(text);
        foreach (var value in values)
        {
            command.Parameters.Add(value as NpgsqlParameter ?? new() { Value = value });
        }

        return command;
    }

    private static MigrationScope ScopeOf(string text) => text == "shared" ? MigrationScope.Shared : MigrationScope.Tenant;
}
