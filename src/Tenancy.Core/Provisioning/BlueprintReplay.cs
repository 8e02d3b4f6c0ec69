using System.Collections.Immutable;
using System.Globalization;
using Npgsql;
using Tenancy.Core.Catalog;
using Tenancy.Core.Catalog.Scratch;
using Tenancy.Core.Execution;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Revisions;
using Tenancy.Core.Sql;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Provisioning;

/// <summary>Takes the blueprint of new tenants from a replay of the history in a scratch schema, once a run and database.</summary>
/// <param name="context">The run.</param>
/// <param name="graph">The revisions.</param>
/// <param name="address">The database.</param>
internal sealed class BlueprintReplay(RunContext context, RevisionGraph graph, DatabaseAddress address)
{
    // In the names of scratch schema and tenant alike, and nowhere else: what shows it was written by the name, also where SQL has changed that.
    private readonly string mark = context.Request.RunId.ToString("N", CultureInfo.InvariantCulture);

    /// <summary>Takes it.</summary>
    /// <param name="plan">What a new tenant needs.</param>
    /// <param name="tenants">Those that are to be made from it; afterwards <see cref="NewTenants.Alike"/> are.</param>
    /// <param name="cancellation">Cancels the running statement.</param>
    /// <returns>The blueprint; or why tenants cannot be made from one.</returns>
    public async Task<(Blueprint? Blueprint, string? WhyNot)> ReadAsync(Plan plan, NewTenants tenants, CancellationToken cancellation)
    {
        if (plan.Revisions.Select(static step => step.Manifest).FirstOrDefault(UsesName) is { } naming)
        {
            return (null, $"{naming.Title} uses the name of the tenant, or of its schema, as a value, which differs from tenant to tenant");
        }

        if (plan.Revisions.FirstOrDefault(static step => step.Manifest.Touches.Any(static touch => touch.Name.Length == 0)) is { } wide)
        {
            return (null, $"{wide.Manifest.Title} changes what lies in no schema (touches: database)");
        }

        try
        {
            return await TakeAsync(plan, tenants, cancellation);
        }
        catch (Exception error) when (error is TenancyException or ManifestException or PostgresException && !cancellation.IsCancellationRequested)
        {
            return (null, error.Message);
        }
    }

    private static bool UsesName(Manifest manifest) =>
        manifest.Up.SelectMany(static operation => operation.Statements).Concat(manifest.Verify.Select(static verification => verification.Sql)).Any(TenantAsValue.IsIn)
        || manifest.Requires.Any(static requirement => TenantAsValue.AsksServer(requirement.Sql.Template));

    private async Task<(Blueprint? Blueprint, string? WhyNot)> TakeAsync(Plan plan, NewTenants tenants, CancellationToken cancellation)
    {
        var like = new SchemaTarget(MigrationScope.Tenant, "", "tenant of " + mark, address, []);
        ImmutableArray<Touch> touches = [.. plan.Revisions.SelectMany(static step => step.Manifest.Touches)];
        TouchedSchemas? before = null;
        string? change = null;
        string? stale = null;
        SchemaSnapshot? empty = null;
        SchemaSnapshot? whole = null;
        IReadOnlyList<TableRows> filled = [];
        ImmutableArray<SqlTemplate> sequences = [];
        ImmutableArray<SqlTemplate> names = [];
        var (locks, free) = (0L, 0L);
        Exception? failed = null;
        ReplayedPlace place = new(context);
        var root = ReplayNode.Of(graph, [new(plan.To, ImmutableSortedDictionary<string, bool>.Empty)]);
        root.Targets.Add("");
        // Hooks run on every tenant itself.
        await new Replay(ScratchContext.Of(context, context.Project with { Hooks = new(null, null, null, null) }), address, like, tenants).RunAsync(
            root,
            async (node, connection, scratch) =>
            {
                if (node != root)
                {
                    await place.ProveAsync(connection, scratch, touches, cancellation);
                }

                var snapshot = await SnapshotReader.ReadAsync(connection, scratch.Name, cancellation);
                var outside = await TouchedSchemas.ReadAsync(connection, context, touches, cancellation);
                if (node == root)
                {
                    (empty, before) = (snapshot, outside);
                    await place.BeginAsync(connection, scratch, cancellation);
                    return;
                }

                (whole, change) = (snapshot, outside.FindChange(before!));
                stale = await FindStaleViewAsync(connection, scratch.Name, cancellation);
                (filled, sequences) = await ReadRowsAsync(connection, scratch.Name, cancellation);
                names = await NotNullNames.ReadAsync(connection, scratch.Name, cancellation);
                (locks, free) = await ReadLocksAsync(connection, scratch.Name, cancellation);
            },
            (_, error) => failed = error,
            cancellation);
        if (failed is not null || empty is null || whole is null)
        {
            return (null, failed is PostgresException error ? error.MessageText : failed?.Message ?? "the replay did not get there");
        }

        if (change is not null)
        {
            return (null, $"revisions change {change}, and a snapshot has what is in the tenant's schema only");
        }

        if (filled.Count > 0 && !plan.Revisions.Any(static step => step.Manifest.Data))
        {
            return (null, $"{string.Join(", ", filled.Select(static table => table.Table))} {(filled.Count == 1 ? "has" : "have")} rows after the replay, and no revision says that every tenant has them (data: true)");
        }

        if (filled.FirstOrDefault(static table => table.OidColumn is not null) is { } pointing)
        {
            return (null, $"{pointing.Table}.{pointing.OidColumn} has OIDs, and those of a tenant's own objects differ from tenant to tenant");
        }

        if (ChildColumns.FindReordered(whole) is { } child)
        {
            return (null, $"columns of {child} come after the replay in another order than in a partition or inheriting table that is made anew");
        }

        if (stale is not null)
        {
            return (null, $"the rows of the materialized view {stale} are not those that its query gives after the replay, and a snapshot's are");
        }

        if (filled.SelectMany(static table => table.Statements).Any(row => row.Segments.Any(segment => IsMarked(segment.Text))))
        {
            return (null, "a row has the name of its own schema");
        }

        if (whole.Objects.Values.FirstOrDefault(item => IsMarked(item.Identity.ToString()) || item.Properties.Values.Any(IsMarked)) is { } naming)
        {
            return (null, $"{naming} has the name of its own schema in a text");
        }

        var (keys, ordered) = EarlyKeys.Of(whole, filled);
        ImmutableArray<SqlTemplate> rows = [.. ordered.SelectMany(static table => table.Statements), .. sequences];
        return (
            BlueprintDefinition.Of(empty, whole, context.Project, touches, keys) with
            {
                Names = names,
                Rows = rows.IsEmpty ? [] : [Plain(RowSettings.Set), .. rows, Plain(RowSettings.Reset)],
                Locks = locks,
                Room = free / locks,
            },
            null);
    }

    // A replay leaves a materialized view with the rows of when it was filled; what is made is filled at the end. Asked before rows are read, under the settings that it was filled with.
    private async Task<string?> FindStaleViewAsync(NpgsqlConnection connection, string schema, CancellationToken cancellation)
    {
        List<string> names = [];
        CommandList path = [];
        path.Add("SELECT pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true), pg_catalog.set_config('row_security', 'off', true)");
        await path.ExecuteAsync(connection, cancellation);
        CommandList questions = [];
        SourceRelation.AddRole(questions, context.Project.Owner);
        await using (var batch = new NpgsqlBatch(connection))
        {
            batch.Add(EmbeddedSql.Read("filled_views"), schema);
            await using var reader = await batch.ExecuteReaderAsync(cancellation);
            while (await reader.ReadAsync(cancellation))
            {
                names.Add(reader.GetString(0));
                questions.Add(reader.GetString(1));
            }
        }

        if (names.Count == 0)
        {
            return null;
        }

        SourceRelation.AddRole(questions, null);
        await using var asking = questions.ToBatch(connection);
        await using var answers = await asking.ExecuteReaderAsync(cancellation);
        foreach (var name in names)
        {
            await answers.ReadAsync(cancellation);
            if (!answers.GetBoolean(0))
            {
                return name;
            }

            await answers.NextResultAsync(cancellation);
        }

        return null;
    }

    private static SqlTemplate Plain(string text) => new([new(SqlSegmentKind.Text, text, [], [])], text);

    // How many entries of the lock table a schema like it takes, and how many are free.
    private async Task<(long Locks, long Free)> ReadLocksAsync(NpgsqlConnection connection, string schema, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.Add(context.History.File("lock_capacity"));
        batch.Add(EmbeddedSql.Read("copy_locks"), schema, false);
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        var free = (await LockTable.ReadAsync(reader, cancellation)).Free;
        await reader.NextResultAsync(cancellation);
        await reader.ReadAsync(cancellation);
        return (Math.Max(1, reader.GetInt64(0)), free);
    }

    private bool IsMarked(string text) => text.Contains(mark, StringComparison.OrdinalIgnoreCase);

    private async Task<(IReadOnlyList<TableRows> Tables, ImmutableArray<SqlTemplate> Sequences)> ReadRowsAsync(NpgsqlConnection connection, string schema, CancellationToken cancellation)
    {
        CommandList commands = [];
        commands.Add(RowSettings.Set);
        // All of them, with names that say where they are.
        commands.Add("SELECT pg_catalog.set_config('row_security', 'off', true), pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true)");
        await commands.ExecuteAsync(connection, cancellation);
        return await SchemaRows.ReadAsync(connection, schema, context.Project.Owner, cancellation);
    }
}
