using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;
using Tenancy.Core.Catalog;
using Tenancy.Core.Catalog.Diffs;
using Tenancy.Core.Manifests;
using Tenancy.Core.Sql;
using Tenancy.Core.Tests.Manifests;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Catalog.Diffs;

/// <summary>A database in which diffs are carried out, each in schemas of its own: what a diff writes is read as a manifest and run as one.</summary>
public sealed partial class DiffServer : IAsyncLifetime
{
    private static int count;

    private TestDatabase database = null!;

    public async Task InitializeAsync()
    {
        database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA shared; CREATE TABLE shared.users (id bigint PRIMARY KEY, name text); CREATE FOREIGN DATA WRAPPER nothing; CREATE SERVER elsewhere FOREIGN DATA WRAPPER nothing; CREATE TRANSFORM FOR int LANGUAGE sql (FROM SQL WITH FUNCTION prsd_lextype(internal), TO SQL WITH FUNCTION int4recv(internal))");
    }

    public async Task DisposeAsync() => await database.DisposeAsync();

    /// <summary>The server's major version.</summary>
    internal int Version => database.Server.MajorVersion;

    /// <summary>A name that no other schema of the test process has.</summary>
    internal static string NewName(string prefix) => string.Create(CultureInfo.InvariantCulture, $"{prefix} {Interlocked.Increment(ref count)}");

    /// <summary>The roles that the pairs name. Roles belong to the server, whose tests run side by side.</summary>
    internal async Task MakeRolesAsync() => await database.ExecuteAsync("""
        DO $$BEGIN
            IF to_regrole('diff_a') IS NULL THEN CREATE ROLE diff_a; END IF;
            IF to_regrole('diff_b') IS NULL THEN CREATE ROLE diff_b; END IF;
        EXCEPTION WHEN unique_violation OR duplicate_object THEN
            -- The other database's tests were faster, and have committed both.
            NULL;
        END$$
        """);

    /// <summary>Makes a schema out of SQL with bare names.</summary>
    internal async Task<SchemaSnapshot> MakeAsync(string schema, string sql)
    {
        await RunAsync(schema, [$"CREATE SCHEMA {SqlIdentifier.Quote(schema)}", .. Split(sql)]);
        return await ReadAsync(schema);
    }

    /// <summary>Makes two schemas: one to be changed, and one as it is to be then.</summary>
    internal async Task<(string Schema, SchemaSnapshot From, SchemaSnapshot To)> MakePairAsync(string before, string after)
    {
        var schema = NewName("left");
        return (schema, await MakeAsync(schema, before), await MakeAsync(NewName("right"), after));
    }

    /// <summary>What makes the one into the other.</summary>
    internal async Task<SchemaDiff> CompareAsync(string before, string after, DiffOptions? options = null)
    {
        var (_, from, to) = await MakePairAsync(before, after);
        return SchemaDiff.Compare(from, to, options);
    }

    internal async Task DropAsync(params string[] schemas) => await database.ExecuteAsync($"SET client_min_messages = error; DROP SCHEMA IF EXISTS {string.Join(", ", schemas.Select(SqlIdentifier.Quote))} CASCADE");

    internal async Task<SchemaSnapshot> ReadAsync(string schema)
    {
        await using var connection = await database.DataSource.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        return await SnapshotReader.ReadAsync(connection, schema, CancellationToken.None);
    }

    /// <summary>Carries out a diff in a schema: statement by statement, or all in one transaction.</summary>
    internal Task ApplyAsync(string schema, SchemaDiff diff, bool isTransaction)
    {
        var statements = Statements(schema, diff.ToYaml());
        return RunAsync(schema, isTransaction ? ["BEGIN", .. statements, "COMMIT"] : statements);
    }

    /// <summary>The statements of operations for a schema, by way of a manifest.</summary>
    internal static List<string> Statements(string schema, string operations)
    {
        var manifest = ManifestReader.ReadText($"revision: r1\nup:\n{(operations.Length == 0 ? "  []\n" : operations)}down: []\n", "diff.yaml", TestProject.Standard, allowsDrafts: true);
        return [.. manifest.Up.SelectMany(static operation => operation.Statements).Select(statement => statement.Template.Render(new() { TenantSchema = schema, TenantName = schema, SharedSchema = "shared" }))];
    }

    /// <summary>The definitions of a schema without its name, the lines sorted: the order of columns is no part of equality, nor are the names that PostgreSQL 18 gives NOT NULL.</summary>
    internal async Task<string> DumpAsync(string schema)
    {
        var dump = (await database.DumpAsync(schema)).Replace(SqlIdentifier.Quote(schema), "<schema>", StringComparison.Ordinal).Replace(schema, "<schema>", StringComparison.Ordinal);
        return string.Join('\n', dump.Split('\n').Select(static line => NotNullNames().Replace(Places().Replace(Columns().Replace(line, "COPY $1"), ""), "NOT NULL").TrimEnd(',').Trim()).Where(static line => !line.StartsWith("SELECT pg_catalog.setval", StringComparison.Ordinal) && !ChosenNotNull().IsMatch(line)).Order(StringComparer.Ordinal));
    }

    /// <summary>The statements of a text, taken apart by the engine's own reader; no name is a token here.</summary>
    private static IEnumerable<string> Split(string sql)
    {
        List<ManifestError> errors = [];
        var statements = new SqlCompiler(new SqlTokens("no token", "no token either")).Compile(new SourceText(sql, new SourcePosition("setup.sql", 1, 1)), errors);
        Assert.Empty(errors);
        return statements.Select(static statement => statement.Template.Render(new() { SharedSchema = "shared" }));
    }

    /// <summary>As pg_dump writes them. With NO INHERIT, NOT VALID or a comment they are objects, whose names count.</summary>
    [GeneratedRegex("(?<!ADD )CONSTRAINT (\\w+|\"([^\"]|\"\")+\") NOT NULL(?! NO INHERIT)")]
    private static partial Regex NotNullNames();

    [GeneratedRegex("_not_null[0-9]*: NOT NULL")]
    private static partial Regex ChosenNotNull();

    [GeneratedRegex("(?<=^column .*) [0-9]{4}(?= )")]
    private static partial Regex Places();

    [GeneratedRegex("^COPY (.*) \\(.*\\) FROM stdin;$")]
    private static partial Regex Columns();

    /// <summary>One value, with the schema first in the path.</summary>
    internal async Task<T?> ScalarAsync<T>(string schema, string query) => await database.ScalarAsync<T>($"SET search_path = {SqlIdentifier.Quote(schema)}; {query}");

    /// <summary>A connection with the schema first in the path.</summary>
    internal async Task<NpgsqlConnection> OpenAsync(string schema)
    {
        var connection = await database.DataSource.OpenConnectionAsync();
        await using var path = new NpgsqlCommand($"SET search_path = {SqlIdentifier.Quote(schema)}, pg_temp", connection);
        await path.ExecuteNonQueryAsync();
        return connection;
    }

    /// <summary>Runs statements with the schema first in the path.</summary>
    internal async Task RunAsync(string schema, IEnumerable<string> statements)
    {
        await using var connection = await OpenAsync(schema);
        foreach (var statement in statements.Where(static statement => statement.Length > 0))
        {
            // In a batch Npgsql takes no text apart, which it does wrongly for BEGIN ATOMIC.
            await using var command = new NpgsqlBatch(connection) { BatchCommands = { new(statement) } };
            try
            {
                await command.ExecuteNonQueryAsync();
            }
            catch (PostgresException error)
            {
                await using var rollback = new NpgsqlCommand("ROLLBACK", connection);
                await rollback.ExecuteNonQueryAsync();
                throw new InvalidOperationException($"{error.MessageText} {error.Detail}\n{statement}\n---\n{string.Join(";\n", statements)}", error);
            }
        }
    }
}
