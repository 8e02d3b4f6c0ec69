using Tenancy.Core.Catalog;
using Tenancy.Core.Catalog.Scratch;
using Tenancy.Core.Tests.Execution;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Catalog.Scratch;

/// <summary>A dump that says how a schema is to be: what of it is read, and what is told of one that is none, or not whole.</summary>
public sealed class DesiredDumpTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("tenancy-desired-").FullName;

    /// <summary>What pg_dump writes of a schema is, loaded, that schema; with its rows, its owner and its grants.</summary>
    [SkippableTheory]
    [InlineData("public", false)]
    [InlineData("app", false)]
    [InlineData("app", true)]
    public async Task A_dump_is_the_schema_that_was_dumped(string schema, bool withRows)
    {
        var roles = await TestRoles.CreateAsync("reader");
        await using var database = await PostgresFixture.CreateDatabaseAsync(extensions: true);
        await database.ExecuteAsync($$"""
            CREATE SCHEMA IF NOT EXISTS {{schema}};
            CREATE SCHEMA shared;
            CREATE TABLE shared.users (id integer PRIMARY KEY);
            SET search_path = {{schema}}, extensions;
            SET check_function_bodies = off;
            CREATE FUNCTION next_total(integer) RETURNS numeric LANGUAGE sql SET search_path = {{schema}}, pg_temp AS 'SELECT max(total) FROM invoice';
            CREATE TABLE app (id integer PRIMARY KEY, mail citext UNIQUE);
            CREATE TABLE invoice (id bigserial PRIMARY KEY, app integer REFERENCES app, owner integer REFERENCES shared.users, total numeric(14,2) NOT NULL CHECK (total >= 0), at date);
            INSERT INTO app VALUES (1, 'a'), (2, E'\\.');
            INSERT INTO shared.users VALUES (1);
            INSERT INTO invoice (app, owner, total) VALUES (1, 1, 1);
            CREATE INDEX invoice_app ON invoice (app) WHERE total > 1;
            CREATE VIEW totals AS SELECT app.id, sum(invoice.total) AS total FROM app JOIN invoice ON invoice.app = app.id WHERE app.mail = 'x' GROUP BY app.id;
            CREATE TABLE old (id integer, at date) PARTITION BY RANGE (at);
            CREATE TABLE old_2020 PARTITION OF old FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
            COMMENT ON TABLE invoice IS 'It''s; a "comment"';
            GRANT SELECT ON invoice TO {{roles["reader"]}};
            RESET search_path
            """);
        var file = Path.Combine(folder, "dump.sql");
        await DesiredSqlTests.DumpAsync(database, file, withRows ? ["--schema", schema] : schema == "public" ? ["--schema-only", "--exclude-schema", "extensions"] : ["--schema-only", "--schema", schema]);
        await using var project = new ScratchProject(database, "fleet: test\nshared_schema: shared");

        var (sql, snapshot) = await DesiredSqlTests.LoadAsync(project, members => DesiredSqlReader.ReadDump(file, "shared", null, members));

        await using var connection = await database.DataSource.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var expected = await SnapshotReader.ReadAsync(connection, schema, default);
        // Everybody may use public, and the database owns it.
        Assert.DoesNotContain(SnapshotComparison.Compare(expected, snapshot), difference => !(schema == "public" && (difference.Identity.Kind == "schema" || difference.Property == "owner")));
        Assert.True(sql.SaysGrants && sql.SaysOwners);
        Assert.Equal(withRows, sql.LeftOut.Any(static text => text.StartsWith("The rows of", StringComparison.Ordinal)));
        Assert.Equal(schema == "public", sql.LeftOut.Any(static text => text.Contains("schema shared", StringComparison.Ordinal)));
    }

    [Fact]
    public void What_psql_would_do_is_not_done()
    {
        Write("evil.sql", "\\restrict abc\n\\! touch /tmp/evil\nCREATE TABLE public.a (id integer);\n");

        var error = Assert.Throws<TenancyException>(() => DesiredSqlReader.ReadDump(Path.Combine(folder, "evil.sql"), "shared", null, new Dictionary<string, string>()));

        Assert.Equal("InvalidDesiredSql", error.ErrorId);
        Assert.Contains("evil.sql:2:", error.Message, StringComparison.Ordinal);
    }

    /// <summary>A comment of several lines, or a value that --inserts wrote, may hold what looks like the beginning of rows.</summary>
    [Theory]
    [InlineData("COMMENT ON TABLE public.a IS 'How:\nCOPY a FROM stdin;\n1';")]
    [InlineData("INSERT INTO public.a VALUES (1, 'a\nCOPY x FROM stdin;\nb');")]
    [InlineData("CREATE FUNCTION public.f() RETURNS integer LANGUAGE plpgsql AS $_$/*\nCOPY x FROM stdin;\n*/ BEGIN RETURN 1; END$_$;")]
    public void What_looks_like_rows_amid_a_text_begins_none(string text)
    {
        Write("dump.sql", $"CREATE TABLE public.a (id integer, note text);\n{text}\nCREATE TABLE public.b (id integer);\nCOPY public.b (id) FROM stdin;\n1\n\\.\nCREATE TABLE public.c (id integer);\n");

        var sql = DesiredSqlReader.ReadDump(Path.Combine(folder, "dump.sql"), "shared", null, new Dictionary<string, string>());

        Assert.Equal(3, sql.Statements.Count(static statement => statement.Command == "CREATE TABLE"));
        Assert.Contains(sql.LeftOut, static left => left.StartsWith("The rows of 1 table ", StringComparison.Ordinal));
    }

    [Fact]
    public void A_dump_in_another_format_is_told()
    {
        Write("custom.dump", "PGDMP\0\u0001");

        Assert.Equal("NotAPlainDump", Assert.Throws<TenancyException>(() => DesiredSqlReader.ReadDump(Path.Combine(folder, "custom.dump"), "shared", null, new Dictionary<string, string>())).ErrorId);
    }

    [Fact]
    public void A_dump_that_ends_amid_its_rows_is_told()
    {
        Write("cut.sql", "CREATE TABLE public.a (id integer);\nCOPY public.a (id) FROM stdin;\n1\n2\n");

        var error = Assert.Throws<TenancyException>(() => DesiredSqlReader.ReadDump(Path.Combine(folder, "cut.sql"), "shared", null, new Dictionary<string, string>()));

        Assert.Equal("NotAPlainDump", error.ErrorId);
        Assert.Contains("line 2", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Between two statements too: what is missing would be dropped.</summary>
    [Theory]
    [InlineData("CREATE TABLE public.a (id integer);\n", true)]
    [InlineData("CREATE TABLE public.a (", true)]
    [InlineData("", true)]
    [InlineData("CREATE TABLE public.a (id integer);\n\n--\n-- PostgreSQL database dump complete\n--\n", false)]
    public void A_dump_that_was_cut_off_is_told(string text, bool isCut)
    {
        Write("cut.sql", $"--\n-- PostgreSQL database dump\n--\n\nSET lock_timeout = 0;\n{text}");
        DesiredSql Read() => DesiredSqlReader.ReadDump(Path.Combine(folder, "cut.sql"), "shared", null, new Dictionary<string, string>());
        if (!isCut)
        {
            Assert.Single(Read().Statements);
            return;
        }

        var error = Assert.Throws<TenancyException>(Read);
        Assert.Equal("NotAPlainDump", error.ErrorId);
        Assert.Contains("begins as a dump in line 2 and has no end", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Not pg_dump, which writes all names in full.</summary>
    [Fact]
    public async Task Sql_with_bare_names_in_place_of_a_dump_is_read()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await using var project = new ScratchProject(database);
        Write("dump.sql", "CREATE TABLE a (id integer PRIMARY KEY);\nCREATE TABLE b (a integer REFERENCES a);\n");

        var (_, snapshot) = await DesiredSqlTests.LoadAsync(project, members => DesiredSqlReader.ReadDump(Path.Combine(folder, "dump.sql"), project.Project.SharedSchema, null, members));

        Assert.True(snapshot.Objects.ContainsKey(new("constraint", "b_a_fkey", "b")));
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(folder, name), text);
}
