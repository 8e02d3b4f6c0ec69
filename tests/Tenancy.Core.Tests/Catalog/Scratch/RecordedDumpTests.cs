using System.Globalization;
using System.Text.RegularExpressions;
using Tenancy.Core.Catalog;
using Tenancy.Core.Catalog.Scratch;
using Tenancy.Core.Tests.Execution;
using Tenancy.Core.Tests.Manifests;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Catalog.Scratch;

/// <summary>
/// What pg_dump 18 wrote of <c>Dumps/app.sql</c> and, of 18, <c>Dumps/app_18.sql</c>, with various options; the number before the name is the dumped server's version. Loaded, each is that schema. There need be no
/// such pg_dump here.
/// </summary>
public sealed partial class RecordedDumpTests
{
    private static string Folder { get; } = Path.Combine(ExampleProject.RepositoryRoot, "tests", "Tenancy.Core.Tests", "Catalog", "Scratch", "Dumps");

    [Fact]
    public async Task Each_is_the_schema_that_was_dumped()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("""
            DO $$BEGIN
                PERFORM pg_advisory_xact_lock(4711);
                IF to_regrole('dump_owner') IS NULL THEN CREATE ROLE dump_owner; CREATE ROLE dump_reader; END IF;
            END$$
            """);
        await RunAsync(database, await File.ReadAllTextAsync(Path.Combine(Folder, "app.sql")));
        var expected = new Dictionary<int, SchemaSnapshot> { [15] = await ReadAsync(database) };
        if (database.Server.MajorVersion >= 18)
        {
            await RunAsync(database, "SET ROLE dump_owner;\nSET search_path = app;\n" + await File.ReadAllTextAsync(Path.Combine(Folder, "app_18.sql")));
            expected[18] = await ReadAsync(database);
        }

        await using var project = new ScratchProject(database);
        foreach (var file in Directory.GetFiles(Folder, "*-*.sql").Order(StringComparer.Ordinal))
        {
            var text = await File.ReadAllTextAsync(file);
            if (!expected.TryGetValue(int.Parse(Path.GetFileName(file)[..2], CultureInfo.InvariantCulture), out var wanted))
            {
                continue;
            }

            await AssertIsAsync(project, file, wanted);
            if (Path.GetFileName(file) == "15-plain.sql")
            {
                // 17 without the minor release that wrote \restrict first, 16 without the setting that came with 17.
                await AssertIsAsync(project, file, wanted, Restrict().Replace(text, ""));
                await AssertIsAsync(project, file, wanted, Restrict().Replace(text, "").Replace("SET transaction_timeout = 0;\n", "", StringComparison.Ordinal));
                await AssertIsAsync(project, file, wanted, text.Replace("\n", "\r\n", StringComparison.Ordinal));
            }
        }
    }

    private static async Task AssertIsAsync(ScratchProject project, string file, SchemaSnapshot expected, string? text = null)
    {
        using var folder = new TemporaryCopy(file, text);
        var (sql, snapshot) = await DesiredSqlTests.LoadAsync(project, members => DesiredSqlReader.ReadDump(folder.File, "shared", "app", members));
        Assert.Equal(!file.Contains("noowner", StringComparison.Ordinal), sql.SaysGrants && sql.SaysOwners);
        // The query of a materialized view is not run; what nobody owns, nobody was given anything of.
        var differences = SnapshotComparison.Compare(expected, snapshot).Where(difference => difference.Property != "with_data"
            && (sql.SaysGrants || !(difference.Property is "grants" or "revokes" or "owner" || difference.Identity.Kind is "default_privileges" or "schema")));
        Assert.True(!differences.Any(), $"{file}: {string.Join('\n', differences)}");
    }

    private static async Task<SchemaSnapshot> ReadAsync(TestDatabase database)
    {
        await using var connection = await database.DataSource.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        return await SnapshotReader.ReadAsync(connection, "app", default);
    }

    // A line with BEGIN ATOMIC by itself: Npgsql would take it apart.
    private static async Task RunAsync(TestDatabase database, string text)
    {
        await using var connection = await database.DataSource.OpenConnectionAsync();
        foreach (var part in Atomic().Split(text))
        {
            await using var batch = new Npgsql.NpgsqlBatch(connection) { BatchCommands = { new(part.TrimEnd().TrimEnd(';')) } };
            await using var command = new Npgsql.NpgsqlCommand(part, connection);
            await (part.Contains("BEGIN ATOMIC", StringComparison.Ordinal) ? batch.ExecuteNonQueryAsync() : command.ExecuteNonQueryAsync());
        }
    }

    [GeneratedRegex("^(.*BEGIN ATOMIC.*\\n)", RegexOptions.Multiline)]
    private static partial Regex Atomic();

    [GeneratedRegex(@"^\\(un)?restrict .*\n", RegexOptions.Multiline)]
    private static partial Regex Restrict();

    private sealed class TemporaryCopy : IDisposable
    {
        private readonly string folder = Directory.CreateTempSubdirectory("tenancy-dump-").FullName;

        public TemporaryCopy(string file, string? text)
        {
            File = Path.Combine(folder, Path.GetFileName(file));
            System.IO.File.WriteAllText(File, text ?? System.IO.File.ReadAllText(file));
        }

        public string File { get; }

        public void Dispose() => Directory.Delete(folder, recursive: true);
    }
}
