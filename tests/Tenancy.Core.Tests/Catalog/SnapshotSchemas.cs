using System.Globalization;
using System.Reflection;
using Npgsql;
using Tenancy.Core.Catalog;
using Xunit;

namespace Tenancy.Core.Tests.Catalog;

/// <summary>Schemas of one shape and of many names and owners, in a transaction that stays open: a test changes one under a savepoint.</summary>
public sealed class SnapshotSchemas : IAsyncLifetime
{
    /// <summary>Names that are a table's alias, a keyword, a word of the bodies, hard to quote, and like a pattern.</summary>
    internal static readonly string[] Names = ["plain", "invoice", "order", "new", "x", "We \"quote\" 'so', \\x.", "a.c|e*", "Ümlaut"];

    private static int count;

    private readonly string role = string.Create(CultureInfo.InvariantCulture, $"snapshot_owner_{Interlocked.Increment(ref count)}");

    private TestDatabase database = null!;

    private NpgsqlDataSource source = null!;

    /// <summary>As the engine's: no types but the built-in ones are known.</summary>
    internal NpgsqlConnection Connection { get; private set; } = null!;

    /// <summary>That of the first schema.</summary>
    internal SchemaSnapshot Base { get; private set; } = null!;

    /// <summary>The server's major version.</summary>
    internal int Version => Connection.PostgreSqlVersion.Major;

    public async Task InitializeAsync()
    {
        database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync($"CREATE ROLE {role} SUPERUSER; CREATE FOREIGN DATA WRAPPER nothing; CREATE SERVER elsewhere FOREIGN DATA WRAPPER nothing; CREATE ACCESS METHOD heap_too TYPE TABLE HANDLER heap_tableam_handler");
        if (!await database.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_tablespace WHERE spcname = 'snapshot_space')"))
        {
            await using var plain = await database.DataSource.OpenConnectionAsync();
            await ExecuteAsync(plain, "SET allow_in_place_tablespaces = on");
            await ExecuteAsync(plain, "CREATE TABLESPACE snapshot_space LOCATION ''");
        }

        NpgsqlDataSourceBuilder builder = new(database.ConnectionString);
        builder.ConfigureTypeLoading(static types => types.EnableTypeLoading(false));
        source = builder.Build();
        Connection = await source.OpenConnectionAsync();
        await ExecuteAsync("BEGIN");
        foreach (var name in Names)
        {
            // The first is its own role's, which is a member of nothing.
            await ExecuteAsync($"{(name == Names[0] ? "" : $"SET LOCAL ROLE {role};")} CREATE SCHEMA {Quote(name)}; SET LOCAL search_path = {Quote(name)}; {AllKinds(name)}");
        }

        Base = await SnapshotReader.ReadAsync(Connection, Names[0], default);
    }

    public async Task DisposeAsync()
    {
        await Connection.DisposeAsync();
        await source.DisposeAsync();
        await database.DisposeAsync();
        await PostgresFixture.ExecuteAsync($"DROP ROLE {role}");
    }

    /// <summary>Runs SQL with a schema first in the path, @schema@ being its quoted name; then what is given; then undoes the SQL.</summary>
    internal async Task ChangedAsync(string schema, string sql, Func<Task> work)
    {
        await ExecuteAsync($"SAVEPOINT change; SET LOCAL search_path = {Quote(schema)}");
        try
        {
            await ExecuteAsync(sql.Replace("@schema@", Quote(schema), StringComparison.Ordinal));
            await work();
        }
        finally
        {
            await ExecuteAsync("ROLLBACK TO SAVEPOINT change");
        }
    }

    internal Task ExecuteAsync(string sql) => ExecuteAsync(Connection, sql);

    internal async Task<Dictionary<string, string>> FingerprintsAsync(params string[] schemas)
    {
        Dictionary<string, string> found = [];
        await foreach (var (schema, fingerprint) in FleetFingerprints.ReadAsync(Connection, schemas, default))
        {
            found.Add(schema, fingerprint);
        }

        return found;
    }

    internal static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using NpgsqlCommand command = new(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>The SQL of an object of each kind; it needs a foreign server <c>elsewhere</c>.</summary>
    internal static string AllKinds(string schema)
    {
        using StreamReader reader = new(Assembly.GetExecutingAssembly().GetManifestResourceStream("AllKinds.sql")!);
        return reader.ReadToEnd().Replace("@schema@", Quote(schema), StringComparison.Ordinal);
    }
}
