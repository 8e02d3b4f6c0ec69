using System.Diagnostics;
using System.Globalization;
using Npgsql;
using Tenancy.Core.History;
using Tenancy.Core.Manifests;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Execution.Servers;

/// <summary>
/// Vacuums and analyses what a large run has bloated in one database: each changed column, table or index leaves dead rows in the catalog (17 for a small revision, on PostgreSQL 15), and
/// autovacuum comes late where the catalog is large. One table after another, over the direct connection, as far as the role may. It never fails a run.
/// </summary>
/// <param name="project">The project.</param>
/// <param name="connector">Opens the connection.</param>
/// <param name="log">Is told what is done, and what is left.</param>
/// <param name="address">The database.</param>
internal sealed class CatalogCare(TenancyProject project, DatabaseConnector connector, IRunLog log, DatabaseAddress address)
{
    /// <summary>How many revisions a run must have applied or undone, over the tenants of a database, to be a large one.</summary>
    public const int LargeRun = 200;

    /// <summary>Does what is to be done, which may be nothing.</summary>
    /// <param name="cancellation">Cancels the running statement.</param>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var direct = connector.FindDirect(address);
        try
        {
            await using var connection = await connector.OpenAsync(direct, cancellation);
            try
            {
                if ((await ServerFacts.ReadAsync(connection, cancellation)).IsBehindPooler)
                {
                    log.Verbose($"{address}: the catalog is left to autovacuum: behind a pooler, and no -DirectServer.");
                    return;
                }

                await VacuumAsync(connection, cancellation);
            }
            finally
            {
                await CleanAsync(connection, direct);
            }
        }
        catch (Exception error) when (error is NpgsqlException or TenancyException && !cancellation.IsCancellationRequested)
        {
            log.Verbose($"{address}: the catalog is left to autovacuum: {error.Message}");
        }
    }

    private async Task VacuumAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        List<string> denied = [];
        foreach (var (table, dead, may) in await FindAsync(connection, cancellation))
        {
            if (may)
            {
                await VacuumAsync(connection, table, dead, cancellation);
            }
            else
            {
                denied.Add(table);
            }
        }

        if (denied.Count > 0)
        {
            log.Verbose($"{address}: left to autovacuum, because user '{connector.Username}' may not vacuum: {string.Join(", ", denied)}.");
        }
    }

    private async Task VacuumAsync(NpgsqlConnection connection, string table, long dead, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        var skipped = "";
        void Take(object? sender, NpgsqlNoticeEventArgs told) => skipped = told.Notice.Severity == "WARNING" ? told.Notice.MessageText : skipped;
        connection.Notice += Take;
        try
        {
            // TRUNCATE would lock the catalog against everybody. SKIP_LOCKED: whoever has it locked vacuums it, most likely.
            var sql = $"VACUUM (ANALYZE, SKIP_LOCKED, TRUNCATE false) {table}";
            log.Debug(sql);
            await using var command = new NpgsqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync(cancellation);
            log.Verbose(skipped.Length > 0 ? $"{address}: {skipped}." : string.Create(CultureInfo.InvariantCulture, $"{address}: vacuumed {table} ({dead} dead rows known) in {clock.Elapsed.TotalSeconds:0.##} s."));
        }
        catch (PostgresException error) when (!cancellation.IsCancellationRequested && !SessionEnd.Is(error))
        {
            log.Verbose($"{address}: {table} is left to autovacuum: {error.MessageText} ({error.SqlState}).");
        }
        finally
        {
            connection.Notice -= Take;
        }
    }

    private async Task<List<(string Table, long Dead, bool May)>> FindAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.Add("SELECT pg_catalog.set_config('lock_timeout', $1, false), pg_catalog.set_config('statement_timeout', $2, false)", Batches.Milliseconds(project.Timeouts.Lock), Batches.Milliseconds(project.Timeouts.Statement));
        batch.Add(new HistorySql(project.HistorySchema).File("bloated_tables"));
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        await reader.NextResultAsync(cancellation);
        List<(string, long, bool)> found = [];
        while (await reader.ReadAsync(cancellation))
        {
            found.Add((reader.GetString(0), reader.GetInt64(1), reader.GetBoolean(2)));
        }

        return found;
    }

    private async Task CleanAsync(NpgsqlConnection connection, DatabaseAddress direct)
    {
        try
        {
            await using var command = new NpgsqlCommand("DISCARD ALL", connection);
            await command.ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch (Exception error) when (error is NpgsqlException or InvalidOperationException)
        {
            connector.GetDataSource(direct).Clear();
        }
    }
}
