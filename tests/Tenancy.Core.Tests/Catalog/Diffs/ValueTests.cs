using Tenancy.Core.Catalog.Diffs;
using Xunit;

namespace Tenancy.Core.Tests.Catalog.Diffs;

/// <summary>What becomes of values when their column's type changes: they are kept, or refused by an error, or the loss was told.</summary>
public sealed class ValueTests(DiffServer server) : IClassFixture<DiffServer>
{
    private const string Error = "error";

    /// <summary>The old type, the new one, a value, what it becomes; whether that is said to lose something.</summary>
    [Theory]
    [InlineData("varchar(9)[]", "varchar(3)[]", "{abcdef}", Error)]
    [InlineData("varchar(9)[]", "varchar(3)[]", "{abc,NULL}", "{abc,NULL}")]
    [InlineData("text[]", "char(3)[]", "{abcdef}", Error)]
    [InlineData("text", "bit(3)", "10101", Error)]
    [InlineData("bit(5)", "bit(3)", "10101", Error)]
    [InlineData("bit(3)", "bit varying(5)", "101", "101")]
    [InlineData("text", "code", "abcdef", Error)]
    [InlineData("integer", "code", "123456", Error)]
    [InlineData("text[]", "code[]", "{abcdef}", Error)]
    [InlineData("text", "codes", "{abcdef}", Error)]
    [InlineData("varchar(9)", "name", "abc", "abc")]
    [InlineData("text", "name", "abc", "abc", true)]
    [InlineData("numeric(10,4)", "numeric(10,2)", "1.2345", "1.23", true)]
    [InlineData("numeric(10,2)[]", "numeric(10,1)[]", "{1.25}", "{1.3}", true)]
    [InlineData("numeric(6,2)", "numeric(10,4)", "1.25", "1.2500")]
    [InlineData("numeric", "integer", "1.6", "2", true)]
    [InlineData("numeric(5)", "integer", "7", "7")]
    [InlineData("text", "numeric(6,2)", "1.256", "1.26", true)]
    [InlineData("text", "integer", "1.5", Error)]
    [InlineData("double precision", "real", "1.23456789012345", "1.2345679", true)]
    [InlineData("double precision", "integer", "1.6", "2", true)]
    [InlineData("real", "double precision", "1.5", "1.5")]
    [InlineData("bigint", "double precision", "9007199254740993", "9.007199254740992e+15", true)]
    [InlineData("integer", "bigint", "7", "7")]
    [InlineData("bigint", "integer", "9007199254740993", Error)]
    [InlineData("integer", "boolean", "5", "true", true)]
    [InlineData("boolean", "integer", "t", "1")]
    [InlineData("timestamp", "timestamp(0)", "2026-01-01 10:00:00.6", "2026-01-01 10:00:01", true)]
    [InlineData("timestamp", "date", "2026-01-01 10:00:00", "2026-01-01", true)]
    [InlineData("date", "timestamp", "2026-01-01", "2026-01-01 00:00:00")]
    [InlineData("interval", "interval(0)", "1.6 seconds", "00:00:02", true)]
    [InlineData("json", "jsonb", "{\"a\":1,\"a\":2}", "{\"a\": 2}", true)]
    [InlineData("text", "\"char\"", "abc", "a", true)]
    [InlineData("numrange", "int4range", "[1.5,3)", Error)]
    [InlineData("tsrange", "daterange", "[\"2026-01-01 10:00\",\"2026-01-02 10:00\")", "[2026-01-01,2026-01-02)", true)]
    [InlineData("money", "numeric(10,1)", "1.25", "1.3", true)]
    [InlineData("amount", "integer", "1.6", "2", true)]
    [InlineData("text", "mood", "fine", Error)]
    public async Task NothingIsLostInSilence(string was, string type, string value, string expected, bool isLost = false)
    {
        const string types = "CREATE DOMAIN code AS varchar(3); CREATE DOMAIN codes AS varchar(3)[]; CREATE DOMAIN amount AS numeric(10,4); CREATE TYPE mood AS ENUM ('ok');";
        await CheckAsync(types, was, types, type, [value], [expected], isLost);
    }

    [Theory]
    [InlineData("timestamp", "timestamptz", "2026-01-01 10:00:00", "2026-01-01 19:00:00+09")]
    [InlineData("timestamptz", "timestamp", "2026-01-01 10:00:00+00", "2026-01-01 10:00:00")]
    [InlineData("date", "timestamptz", "2026-01-01", "2026-01-01 09:00:00+09")]
    [InlineData("timestamptz", "date", "2026-01-01 20:00:00+00", "2026-01-01", true)]
    [InlineData("timestamptz", "time", "2026-01-01 20:00:00+00", "20:00:00", true)]
    [InlineData("time", "timetz", "20:00:00", "20:00:00+00")]
    public async Task TheSessionsTimeZoneMakesNoDifference(string was, string type, string value, string expected, bool isLost = false)
    {
        var diff = await CheckAsync("", was, "", type, [value], [expected], isLost, "SET TimeZone = 'Asia/Tokyo'");

        Assert.Contains(diff.Changes.SelectMany(static change => change.Hazards), static hazard => hazard.Kind == HazardKind.AssumesTimeZone && hazard.Message.Contains("UTC", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("timestamp[]", "timestamptz[]")]
    [InlineData("text", "timestamptz")]
    [InlineData("timestamptz", "text")]
    [InlineData("tsrange", "tstzrange")]
    public async Task WhereItMakesOneThatIsTold(string was, string type) =>
        Assert.Contains((await server.CompareAsync($"CREATE TABLE t (a {was})", $"CREATE TABLE t (a {type})")).Changes.SelectMany(static change => change.Hazards), static hazard => hazard.Kind == HazardKind.AssumesTimeZone);

    [Theory]
    [InlineData("x int, y int", "y int, x int", "(2,1)")]
    [InlineData("x int, y int", "y bigint, z text, x text", "(2,,1)")]
    [InlineData("x int, y int, z int", "z int, x int, y int", "(,1,2)")]
    [InlineData("x int, y int", "z int, y int", "(,2)", true)]
    [InlineData("x int, y int", "x bigint, y bigint", "(1,2)")]
    [InlineData("x text, y text", "y varchar(3), x varchar(3)", "(2,1)", true)]
    [InlineData("x text, y text", "x varchar(3), y varchar(3)", "(1,2)")]
    [InlineData("x numeric, y numeric", "x numeric(5,1), y numeric(5,1)", "(1.0,2.0)", true)]
    public async Task AttributesAreKnownByTheirNames(string was, string type, string expected, bool isLost = false) =>
        await CheckAsync($"CREATE TYPE pair AS ({was}); CREATE TYPE around AS (p pair, n int); CREATE TABLE more (p around);", "pair", $"CREATE TYPE pair AS ({type}); CREATE TYPE around AS (p pair, n int); CREATE TABLE more (p around);", "pair",
            ["(1,2" + (was.Contains('z', StringComparison.Ordinal) ? ",)" : ")"), null], [expected, null], isLost);

    [Fact]
    public async Task ATypeWithinAnotherIsKnownByItsNamesToo()
    {
        const string before = "CREATE TYPE pair AS (x int, y int); CREATE DOMAIN couple AS pair; CREATE TYPE around AS (n int, p pair);", after = "CREATE TYPE pair AS (y int, x int); CREATE DOMAIN couple AS pair; CREATE TYPE around AS (n int, p pair);";

        await CheckAsync(before, "around", after, "around", ["(7,\"(1,2)\")", "(8,)", null], ["(7,\"(2,1)\")", "(8,)", null], isLost: false);
        await CheckAsync(before, "couple", after, "couple", ["(1,2)"], ["(2,1)"], isLost: false);
    }

    [Fact]
    public async Task ATypeOfTheSameRowTakesAttributesByName() =>
        await CheckAsync("CREATE TABLE row_a (x int, y int); CREATE TYPE pair AS (y int, x int);", "row_a", "CREATE TABLE row_a (x int, y int); CREATE TYPE pair AS (y int, x int);", "pair", ["(1,2)"], ["(2,1)"], isLost: false);

    [Theory]
    [InlineData("pair[]", "{NULL,\"(1,2)\",\"(,)\"}", "{NULL,\"(2,1)\",\"(,)\"}")]
    [InlineData("pair[]", "[0:1]={\"(1,2)\",\"(3,)\"}", "[0:1]={\"(2,1)\",\"(,3)\"}")]
    [InlineData("pair[]", "{}", "{}")]
    [InlineData("pair[]", null, null)]
    [InlineData("pair[]", "{{\"(1,2)\"},{\"(3,4)\"}}", Error)]
    [InlineData("pairs", "{\"(1,2)\"}", "{\"(2,1)\"}")]
    [InlineData("couple[]", "{\"(1,2)\",NULL}", "{\"(2,1)\",NULL}")]
    [InlineData("around", "(7,\"{\"\"(1,2)\"\"}\",\"(3,4)\")", "(7,\"{\"\"(2,1)\"\"}\",\"(4,3)\")")]
    [InlineData("around[]", "{\"(7,\\\"{\\\"\\\"(1,2)\\\"\\\",\\\"\\\"(3,4)\\\"\\\"}\\\",)\",NULL}", "{\"(7,\\\"{\\\"\\\"(2,1)\\\"\\\",\\\"\\\"(4,3)\\\"\\\"}\\\",)\",NULL}")]
    public async Task AttributesWithinAnArrayAreKnownByTheirNames(string type, string? value, string? expected)
    {
        static string Types(string attributes) => $"CREATE TYPE pair AS ({attributes}); CREATE DOMAIN pairs AS pair[]; CREATE DOMAIN couple AS pair; CREATE TYPE around AS (n int, list pair[], p pair);";

        var diff = await CheckAsync(Types("x int, y int"), type, Types("y int, x int"), type, [value], [expected], isLost: false);

        Assert.Contains(diff.Changes.SelectMany(static change => change.Hazards), static hazard => hazard.Kind == HazardKind.DependsOnData && hazard.Message.Contains("dimension", StringComparison.Ordinal));
    }

    [Fact]
    public async Task AnArrayOfAnotherTypeTakesAttributesByName()
    {
        const string types = "CREATE TYPE pair AS (x int, z text, y int); CREATE TYPE riap AS (y bigint, x text);";
        await CheckAsync(types, "pair[]", types, "riap[]", ["{\"(1,a,2)\"}"], ["{\"(2,1)\"}"], isLost: true);
    }

    [Fact]
    public async Task WhatOnlyTextConvertsIsNotExchanged()
    {
        const string types = "CREATE TYPE p AS (x int, y int); CREATE TYPE q AS (y int, x int);";

        var diff = await server.CompareAsync($"{types} CREATE TABLE t (a p)", $"{types} CREATE TABLE t (a q[])");

        Assert.Contains("t.a", Assert.Single(diff.Inexpressible).ToString(), StringComparison.Ordinal);
        Assert.Empty(diff.Changes);
    }

    private async Task<SchemaDiff> CheckAsync(string before, string was, string after, string type, string?[] values, string?[] expected, bool isLost, params string[] settings)
    {
        var schema = DiffServer.NewName("left");
        var from = await server.MakeAsync(schema, $"{before} CREATE TABLE t (n int, a {was})");
        var to = await server.MakeAsync(DiffServer.NewName("right"), $"{after} CREATE TABLE t (n int, a {type})");
        await server.RunAsync(schema, values.Select((value, number) => $"INSERT INTO t VALUES ({number}, {(value is null ? "NULL" : $"'{value}'")})"));

        var diff = SchemaDiff.Compare(from, to);
        Assert.Empty(diff.Inexpressible);
        Assert.Equal(isLost, diff.Changes.SelectMany(static change => change.Hazards).Any(static hazard => hazard.Kind == HazardKind.DeletesData));
        string[] statements = [.. settings, "BEGIN", .. DiffServer.Statements(schema, diff.ToYaml()), "COMMIT"];
        if (expected.Contains(Error))
        {
            await Assert.ThrowsAsync<InvalidOperationException>(() => server.RunAsync(schema, statements));
            return diff;
        }

        await server.RunAsync(schema, statements);
        Shape.AssertEqual(to, await server.ReadAsync(schema), diff);
        for (var number = 0; number < values.Length; number++)
        {
            Assert.Equal(expected[number], await server.ScalarAsync<string>(schema, $"{string.Concat(settings.Select(static setting => $"{setting}; "))}SELECT a::text FROM t WHERE n = {number}"));
        }

        return diff;
    }
}
