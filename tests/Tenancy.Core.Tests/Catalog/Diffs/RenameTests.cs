using Tenancy.Core.Catalog.Diffs;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Catalog.Diffs;

/// <summary>Renames: asked for, offered, and those of names that PostgreSQL chose.</summary>
public sealed class RenameTests(DiffServer server) : IClassFixture<DiffServer>
{
    private const string Before = """
        CREATE TYPE mood AS ENUM ('ok'); CREATE TYPE span AS RANGE (SUBTYPE = integer); CREATE TABLE stay (s span, m span_multirange); CREATE TABLE customer (id serial PRIMARY KEY, fax text, mood mood DEFAULT 'ok', CHECK (fax <> ''), UNIQUE (fax)); CREATE INDEX ON customer (lower(fax)) WHERE fax IS NOT NULL;
        CREATE TABLE invoice (id int, customer_id int REFERENCES customer, fax text REFERENCES customer (fax)); CREATE VIEW v AS SELECT id, fax FROM customer; GRANT SELECT ON v TO PUBLIC;
        """;

    private const string After = """
        CREATE TYPE feeling AS ENUM ('ok'); CREATE TYPE range_of_days AS RANGE (SUBTYPE = integer); CREATE TABLE stay (s range_of_days, m multirange_of_days); CREATE TABLE client (id serial PRIMARY KEY, phone text, mood feeling DEFAULT 'ok', CHECK (phone <> ''), UNIQUE (phone)); CREATE INDEX ON client (lower(phone)) WHERE phone IS NOT NULL;
        CREATE TABLE invoice (id int, customer_id int REFERENCES client, fax text REFERENCES client (phone)); CREATE VIEW w AS SELECT id, phone FROM client; GRANT SELECT ON w TO PUBLIC;
        """;

    private static readonly DiffOptions Options = new() { Renames = [.. new[] { "table:customer->client", "column:client.fax->phone", "enum:mood->feeling", "range_type:span->range_of_days", "view:v->w" }.Select(ObjectRename.Parse)] };

    [Fact]
    public async Task WhatIsRenamedKeepsItsRows()
    {
        var schema = DiffServer.NewName("left");
        var from = await server.MakeAsync(schema, Before);
        var to = await server.MakeAsync(DiffServer.NewName("right"), After);
        await server.RunAsync(schema, ["INSERT INTO customer (fax) VALUES ('1'), ('2')"]);

        var up = SchemaDiff.Compare(from, to, Options);
        await server.ApplyAsync(schema, up, isTransaction: false);
        Shape.AssertEqual(to, await server.ReadAsync(schema), up);
        Assert.DoesNotContain(up.Changes, static change => change.Hazards.Any(static hazard => hazard.Kind is HazardKind.DeletesData or HazardKind.BuildsIndex or HazardKind.RewritesTable));
        Assert.DoesNotContain(up.Changes, static change => change.Kind == ChangeKind.Drop && change.Identity.Kind is not "view");

        var down = SchemaDiff.Compare(to, from, SchemaDiff.Inverse(Options));
        await server.ApplyAsync(schema, down, isTransaction: false);
        Shape.AssertEqual(from, await server.ReadAsync(schema), down);
        Assert.Equal(2L, await server.ScalarAsync<long>(schema, "SELECT count(*) FROM customer WHERE fax IN ('1', '2')"));
    }

    [Fact]
    public async Task RenamesAreOfferedAndNotTaken()
    {
        var from = await server.MakeAsync(DiffServer.NewName("left"), Before);
        var to = await server.MakeAsync(DiffServer.NewName("right"), After.Replace("CREATE TABLE client (id serial PRIMARY KEY, phone text,", "CREATE TABLE client (id serial PRIMARY KEY, fax text, phone text,", StringComparison.Ordinal).Replace("customer_id", "client_id", StringComparison.Ordinal));

        var diff = SchemaDiff.Compare(from, to);

        Assert.Contains("column:invoice.customer_id->client_id", diff.Suggestions.Select(static suggestion => suggestion.ToString()));
        Assert.DoesNotContain(diff.Changes, static change => change.Kind == ChangeKind.Rename);
        Assert.Contains(diff.Changes, static change => change.Hazards.Any(static hazard => hazard.Kind == HazardKind.DeletesData));
    }

    [Fact]
    public async Task ATableThatIsAlikeIsOffered()
    {
        var from = await server.MakeAsync(DiffServer.NewName("left"), "CREATE TABLE customer (id int, name text, city text)");
        var to = await server.MakeAsync(DiffServer.NewName("right"), "CREATE TABLE client (id int, name text, city text, note text)");

        Assert.Equal(["table:customer->client"], SchemaDiff.Compare(from, to).Suggestions.Select(static suggestion => suggestion.ToString()));
    }

    [Fact]
    public async Task NamesThatSwapAreRenamedOneAfterAnother()
    {
        var schema = DiffServer.NewName("left");
        var from = await server.MakeAsync(schema, "CREATE TABLE t (a int, b int); CREATE INDEX one ON t (a); CREATE INDEX two ON t (b); ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0), ADD CONSTRAINT d CHECK (b > 0)");
        var to = await server.MakeAsync(DiffServer.NewName("right"), "CREATE TABLE t (a int, b int); CREATE INDEX two ON t (a); CREATE INDEX one ON t (b); ALTER TABLE t ADD CONSTRAINT d CHECK (a > 0), ADD CONSTRAINT c CHECK (b > 0)");

        var diff = SchemaDiff.Compare(from, to);
        await server.ApplyAsync(schema, diff, isTransaction: false);

        Shape.AssertEqual(to, await server.ReadAsync(schema), diff);
        Assert.All(diff.Operations, static operation => Assert.StartsWith("rename_", operation.Name, StringComparison.Ordinal));
    }

    [Fact]
    public async Task SequencesOfIdentitiesSwapTheirNames()
    {
        var schema = DiffServer.NewName("left");
        var from = await server.MakeAsync(schema, "CREATE TABLE a (id bigint GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME one)); CREATE TABLE b (id bigint GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME two)); CREATE TABLE c (id int GENERATED ALWAYS AS IDENTITY);");
        var to = await server.MakeAsync(DiffServer.NewName("right"), "CREATE TABLE a (id bigint GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME two)); CREATE TABLE b (id bigint GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME one)); CREATE TABLE c (id int GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME own));");

        var (up, down) = (SchemaDiff.Compare(from, to), SchemaDiff.Compare(to, from));
        await server.ApplyAsync(schema, up, isTransaction: true);
        Shape.AssertEqual(to, await server.ReadAsync(schema), up);
        await server.ApplyAsync(schema, down, isTransaction: true);
        Shape.AssertEqual(from, await server.ReadAsync(schema), down);

        Assert.Empty(up.Inexpressible);
        Assert.All(up.Operations, static operation => Assert.Equal("rename_sequence", operation.Name));
    }

    [Theory]
    [InlineData("customer->client")]
    [InlineData("table:customer")]
    [InlineData("colour:red->blue")]
    [InlineData("column:fax->phone")]
    [InlineData("table:a.b->c")]
    [InlineData("column:a.b->c.d")]
    [InlineData("column:a.b->a.")]
    [InlineData("index:a->")]
    public void WhatIsNoRenameIsRefused(string text) => Assert.Equal("InvalidRename", Assert.Throws<TenancyException>(() => ObjectRename.Parse(text)).ErrorId);

    [Theory]
    [InlineData("column:\"my.table\".\"a->b\"->\"c\"\"d\"")]
    [InlineData("table:a->b")]
    [InlineData("column:a.\"b#\"->")]
    public void RenamesAreWrittenAsTheyAreRead(string text) => Assert.Equal(ObjectRename.Parse(text), ObjectRename.Parse(ObjectRename.Parse(text).ToString()));

    [Fact]
    public void AFileOfRenamesHasOneALine()
    {
        var path = Path.Combine(Path.GetTempPath(), $"renames_{Guid.NewGuid():N}.txt");
        try
        {
            File.WriteAllText(path, "# as agreed\ntable:customer->client # since May\n\n  column:client.\"fax # 1\"->  # goes\n");
            Assert.Equal(["table:customer->client", "column:client.\"fax # 1\"->"], RenameFile.Read(path).AsEnumerable());
            File.WriteAllText(path, "\ntable:customer\n");
            var error = Assert.Throws<TenancyException>(() => RenameFile.Read(path));
            Assert.Equal("InvalidRename", error.ErrorId);
            Assert.Contains($"{path}:2: ", error.Message, StringComparison.Ordinal);

            File.WriteAllText(path, "table:client->réclame\n", System.Text.Encoding.Latin1);
            Assert.Contains("not UTF-8", Assert.Throws<TenancyException>(() => RenameFile.Read(path)).Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }

        Assert.Equal("RenameFileNotFound", Assert.Throws<TenancyException>(() => RenameFile.Read(path)).ErrorId);
    }

    [Fact]
    public async Task WhatIsSaidNotToBeRenamedIsNotOffered()
    {
        var from = await server.MakeAsync(DiffServer.NewName("left"), "CREATE TABLE customer (id int, name text, fax text)");
        var to = await server.MakeAsync(DiffServer.NewName("right"), "CREATE TABLE client (id int, name text, phone text)");
        static DiffOptions Saying(params string[] renames) => new() { Renames = [.. renames.Select(ObjectRename.Parse)] };

        Assert.Equal(["column:client.fax->phone"], SchemaDiff.Compare(from, to, Saying("table:customer->client")).Suggestions.Select(static suggestion => suggestion.ToString()));
        Assert.Empty(SchemaDiff.Compare(from, to, Saying("table:customer->client", "column:client.fax->")).Suggestions);
        Assert.Empty(SchemaDiff.Compare(from, to, Saying("table:customer->")).Suggestions);
        Assert.Empty(SchemaDiff.Inverse(Saying("table:customer->")).Renames);
        foreach (var text in (string[])["table:nothing->", "column:client.name->"])
        {
            Assert.Equal("RenameNotFound", Assert.Throws<TenancyException>(() => SchemaDiff.Compare(from, to, Saying("table:customer->client", text))).ErrorId);
        }
    }

    /// <summary>What names such a thing in its text is the same text before and after, and means another.</summary>
    [Theory]
    [InlineData("CREATE TABLE a (x int); CREATE TABLE b (y int, CHECK (y > 0))", "CREATE TABLE b (x int); CREATE TABLE a (y int, CHECK (y > 0))", "table:a->b", "table:b->a")]
    [InlineData("CREATE TABLE a (k int PRIMARY KEY, x int); CREATE TABLE b (k int PRIMARY KEY, y int REFERENCES a); CREATE VIEW v AS SELECT k FROM a; CREATE FUNCTION f() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM a; END; CREATE STATISTICS s ON k, x FROM a", "CREATE TABLE b (k int PRIMARY KEY, x int); CREATE TABLE a (k int PRIMARY KEY, y int REFERENCES b); CREATE VIEW v AS SELECT k FROM a; CREATE FUNCTION f() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM a; END; CREATE STATISTICS s ON k, x FROM b", "table:a->b", "table:b->a")]
    [InlineData("CREATE TABLE a (x int); CREATE TABLE b (y int); CREATE TABLE c (z int)", "CREATE TABLE b (x int); CREATE TABLE c (y int); CREATE TABLE a (z int)", "table:a->b", "table:b->c", "table:c->a")]
    [InlineData("CREATE TABLE a (x int); CREATE TABLE b (y int)", "CREATE TABLE b (x int); CREATE TABLE c (y int)", "table:a->b", "table:b->c")]
    [InlineData("CREATE TABLE t (k int, a int, b text, CHECK (a > 0)); CREATE INDEX ON t (a); CREATE VIEW v AS SELECT a FROM t", "CREATE TABLE t (k int, b int, a text, CHECK (b > 0)); CREATE INDEX ON t (b); CREATE VIEW v AS SELECT a FROM t", "column:t.a->b", "column:t.b->a")]
    [InlineData("CREATE SEQUENCE a START 3; CREATE SEQUENCE b INCREMENT 2; CREATE TABLE t (x int DEFAULT nextval('a'))", "CREATE SEQUENCE b START 3; CREATE SEQUENCE a INCREMENT 2; CREATE TABLE t (x int DEFAULT nextval('b'))", "sequence:a->b", "sequence:b->a")]
    [InlineData("CREATE FUNCTION a(x int) RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE FUNCTION b(x int) RETURNS int LANGUAGE sql AS 'SELECT 2'; CREATE VIEW v AS SELECT a(1)", "CREATE FUNCTION b(x int) RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE FUNCTION a(x int) RETURNS int LANGUAGE sql AS 'SELECT 2'; CREATE VIEW v AS SELECT a(1)", "function:a->b", "function:b->a")]
    [InlineData("CREATE TYPE a AS ENUM ('x'); CREATE TYPE b AS ENUM ('y'); CREATE TABLE t (m a DEFAULT 'x', n b[])", "CREATE TYPE b AS ENUM ('x'); CREATE TYPE a AS ENUM ('y'); CREATE TABLE t (m b DEFAULT 'x', n a[])", "enum:a->b", "enum:b->a")]
    public async Task ExchangedNamesTakeAnotherForAWhile(string before, string after, params string[] renames)
    {
        var schema = DiffServer.NewName("left");
        var from = await server.MakeAsync(schema, before);
        var to = await server.MakeAsync(DiffServer.NewName("right"), after);
        var options = new DiffOptions { Renames = [.. renames.Select(ObjectRename.Parse)] };

        var up = SchemaDiff.Compare(from, to, options);
        await server.ApplyAsync(schema, up, isTransaction: false);
        Shape.AssertEqual(to, await server.ReadAsync(schema), up);
        Assert.DoesNotContain(up.Changes, static change => change.Kind is ChangeKind.Drop or ChangeKind.Create && change.Identity.Kind is not ("view" or "function"));

        var down = SchemaDiff.Compare(to, from, SchemaDiff.Inverse(options));
        await server.ApplyAsync(schema, down, isTransaction: true);
        Shape.AssertEqual(from, await server.ReadAsync(schema), down);
    }

    [Fact]
    public async Task ARenameOfNothingIsAnError()
    {
        var from = await server.MakeAsync(DiffServer.NewName("left"), "CREATE TABLE a (x int); CREATE TABLE c (x int)");
        var to = await server.MakeAsync(DiffServer.NewName("right"), "CREATE TABLE b (x int); CREATE TABLE c (x int)");

        foreach (var text in (string[])["table:nothing->b", "table:a->nothing", "table:a->c"])
        {
            Assert.Equal("RenameNotFound", Assert.Throws<TenancyException>(() => SchemaDiff.Compare(from, to, new() { Renames = [ObjectRename.Parse(text)] })).ErrorId);
        }
    }
}
