using System.Collections.Immutable;
using Tenancy.Core.Authoring.Autogenerate;
using Tenancy.Core.Catalog;
using Tenancy.Core.Catalog.Diffs;
using Tenancy.Core.Tests.Execution;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Authoring;

/// <summary>What the proof of a generated migration sees: all that stands in its way, and whatever it should have changed.</summary>
public sealed class AutogenerateProofTests
{
    [Theory]
    [InlineData("search_path")]
    [InlineData("token")]
    public async Task What_does_not_count_stands_in_the_way_all_the_same(string mode)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA acme; CREATE TABLE acme.t (id integer, other integer); CREATE VIEW acme.report AS SELECT id FROM acme.t; COMMENT ON VIEW acme.report IS 'theirs'");
        using var project = new FleetProject(database, $"fleet: test\nmode: {mode}");

        var error = await Assert.ThrowsAsync<TenancyException>(() => AutogenerateTests.GenerateAsync(project, "CREATE TABLE t (id bigint, other integer)", request => request with { Excluded = ["view:report"] }));

        Assert.Equal("ProofFailed", error.ErrorId);
        Assert.Contains("used by a view", error.Message, StringComparison.Ordinal);
        Assert.StartsWith("What -Exclude leaves out is there all the same", error.RecommendedAction, StringComparison.Ordinal);

        var beside = await AutogenerateTests.GenerateAsync(project, "CREATE TABLE t (id integer, other bigint)", request => request with { Excluded = ["view:report", "comments"] });
        Assert.Equal("Alter column t.other", Assert.Single(beside.Changes).ToString());
        Assert.DoesNotContain(beside.Notes, static note => note.Contains("-Exclude", StringComparison.Ordinal));
    }

    /// <summary>A function that needs a type as it is to be cannot be made where the type stays as it is.</summary>
    [Fact]
    public async Task What_stays_as_it_is_is_named_where_it_stands_in_the_way()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA acme; CREATE TYPE acme.address AS (street text, city text); CREATE DOMAIN acme.addresses AS acme.address[]; CREATE TABLE acme.t (homes acme.addresses[])");
        using var project = new FleetProject(database);

        var error = await Assert.ThrowsAsync<TenancyException>(() => AutogenerateTests.GenerateAsync(
            project, "CREATE TYPE address AS (street text, zip text, city text); CREATE DOMAIN addresses AS address[]; CREATE TABLE t (homes addresses[]); CREATE FUNCTION label(a address) RETURNS text LANGUAGE sql AS 'SELECT a.zip || a.city'"));

        Assert.Equal("ProofFailed", error.ErrorId);
        Assert.Contains("Not in it: composite type address: ", error.Message, StringComparison.Ordinal);
        Assert.StartsWith("What needs an object that stays as it is", error.RecommendedAction, StringComparison.Ordinal);
    }

    /// <summary>The desired schema and the proof both lock the shared table, each in a transaction of its own.</summary>
    [Fact]
    public async Task A_proof_that_commits_does_not_wait_for_the_desired_schema()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA shared; CREATE TABLE shared.users (id integer PRIMARY KEY); CREATE SCHEMA acme; CREATE TYPE acme.state AS ENUM ('open')");
        using var project = new FleetProject(database, "fleet: test\ntimeouts: {lock: 3s}");

        var result = await AutogenerateTests.GenerateAsync(project, "CREATE TYPE state AS ENUM ('open', 'done'); CREATE TABLE t (id integer REFERENCES shared.users, state state DEFAULT 'done')");

        Assert.Equal(GeneratedMigrationStatus.Proved, result.Status);
    }

    [Fact]
    public async Task What_cannot_be_copied_may_be_left_out_and_that_is_said()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA acme; CREATE TABLE acme.t (id integer); SET check_function_bodies = off; CREATE FUNCTION acme.broken() RETURNS integer LANGUAGE sql AS 'SELECT id FROM gone'; CREATE VIEW acme.kept AS SELECT id FROM acme.t");
        using var project = new FleetProject(database);
        const string Desired = "CREATE TABLE t (id integer, more text)";

        Assert.Equal("CopyFailed", (await Assert.ThrowsAsync<TenancyException>(() => AutogenerateTests.GenerateAsync(project, Desired))).ErrorId);
        var result = await AutogenerateTests.GenerateAsync(project, Desired, request => request with { Excluded = ["function:broken*", "view:kept"] });

        Assert.True(result.IsProved);
        Assert.Contains(result.Notes, static note => note.StartsWith("What -Exclude leaves out is not in the copy either", StringComparison.Ordinal) && note.Contains("gone", StringComparison.Ordinal));
        Assert.Equal(0, await database.ScalarAsync<long>("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'tenancy\\_scratch%'"));
    }

    /// <summary>What no statement makes is in neither copy; it is there all the same, so it is nothing new.</summary>
    [Theory]
    [InlineData("search_path", false, false)]
    [InlineData("search_path", false, true)]
    [InlineData("token", false, false)]
    [InlineData("token", true, false)]
    [InlineData("token", false, true)]
    [InlineData("token", true, true)]
    public async Task What_no_copy_has_is_not_missing(string mode, bool isLive, bool isGone)
    {
        const string Function = "CREATE FUNCTION same(integer, integer) RETURNS boolean IMMUTABLE LANGUAGE sql AS 'SELECT $1 = $2';";
        const string Both = Function + "CREATE OPERATOR === (FUNCTION = same, LEFTARG = integer, RIGHTARG = integer);";
        var desired = (isGone ? Function : Both) + "CREATE TABLE t (id integer, more text)";
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync($"CREATE SCHEMA acme; CREATE SCHEMA dev; SET search_path = acme; {Both} CREATE TABLE t (id integer); SET search_path = dev; {desired}");
        using var project = new FleetProject(database, $"fleet: test\nmode: {mode}");

        var result = await AutogenerateTests.GenerateAsync(project, desired, request => isLive ? request with { Desired = new DesiredSource.Live(new() { Name = "dev", Schema = "dev" }) } : request);

        Assert.Equal("Create column t.more", Assert.Single(result.Changes).ToString());
        Assert.Contains(result.Notes, static note => note.StartsWith("Not part of the proof, because it cannot be copied: unsupported", StringComparison.Ordinal));
        Assert.True(result.IsProved);
        Assert.Equal(isGone ? 1 : 0, result.Inexpressible.Length);
        Assert.All(result.Inexpressible, static text => Assert.Contains("===", text, StringComparison.Ordinal));
    }

    /// <summary>Of a table whose partitioning stays as it is, all else must be as it is to be.</summary>
    [Fact]
    public void Only_what_stays_as_it_was_may_differ()
    {
        static CatalogObject Table(string by, string? unlogged) => new()
        {
            Identity = new("table", "t"),
            Properties = CatalogObject.NoProperties.Add("partition_by", by).AddRange(unlogged is null ? [] : [KeyValuePair.Create("unlogged", unlogged)]),
        };

        static SchemaSnapshot Shape(string by, string? unlogged, params string[] columns) =>
            new([Table(by, unlogged), .. columns.Select(static name => new CatalogObject { Identity = new("column", name, "t"), Properties = CatalogObject.NoProperties })], []);

        var expected = new StayingObjects(Shape("list (id)", null, "id", "more"), Shape("hash (id)", null, "id"), [new("table", "t")], []);

        Assert.Empty(expected.Differences(Shape("hash (id)", null, "id", "more")));
        Assert.Equal(["column t.more is missing"], expected.Differences(Shape("hash (id)", null, "id")).Select(static difference => difference.ToString()));
        Assert.Equal(["table t: partition_by is range (id), not list (id)"], expected.Differences(Shape("range (id)", null, "id", "more")).Select(static difference => difference.ToString()));
        Assert.Equal(["table t: unlogged is true, not unset"], expected.Differences(Shape("hash (id)", "true", "id", "more")).Select(static difference => difference.ToString()));

        // What is missing from the start, is with all its parts.
        var missing = new StayingObjects(Shape("list (id)", null, "id"), new([], []), [new("table", "t")], ImmutableArray<ObjectRename>.Empty);
        Assert.Empty(missing.Differences(new([], [])));
        Assert.Equal(["column t.id is missing"], missing.Differences(Shape("list (id)", null)).Select(static difference => difference.ToString()));
    }

    [Theory]
    [InlineData("search_path")]
    [InlineData("token")]
    public async Task A_range_type_changes_while_columns_have_it(string mode)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA acme; CREATE TYPE acme.span AS RANGE (SUBTYPE = integer); CREATE TABLE acme.t (s acme.span NOT NULL, m acme.span_multirange)");
        using var project = new FleetProject(database, $"fleet: test\nmode: {mode}");

        var result = await AutogenerateTests.GenerateAsync(project, "CREATE TYPE span AS RANGE (SUBTYPE = bigint); CREATE TABLE t (s span NOT NULL, m span_multirange)");

        Assert.Equal(GeneratedMigrationStatus.Proved, result.Status);
        Assert.Empty(result.Inexpressible);
    }

    [Fact]
    public async Task A_table_that_gets_a_parent_keeps_its_columns_as_its_own_and_that_is_said()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA acme; CREATE TABLE acme.base (id integer); CREATE TABLE acme.child (id integer, more text)");
        using var project = new FleetProject(database);
        const string Desired = "CREATE TABLE base (id integer, CHECK (id > 0)); CREATE TABLE child (more text) INHERITS (base)";

        var result = await AutogenerateTests.GenerateAsync(project, Desired);

        Assert.Equal(GeneratedMigrationStatus.Proved, result.Status);
        Assert.Contains(result.Inexpressible, static left => left.StartsWith("column child.id", StringComparison.Ordinal) && left.Contains("ALTER TABLE … INHERIT", StringComparison.Ordinal));

        await database.ExecuteAsync("ALTER TABLE acme.base ADD CHECK (id > 0); ALTER TABLE acme.child ADD CONSTRAINT base_id_check CHECK (id > 0), INHERIT acme.base");
        using var next = new FleetProject(database);
        Assert.Equal(GeneratedMigrationStatus.Same, (await AutogenerateTests.GenerateAsync(next, Desired)).Status);
    }

    [Theory]
    [InlineData("CREATE TABLE invoice (id integer GENERATED ALWAYS AS IDENTITY)", "table:bill->invoice")]
    [InlineData("CREATE TABLE bill (id integer GENERATED ALWAYS AS IDENTITY, more text)", null)]
    public async Task An_identity_keeps_the_name_that_its_table_had(string desired, string? rename)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA acme; CREATE TABLE acme.invoice (id integer GENERATED ALWAYS AS IDENTITY); ALTER TABLE acme.invoice RENAME TO bill");
        using var project = new FleetProject(database);

        var result = await AutogenerateTests.GenerateAsync(project, desired, request => request with { Renames = rename is null ? [] : [rename] });

        Assert.Equal(GeneratedMigrationStatus.Proved, result.Status);
        Assert.Empty(result.Inexpressible);
        Assert.Equal(rename is null, result.Text!.Contains("rename_sequence", StringComparison.Ordinal));
    }
}
