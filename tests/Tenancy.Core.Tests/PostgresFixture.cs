using System.Globalization;
using Npgsql;
using Tenancy.LocalPostgres;
using Xunit;

namespace Tenancy.Core.Tests;

/// <summary>
/// The one PostgreSQL server of this test process, started by the first test that asks and gone when the process ends. A test takes a
/// database of its own from it: <c>await using var database = await PostgresFixture.CreateDatabaseAsync();</c>
/// </summary>
internal static class PostgresFixture
{
    /// <summary>The schema that holds the extensions of <see cref="CreateDatabaseAsync"/>.</summary>
    internal const string ExtensionSchema = "extensions";

    private const string PlainTemplate = "plain";

    private const string ExtensionTemplate = "with_extensions";

    private static readonly string[] Extensions = ["citext", "ltree", "pg_trgm", "pgcrypto"];

    private static readonly Lazy<Task<LocalPostgresServer>> Server = new(StartAsync);

    /// <summary>For statements about databases and roles.</summary>
    private static readonly Lazy<Task<NpgsqlDataSource>> Maintenance = new(static async () => NpgsqlDataSource.Create((await ServerAsync()).ConnectionString()));

    private static readonly Lazy<Task> Plain = new(static () => CreateTemplateAsync(PlainTemplate, "SELECT 1"));

    private static readonly Lazy<Task> WithExtensions = new(static () => CreateTemplateAsync(
        ExtensionTemplate,
        $"CREATE SCHEMA {ExtensionSchema}; GRANT USAGE ON SCHEMA {ExtensionSchema} TO PUBLIC; " + string.Join(' ', Extensions.Select(static e => $"CREATE EXTENSION {e} SCHEMA {ExtensionSchema};"))));

    private static int count;

    /// <summary>The server; it is shared by all tests, so nothing but its databases is to be changed.</summary>
    internal static Task<LocalPostgresServer> ServerAsync() => Server.Value;

    /// <summary>Makes a fresh database, which is dropped when disposed. Needs <c>[SkippableFact]</c> when <paramref name="extensions"/> is true.</summary>
    /// <param name="extensions">Whether citext, ltree, pg_trgm and pgcrypto are in it, in the schema <c>extensions</c>; where the server lacks them the test is skipped.</param>
    internal static async Task<TestDatabase> CreateDatabaseAsync(bool extensions = false)
    {
        var server = await ServerAsync();
        if (extensions)
        {
            var missing = Extensions.Where(e => !server.HasExtension(e)).ToArray();
            Skip.If(missing.Length > 0, $"PostgreSQL {server.Version} in {server.BinDirectory} comes without {string.Join(", ", missing)} (Debian: install postgresql-contrib).");
        }

        await (extensions ? WithExtensions : Plain).Value;
        var name = string.Create(CultureInfo.InvariantCulture, $"test_{Interlocked.Increment(ref count)}");
        // Copying files brings the template's cache of the catalog along, but makes two checkpoints, which are slow on a disk.
        await ExecuteAsync($"CREATE DATABASE {name} TEMPLATE {(extensions ? ExtensionTemplate : PlainTemplate)} {(server.IsInMemory && server.MajorVersion >= 15 ? "STRATEGY file_copy" : "")}");
        return new TestDatabase(server, name);
    }

    /// <summary>Runs a statement as superuser in the database <c>postgres</c>, such as CREATE ROLE (roles are shared by all tests: use unique names).</summary>
    internal static async Task ExecuteAsync(string sql)
    {
        await using var command = (await Maintenance.Value).CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<LocalPostgresServer> StartAsync()
    {
        var server = await LocalPostgresServer.StartAsync(new() { PreferMemory = true });
        // Ends the server before this process, so that nothing is left running when the test command returns.
        AppDomain.CurrentDomain.ProcessExit += (_, _) => server.DisposeAsync().AsTask().GetAwaiter().GetResult();
        return server;
    }

    /// <summary>A database that nobody can be connected to, which would stop CREATE DATABASE.</summary>
    private static async Task CreateTemplateAsync(string name, string sql)
    {
        var server = await ServerAsync();
        await ExecuteAsync($"CREATE DATABASE {name} TEMPLATE template0");
        await using (var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(server.ConnectionString(name)) { Pooling = false }.ConnectionString))
        {
            await connection.OpenAsync();
            await using var command = new NpgsqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync();
        }

        await ExecuteAsync($"ALTER DATABASE {name} ALLOW_CONNECTIONS false");
    }
}
