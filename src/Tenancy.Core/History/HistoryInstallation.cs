using Npgsql;
using Tenancy.Core.Manifests;
using Tenancy.Core.Sql;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.History;

/// <summary>Makes and upgrades the history schema of a database. Safe from two runners at once.</summary>
internal sealed class HistoryInstallation
{
    /// <summary>The version of tables and functions that this engine reads and writes.</summary>
    public const int Version = 2;

    /// <summary>The files that lead from each version of the tables to the next, from none on. Installing takes the same way as upgrading, so that both end alike.</summary>
    internal static readonly string[] Tables = ["tables", "upgrade_2"];

    /// <summary>The files that come after the tables; each only after what it names.</summary>
    internal static readonly string[] Functions =
        ["noted_functions", "lock", "claim_name", "catalogs", "names", "locate", "rows_outside", "own_versions", "prove", "assert_placement", "enter", "marks", "parts", "assert_other_scope", "use_path", "session", "extension_path", "record", "batch", "grant_new"];

    private readonly HistorySql sql;
    private readonly string? fleet;

    /// <summary>The query whether the schema, its one parameter, has a history.</summary>
    internal const string Exists = "SELECT EXISTS (SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = 'installation')";

    /// <summary>The query that tries to take the lock of <see cref="LockName"/>, its one parameter, until the transaction ends.</summary>
    internal const string TryLock = "SELECT pg_catalog.pg_try_advisory_xact_lock(pg_catalog.hashtextextended($1, 0))";

    /// <summary>What whoever installed last is to be told; null for nothing.</summary>
    public string? Warning { get; private set; }

    /// <summary>What installing locks.</summary>
    internal string LockName => "tenancy install " + sql.Schema;

    /// <summary>The installation of one history schema.</summary>
    /// <param name="sql">Its SQL.</param>
    /// <param name="fleet">The fleet that it is made for; null where none is to be made.</param>
    public HistoryInstallation(HistorySql sql, string? fleet = null)
    {
        this.sql = sql;
        this.fleet = fleet;
    }

    /// <summary>Makes the history schema where it is missing, and brings recorded schema OIDs up to date after a restore of the whole database.</summary>
    /// <param name="connector">Opens connections.</param>
    /// <param name="address">The database.</param>
    /// <param name="project">The project: how long to go on trying while another runner installs.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="TenancyException"><c>HistoryNewer</c>: a newer tool made it. <c>HistoryLocked</c>: another runner installs for longer than the patience. <c>HistoryElsewhere</c>: another schema has it. <c>HistoryNotInstalled</c>: the role may not.</exception>
    public async Task EnsureAsync(DatabaseConnector connector, DatabaseAddress address, TenancyProject project, CancellationToken cancellation)
    {
        var deadline = DateTime.UtcNow + project.Timeouts.TenantLock;
        var isLost = false;
        while (true)
        {
            try
            {
                if (await HistoryTransaction.RunAsync(connector, address, project, connection => TryEnsureAsync(connection, cancellation), cancellation, writes: true))
                {
                    return;
                }
            }
            catch (TenancyException error) when (error.ErrorId == "ConnectionLost" && !isLost)
            {
                // Perhaps at COMMIT: a second look says whether it is installed.
                isLost = true;
                continue;
            }

            if (DateTime.UtcNow > deadline)
            {
                throw new TenancyException(
                    "HistoryLocked",
                    $"Another run has been installing the history schema {sql.Quoted} for more than {project.Timeouts.TenantLock.TotalSeconds:0} s.",
                    "Wait for it to end, or end it, and run again.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(50, 200)), cancellation);
        }
    }

    /// <summary>The same inside a transaction of the caller's, which may roll it back.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>False while another runner installs.</returns>
    /// <exception cref="TenancyException"><c>HistoryNewer</c>, <c>HistoryNotInstalled</c>, <c>HistoryElsewhere</c>.</exception>
    public async Task<bool> TryEnsureAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        if (await IsCurrentAsync(connection, cancellation))
        {
            return true;
        }

        if (!await TryLockAsync(connection, cancellation))
        {
            return false;
        }

        // Another runner may have installed between the look and the lock.
        if (!await IsCurrentAsync(connection, cancellation))
        {
            await InstallAsync(connection, cancellation);
        }

        return true;
    }

    /// <summary>The version installed; null where there is none.</summary>
    /// <param name="connection">An open connection.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="TenancyException"><c>HistoryNewer</c>.</exception>
    public async Task<InstalledHistory?> ReadAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        // Not to_regclass: within a transaction it may answer from a cache that is older than another runner's commit.
        await using var exists = new NpgsqlCommand(Exists, connection);
        exists.Parameters.Add(new() { Value = sql.Schema });
        if (await exists.ExecuteScalarAsync(cancellation) is not true)
        {
            return null;
        }

        InstalledHistory? installed;
        await using (var command = new NpgsqlCommand(sql.File("read_installation"), connection))
        {
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            installed = await ReadAsync(reader, cancellation);
        }

        if (installed is { IsMoved: true })
        {
            await using var restored = new NpgsqlCommand(sql.File("read_restored"), connection);
            installed = installed with { IsRestored = await restored.ExecuteScalarAsync(cancellation) is true };
        }

        return installed;
    }

    /// <summary>Adds the query what is installed, which fails where nothing is.</summary>
    /// <param name="batch">What is sent.</param>
    public void Add(NpgsqlBatch batch) => batch.BatchCommands.Add(new(sql.File("read_installation")));

    /// <summary>Reads what it gives.</summary>
    /// <param name="reader">At the result.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>What is installed, but for whether the database was restored; null where nothing is.</returns>
    /// <exception cref="TenancyException"><c>HistoryNewer</c>.</exception>
    public async Task<InstalledHistory?> ReadAsync(NpgsqlDataReader reader, CancellationToken cancellation)
    {
        if (!await reader.ReadAsync(cancellation))
        {
            return null;
        }

        var installed = new InstalledHistory(reader.GetInt32(0), reader.GetBoolean(2), IsRestored: false, FunctionBuilds.Older.Contains(reader.GetString(3)));
        if (installed.Version > Version)
        {
            throw new TenancyException("HistoryNewer", $"The history schema {sql.Quoted} has version {installed.Version}, made by {reader.GetString(1)}; this tool knows version {Version}.", "Use the newer tool.");
        }

        return installed;
    }

    /// <summary>True where what is installed is this engine's, and knows the database for the one it is in.</summary>
    /// <param name="connection">An open connection.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<bool> IsCurrentAsync(NpgsqlConnection connection, CancellationToken cancellation) =>
        await ReadAsync(connection, cancellation) is { IsCurrent: true };

    private async Task<bool> TryLockAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(TryLock, connection);
        command.Parameters.Add(new() { Value = LockName });
        return await command.ExecuteScalarAsync(cancellation) is true;
    }

    private async Task InstallAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        try
        {
            var installed = await ReadAsync(connection, cancellation);
            if (installed is { IsRestored: true })
            {
                await RunAsync(connection, sql.File("refresh_oids"), cancellation);
            }

            if (installed is { IsMoved: true })
            {
                await RunAsync(connection, sql.File("note_place"), cancellation);
            }

            if (installed is { Version: Version })
            {
                await ReplaceAsync(connection, installed, cancellation);
                return;
            }

            if (installed is null)
            {
                await EnsureNotElsewhereAsync(connection, cancellation);
            }

            await RunAsync(connection, $"CREATE SCHEMA IF NOT EXISTS {sql.Quoted}", cancellation);
            await MakeAsync(connection, Tables.Skip(installed?.Version ?? 0).Concat(Functions), cancellation);
        }
        catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            throw new TenancyException(
                "HistoryNotInstalled",
                $"The role '{connection.UserName}' may not make the history schema {sql.Quoted} in database '{connection.Database}': {error.MessageText}.",
                $"Run once as a role that may create schemas, or GRANT CREATE ON DATABASE {SqlIdentifier.Quote(connection.Database)} TO {SqlIdentifier.Quote(connection.UserName ?? "")}.",
                error);
        }
    }

    // A new history would have every tenant at base.
    private async Task EnsureNotElsewhereAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        List<string> others = [];
        await using (var command = new NpgsqlCommand(sql.File("other_histories"), connection))
        {
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            while (await reader.ReadAsync(cancellation))
            {
                others.Add(reader.GetString(0));
            }
        }

        foreach (var other in others)
        {
            var quoted = SqlIdentifier.Quote(other);
            await using var question = new NpgsqlCommand($"SELECT EXISTS (SELECT FROM {quoted}.head WHERE fleet = $1)", connection);
            question.Parameters.Add(new() { Value = fleet });
            if (await question.ExecuteScalarAsync(cancellation) is true)
            {
                throw new TenancyException(
                    "HistoryElsewhere",
                    $"Database '{connection.Database}' has no history schema {sql.Quoted}, but {quoted} has the history of fleet '{fleet}': with a new one every tenant would begin at base.",
                    $"Set history_schema: {other} in the project file, or ALTER SCHEMA {quoted} RENAME TO {sql.Quoted}. Where that history is another fleet's, give this one another name.");
            }
        }
    }

    private async Task ReplaceAsync(NpgsqlConnection connection, InstalledHistory installed, CancellationToken cancellation)
    {
        if (!installed.HasOlderFunctions)
        {
            return;
        }

        await RunAsync(connection, "SAVEPOINT tenancy_functions", cancellation);
        try
        {
            await MakeAsync(connection, Functions, cancellation);
        }
        catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            await RunAsync(connection, "ROLLBACK TO SAVEPOINT tenancy_functions", cancellation);
            var missing = await FindMissingAsync(connection, cancellation);
            var what = $"The functions of the history schema {sql.Quoted} in database '{connection.Database}' are those of an older tool, and the role '{connection.UserName}' may not replace them: {error.MessageText}.";
            if (missing.Length > 0)
            {
                throw new TenancyException("HistoryNotInstalled", $"{what} They lack {string.Join(", ", missing)}.", "Run once as the role that owns the history schema.", error);
            }

            Warning = $"{what} The run goes on with them; run once as the role that owns the history schema.";
        }
    }

    private async Task MakeAsync(NpgsqlConnection connection, IEnumerable<string> files, CancellationToken cancellation)
    {
        foreach (var file in files)
        {
            await RunAsync(connection, sql.File(file), cancellation);
        }

        await using var command = new NpgsqlCommand(sql.File("note_version"), connection);
        command.Parameters.Add(new() { Value = Version });
        command.Parameters.Add(new() { Value = ToolVersion.Text });
        command.Parameters.Add(new() { Value = FunctionBuilds.Own });
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private async Task<string[]> FindMissingAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql.File("missing_functions"), connection);
        command.Parameters.Add(new() { Value = FunctionBuilds.Signatures(sql) });
        return (string[])(await command.ExecuteScalarAsync(cancellation))!;
    }

    // A command of several statements: no parameters, nothing of a user's.
    private static async Task RunAsync(NpgsqlConnection connection, string text, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(text, connection);
        await command.ExecuteNonQueryAsync(cancellation);
    }
}

/// <summary>What is installed in a database.</summary>
/// <param name="Version">The version of tables and functions.</param>
/// <param name="IsMoved">True where database or history schema are not those it was installed in: the database was restored or copied.</param>
/// <param name="IsRestored">True where, beside that, no schema has the OID that was recorded: the whole database was restored, and none of them was recreated on its own.</param>
/// <param name="HasOlderFunctions">True where its functions are those of a build before this one.</param>
internal sealed record InstalledHistory(int Version, bool IsMoved, bool IsRestored, bool HasOlderFunctions = false)
{
    /// <summary>True for this engine's, in the database that it knows for its own. Newer functions are as good: what they are called with is of the version.</summary>
    public bool IsCurrent => Version == HistoryInstallation.Version && !IsMoved && !HasOlderFunctions;

    /// <summary>As <see cref="HistoryInstallation.EnsureAsync"/> leaves it.</summary>
    public static InstalledHistory Current { get; } = new(HistoryInstallation.Version, IsMoved: false, IsRestored: false);
}
