using System.Globalization;
using System.Text.RegularExpressions;
using Tenancy.Core.Manifests;
using Tenancy.Core.Sql;
using Tenancy.Core.Tenants;
using Tenancy.Core.Tests.Manifests;
using Tenancy.Core.Tests.Sql;
using Tenancy.Model;
using Xunit;
using Xunit.Abstractions;

namespace Tenancy.Core.Tests.Fuzzing;

/// <summary>
/// No text that somebody gives makes a reader throw what it does not say, hang, or read one thing and run another. A minute in all, of texts that are the
/// same each time; TENANCY_FUZZ_MINUTES makes each reader's turn as long as that, of texts that nobody has seen; TENANCY_FUZZ_SEED begins where a failure said.
/// </summary>
public sealed partial class FuzzTests(ITestOutputHelper output)
{
    private const string Hostile = "a\"b'c$d$e\\; DROP SCHEMA x; --/*";

    private static readonly SqlValues Plain = Values("acme");

    private static readonly string[] SqlWords =
    [
        "'", "\"", "$$", "$a$", "$", "${", "}", "${tenant.schema}", "${tenant.quoted}", "${tenant.name}", "${x.a}", "--", "/*", "*/", "\n", ";", "(", ")", ".", "::", "\\", "\\.", "E'", "U&'", "U&\"", " UESCAPE '!'", "b'", "N'", "\0", "\uFEFF",
        "tenant_schema", "tenant_schema.", "shared.", "SCHEMA ", "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS ", "DO ", "BEGIN ATOMIC ", "BEGIN", "END", "CASE", " SET search_path = tenant_schema", "COPY t FROM stdin;\n", "CREATE INDEX CONCURRENTLY ",
        "set_config(", "COMMIT", "EXECUTE format('%I', ", "REINDEX (CONCURRENTLY) ", "ALTER TYPE tenant_schema.e ADD VALUE 'x'", "VACUUM", "standard_conforming_strings", "\\connect x",
    ];

    private static readonly string[] YamlWords =
    [
        ": ", "- ", "{", "}", "[", "]", "|", ">", "&a ", "*a", "!!str ", "!!binary ", "---\n", "...\n", "<<: ", "? ", "\"", "'", "#", "%YAML 1.2\n", "\t", "\n", "\r", "\0", "\uFEFF", "~", "null", "true", "0x1", "1e999", "9999999999999999999",
        "revision: ", "parent: ", "up:\n", "down: ", "auto", "touches: ", "data: true\n", "arguments: ", "requires: ", "on_fail: skip", "sql: ", "sql_file: ../../etc/passwd", "undo: ", "create_table: ", "columns: ", "name: ", "type: ", "add_column: ",
        "concurrently: true", "batch: ", "verify: ", "suppress: ", "labels: ", "depends_on: ", "scope: shared\n", "rings:\n", "soak: ", "match: ", "tenants: ", "query: ", "file: ", "timeouts: ", "lock: ", "hooks: ", "fleet: ",
    ];

    private static int Seed => Environment.GetEnvironmentVariable("TENANCY_FUZZ_SEED") is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : IsLong ? Environment.TickCount : 1;

    private static bool IsLong => Environment.GetEnvironmentVariable("TENANCY_FUZZ_MINUTES") is { Length: > 0 };

    private static TimeSpan Time => Environment.GetEnvironmentVariable("TENANCY_FUZZ_MINUTES") is { Length: > 0 } text ? TimeSpan.FromMinutes(double.Parse(text, CultureInfo.InvariantCulture)) : TimeSpan.FromSeconds(12);

    private static IReadOnlyList<string> Examples { get; } = [.. Directory.GetFiles(ExampleProject.Folder, "*.yaml", SearchOption.AllDirectories).Concat(Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Execution", "Rich"), "*.yaml")).Select(File.ReadAllText)];

    [Fact]
    public void Sql()
    {
        var statements = Examples.SelectMany(static text => text.Split("\n").Where(static line => line.Contains("sql:", StringComparison.Ordinal)).Select(static line => line[(line.IndexOf("sql:", StringComparison.Ordinal) + 4)..].Trim(' ', '"', '|')));
        Run([.. SqlPlaces.All, .. statements.Where(static sql => sql.Length > 0)], SqlWords, ReadSql);
    }

    [Fact]
    public void Manifests() => Run(Examples, [.. YamlWords, .. SqlWords], static text =>
    {
        try
        {
            var manifest = ManifestReader.ReadText(text, "m.yaml", TestProject.Standard);
            var again = ManifestReader.ReadText(manifest.CanonicalText, "history", TestProject.Standard);
            return again.Checksum == manifest.Checksum
                ? string.Join(' ', manifest.Up.Concat(manifest.Down).Select(static operation => operation.Operation.Name))
                : throw new InvalidOperationException($"What history keeps is another manifest: {manifest.CanonicalText}");
        }
        catch (ManifestException error)
        {
            return Check(error.Errors, text);
        }
    });

    [Fact]
    public void Projects()
    {
        using var folder = new TestProject();
        folder.Write("manifests/.keep", "");
        var path = Path.Combine(folder.Folder, "tenancy.yaml");
        Run(Examples, YamlWords, text =>
        {
            // As bytes, in which a file need not be text.
            File.WriteAllBytes(path, System.Text.Encoding.Latin1.GetBytes(text));
            return Refused(() => ProjectReader.Read(path), text);
        });
    }

    [Fact]
    public void Rollouts() => Run(Examples, YamlWords, static text => Refused(() => RolloutReader.Parse(text, "rollout.yaml"), text));

    [Fact]
    public void Files_of_tenants() => Run(
        ["Name,Schema,Region\r\nAcme,tenant_acme,eu\r\n\"Initech, Inc.\",tenant_initech,\"us\"\"\"\r\n", "- {name: acme, schema: tenant_acme, labels: {ring: canary}}\n- globex\n", "tenants:\n  - schema: a\n    database: b\n"],
        [.. YamlWords, ",", "\"\"", "\r\n", ";", "Schema", "Database,Server", "labels: "],
        static text =>
        {
            List<ManifestError> errors = [];
            var tenants = CsvTenants.Read("tenants.csv", text, errors).Count + YamlTenants.Read("tenants.yaml", text, errors).Count;
            return $"{(tenants > 0 ? "some" : "none")} {Check(errors, text)}";
        });

    [GeneratedRegex("string( string)+")]
    private static partial Regex Strings();

    private static string Refused<T>(Func<T> read, string text)
    {
        try
        {
            read();
            return "read";
        }
        catch (ManifestException error)
        {
            return Check(error.Errors, text);
        }
    }

    // An error is where the text is, and says something.
    private static string Check(IEnumerable<ManifestError> errors, string text)
    {
        // What ends a line in YAML (1.1, 5.4) or CSV.
        var lines = text.Count(static letter => letter is '\n' or '\r' or '\u0085' or '\u2028' or '\u2029') + 2;
        foreach (var error in errors)
        {
            Assert.InRange(error.Line, 0, lines);
            Assert.True(error.Message.Length > 10, error.Message);
        }

        return string.Join(' ', errors.Take(3).Select(static error => error.Message[..Math.Min(error.Message.Length, 30)]));
    }

    private static SqlValues Values(string name) => new()
    {
        TenantSchema = name,
        TenantName = name,
        SharedSchema = "common",
        Arguments = new Dictionary<string, string> { ["a"] = name, ["key"] = name, ["it"] = name },
    };

    private static string ReadSql(string text)
    {
        var (statements, errors) = Compiling.Compile(text);
        foreach (var statement in statements)
        {
            try
            {
                var plain = statement.Template.Render(Plain);
                var hostile = statement.Template.Render(Values(Hostile));

                // A name or a value ends neither the statement nor what it stands in.
                Assert.Equal(Shape(plain), Shape(hostile));
            }
            catch (TenancyException error) when (error.ErrorId is "InvalidName" or "NameNotAllowed" or "ArgumentNotAllowed" or "ArgumentMissing")
            {
            }
        }

        return string.Join(' ', statements.Take(3).Select(static statement => statement.Command)) + Check(errors, text);
    }

    // Tokens by kind, and where statements end. A name is one, quoted or not; strings in a row are one, whatever their form: some continue each other over lines.
    private static string Shape(string sql)
    {
        var pieces = 0;
        for (var splitter = new SqlSplitter(sql); splitter.Next(out var piece);)
        {
            pieces += piece.IsEmpty ? 0 : 1;
        }

        return $"{pieces}: {Strings().Replace(string.Join(' ', SqlLexer.Tokenize(sql).Where(static token => !token.IsTrivia).Select(static token => token.IsName ? "name" : token.IsString ? "string" : token.Kind.ToString())), "string")}";
    }

    private void Run(IReadOnlyList<string> seeds, string[] words, Func<string, string?> read)
    {
        var seed = Seed;
        var (texts, answers) = new Fuzzer(seeds, words, read).Run(Time, IsLong ? long.MaxValue : 30_000, seed);
        output.WriteLine($"{texts} texts, {answers} answers told apart, seed {seed}");
        Assert.True(answers > 20, $"Only {answers} answers were told apart in {texts} texts: the reader was not reached.");
    }
}
