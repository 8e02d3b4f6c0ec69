using System.Text.Json;
using Tenancy.Core.History;
using Tenancy.Core.Planning;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>Arguments of a run: checked before anything runs, and secrets shown nowhere.</summary>
public sealed class ArgumentTests
{
    private const string Secret = "pä'ss\\w\"ord $$";

    private const string WithArguments = """
        revision: aaaa0001
        arguments:
          size: {type: integer, description: How large}
          colour: {type: text, default: red, allowed: [red, blue]}
          column: {type: identifier, default: id}
          flag: {type: boolean, default: "true"}
        up:
          - sql: CREATE TABLE tenant_schema.thing ("${x.column}" integer DEFAULT ${x.size}::integer, colour text DEFAULT ${x.colour}, flag boolean DEFAULT '${x.flag}')
            undo: DROP TABLE tenant_schema.thing
        """;

    [Theory]
    [InlineData("MissingArgument", "size")]
    [InlineData("UnknownArgument", "sise", "size=1", "sise=1")]
    [InlineData("InvalidArgument", "size", "size=one")]
    [InlineData("InvalidArgument", "colour", "size=1", "colour=green")]
    [InlineData("InvalidArgument", "flag", "size=1", "flag=yes")]
    [InlineData("InvalidArgument", "column", "size=1", "column=")]
    [InlineData("InvalidArgument", "column", "size=1", "column=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public async Task A_wrong_argument_is_an_error_before_anything_runs(string errorId, string name, params string[] arguments)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database).With("1", WithArguments);
        await database.ExecuteAsync("CREATE SCHEMA t1; CREATE SCHEMA t2");
        await project.MigrateAsync([]);
        var before = await database.DumpAsync();
        var request = new MigrationRequest { Arguments = arguments.Select(static pair => pair.Split('=')).ToDictionary(static pair => pair[0], static pair => pair[1]) };

        var error = await Assert.ThrowsAsync<TenancyException>(() => project.MigrateAsync(FleetProject.Tenants("t1", "t2"), request));
        await using var fleet = project.Open();
        var plans = await fleet.PlanAsync(FleetProject.Tenants("t1", "t2"), request).ToListAsync();

        Assert.Equal(errorId, error.ErrorId);
        Assert.Contains($"'{name}'", error.Message, StringComparison.Ordinal);
        Assert.NotNull(error.RecommendedAction);
        Assert.All(plans, plan => Assert.Equal(errorId, plan.Failure?.ErrorId));
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM pg_class WHERE relname = 'thing'"));
        if (before.Contains("CREATE SCHEMA tenancy", StringComparison.Ordinal))
        {
            Assert.Equal(before, await database.DumpAsync());
        }
    }

    [Fact]
    public async Task Values_are_escaped_for_where_they_stand()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database).With("1", WithArguments);
        await database.ExecuteAsync("CREATE SCHEMA t1");
        const string Column = "a\"b'; drop schema t1; --";

        var result = Assert.Single(await project.MigrateAsync(
            FleetProject.Tenants("t1"), new() { Arguments = new Dictionary<string, string> { ["size"] = "-3", ["column"] = Column, ["colour"] = "blue" } }));

        Assert.Null(result.Error);
        await database.ExecuteAsync("INSERT INTO t1.thing DEFAULT VALUES");
        Assert.Equal([-3, "blue", true], (await database.QueryAsync("SELECT * FROM t1.thing"))[0]);
        Assert.Equal(Column, await database.ScalarAsync<string>("SELECT attname::text FROM pg_attribute WHERE attrelid = 't1.thing'::regclass AND attnum = 1"));
    }

    // Each makes the server say the value, or a part of the engine that shows SQL.
    [Theory]
    [InlineData("SELECT ${x.secret}::integer")]
    [InlineData("SELECT '${x.secret}'::integer")]
    [InlineData("SELECT E'\\x41${x.secret}'::integer")]
    [InlineData("SELECT \"${x.secret}\"")]
    [InlineData("SELECT * FROM \"${x.secret}\".\"${x.secret}\"")]
    [InlineData("DO $body$ BEGIN RAISE EXCEPTION 'no: % / %', ${x.secret}, quote_literal('${x.secret}') USING HINT = ${x.secret}, DETAIL = ${x.secret}; END $body$")]
    [InlineData("DO $body$ BEGIN RAISE EXCEPTION '%', quote_ident(${x.secret}); END $body$")]
    [InlineData("CREATE TABLE tenant_schema.a (b text CHECK (b <> ${x.secret})); INSERT INTO tenant_schema.a VALUES (${x.secret})")]
    [InlineData("SELECT ${x.secret} ||| 1")]
    public async Task A_secret_is_shown_nowhere(string sql)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database).With("1", $$"""
            revision: aaaa0001
            arguments:
              secret: {type: text, secret: true}
            up:
              - sql: CREATE TABLE tenant_schema.kept (value text)
                undo: DROP TABLE tenant_schema.kept
              - sql: INSERT INTO tenant_schema.kept VALUES (${x.secret}), ('${x.secret}')
                undo: DELETE FROM tenant_schema.kept
            """).With("2", $"""
            revision: aaaa0002
            parent: aaaa0001
            arguments:
              secret:
                secret: true
            up:
              - sql: |
                  {sql}
            down:
              irreversible: test
            """);
        await database.ExecuteAsync("CREATE SCHEMA t1");
        var request = new MigrationRequest { Arguments = new Dictionary<string, string> { ["secret"] = Secret } };
        await using var fleet = project.Open();

        var plans = await fleet.PlanAsync(FleetProject.Tenants("t1"), request).ToListAsync();
        var results = await project.MigrateAsync(FleetProject.Tenants("t1"), request);

        Assert.Equal(MigrationStatus.Failed, results[0].Status);
        Assert.Equal(["aaaa0001"], results[0].To);
        Assert.Equal(2L, await database.ScalarAsync<long>($"SELECT count(*) FROM t1.kept WHERE value = '{Secret.Replace("'", "''", StringComparison.Ordinal)}'"));
        var history = await fleet.GetHistoryAsync(null, new HistoryQuery()).ToListAsync();
        Assert.Contains(history, static entry => entry.Outcome == "failed");
        AssertHidden(plans);
        AssertHidden(results);
        AssertHidden(history);
        AssertHidden(project.Log.Text);
        AssertHidden(await database.DumpAsync("tenancy"));
    }

    // Any part of it that no escape changes would give it away.
    private static void AssertHidden<T>(T value)
    {
        var text = value as string ?? JsonSerializer.Serialize(value, Shown);
        Assert.DoesNotContain("pä", text, StringComparison.Ordinal);
        Assert.DoesNotContain("ord $", text, StringComparison.Ordinal);
    }

    private static readonly JsonSerializerOptions Shown = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
