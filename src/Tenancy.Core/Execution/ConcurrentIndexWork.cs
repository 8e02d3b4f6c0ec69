using Npgsql;
using Tenancy.Core.Sql;
using Tenancy.Model;

namespace Tenancy.Core.Execution;

/// <summary>
/// What surrounds a concurrent index statement: an invalid index left by a failed build is dropped, because IF NOT EXISTS would skip it and leave it
/// invalid; but one that a backend is still building is left alone (its client may have died; it may yet become valid).
/// </summary>
internal sealed class ConcurrentIndexWork
{
    private readonly RunContext context;
    private readonly SchemaTarget target;
    private readonly ConcurrentIndex index;
    private readonly NpgsqlConnection connection;
    private readonly string schema;

    /// <summary>Work on one index.</summary>
    /// <param name="context">The run.</param>
    /// <param name="target">The schema.</param>
    /// <param name="index">The index.</param>
    /// <param name="connection">The direct connection.</param>
    public ConcurrentIndexWork(RunContext context, SchemaTarget target, ConcurrentIndex index, NpgsqlConnection connection)
    {
        this.context = context;
        this.target = target;
        this.index = index;
        this.connection = connection;
        schema = index.Schema is { } template
            ? SqlIdentifier.Unquote(template.Render(target.Values(context.Project, context.Arguments)))
            : target.Schema;
    }

    /// <summary>Looks at what is there and clears what is in the way.</summary>
    /// <param name="isRepeated">True when an interrupted run had started the statement.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>True when the statement's work is done already.</returns>
    /// <exception cref="TenancyException"><c>IndexBeingBuilt</c>: a backend is still at it after the patience is at its end.</exception>
    public async Task<bool> PrepareAsync(bool isRepeated, CancellationToken cancellation)
    {
        var state = await WaitWhileBuiltAsync(cancellation);
        switch (index.Action)
        {
            case ConcurrentIndexAction.Create when state is { IsValid: true }:
                return isRepeated;
            case ConcurrentIndexAction.Create when state is { IsValid: false }:
                context.Log.Verbose($"{target}: index {schema}.{index.Index} is invalid, left by a failed build; it is built again.");
                await ExecuteAsync($"DROP INDEX CONCURRENTLY {SqlIdentifier.Quote(schema, index.Index)}", cancellation);
                return false;
            case ConcurrentIndexAction.Drop:
                return isRepeated && state is null;
            case ConcurrentIndexAction.Reindex when isRepeated:
                await DropLeftoversAsync(cancellation);
                return false;
            default:
                return false;
        }
    }

    /// <summary>Asserts that the index is there and valid, or gone.</summary>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="TenancyException"><c>InvalidIndex</c>.</exception>
    public async Task EnsureValidAsync(CancellationToken cancellation)
    {
        var state = await ReadAsync(cancellation);
        var isRight = index.Action == ConcurrentIndexAction.Drop ? state is null : state is { IsValid: true };
        if (!isRight)
        {
            throw new TenancyException("InvalidIndex", $"Index {schema}.{index.Index} is {(state is null ? "not there" : "invalid")} after its statement ended.", "Run again: it is built anew.");
        }
    }

    private async Task<IndexState?> WaitWhileBuiltAsync(CancellationToken cancellation)
    {
        var deadline = DateTime.UtcNow + context.Project.Timeouts.TenantLock;
        while (true)
        {
            var state = await ReadAsync(cancellation);
            if (state?.Builder is not { } builder)
            {
                return state;
            }

            if (DateTime.UtcNow >= deadline)
            {
                throw new TenancyException(
                    "IndexBeingBuilt",
                    $"Index {schema}.{index.Index} is being built by process {builder}, left by a run that is gone.",
                    $"Wait until it ends and run again, or end it with SELECT pg_terminate_backend({builder}).");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(500), cancellation);
        }
    }

    private async Task<IndexState?> ReadAsync(CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.Add(
            """
            SELECT i.indisvalid AND i.indisready, (SELECT p.pid FROM pg_catalog.pg_stat_progress_create_index p
              WHERE p.index_relid = c.oid AND p.datname = pg_catalog.current_database() AND p.pid <> pg_catalog.pg_backend_pid() LIMIT 1)
            FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
            WHERE n.nspname = $1 AND c.relname = $2
            """,
            schema,
            index.Index);
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation)
            ? new(reader.GetBoolean(0), await reader.IsDBNullAsync(1, cancellation) ? null : reader.GetInt32(1))
            : null;
    }

    // REINDEX CONCURRENTLY leaves invalid indexes with these endings when it fails (manual, REINDEX).
    private async Task DropLeftoversAsync(CancellationToken cancellation)
    {
        List<string> leftovers = [];
        await using (var batch = new NpgsqlBatch(connection))
        {
            batch.Add(
                """
                SELECT c.relname::pg_catalog.text FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
                WHERE n.nspname = $1 AND NOT i.indisvalid AND pg_catalog.left(c.relname, pg_catalog.length($2)) = $2 AND pg_catalog.substr(c.relname, pg_catalog.length($2) + 1) ~ '^_cc(new|old)[0-9]*$'
                """,
                schema,
                index.Index);
            await using var reader = await batch.ExecuteReaderAsync(cancellation);
            while (await reader.ReadAsync(cancellation))
            {
                leftovers.Add(reader.GetString(0));
            }
        }

        foreach (var leftover in leftovers)
        {
            await ExecuteAsync($"DROP INDEX CONCURRENTLY {SqlIdentifier.Quote(schema, leftover)}", cancellation);
        }
    }

    private async Task ExecuteAsync(string sql, CancellationToken cancellation)
    {
        context.Log.Debug(sql);
        await using var batch = new NpgsqlBatch(connection);
        batch.Add(sql);
        await batch.ExecuteNonQueryAsync(cancellation);
    }

    private sealed record IndexState(bool IsValid, int? Builder);
}
