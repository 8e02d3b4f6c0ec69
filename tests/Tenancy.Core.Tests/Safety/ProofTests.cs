using Tenancy.Core.Tests.Execution;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Safety;

/// <summary>Every revision up, down and up again, on a scratch schema.</summary>
public sealed class ProofTests
{
    [Fact]
    public async Task Each_revision_is_told_how_it_went()
    {
        await using var database = await JudgementTests.CreateAsync();
        using var project = new FleetProject(database).With("1", SafetyDocument.Base)
            .With("2", Revision(2, "- sql: CREATE TABLE tenant_schema.note (id bigint); CREATE INDEX note_idx ON tenant_schema.note (id)\n    undo: DROP INDEX tenant_schema.note_idx"))
            .With("3", Revision(3, "- drop_column: {table: customer, name: joined}", "down: {irreversible: what was there is gone}"))
            .With("4", Revision(4, "- create_table: {name: left_behind, columns: [{name: id, type: bigint}]}", "down: []"))
            .With("5", Revision(5, "- add_column: {table: country, name: never, type: text}"));

        var results = await ProveAsync(project, database);

        Assert.Equal([("ba5e0001", ProofStatus.Proved), ("ba5e0002", ProofStatus.Failed)], results.Take(2).Select(static result => (result.Revision, result.Status)));
        Assert.Equal("42P07", results[1].Failure?.SqlState);
        Assert.All(results.Skip(2), static result => Assert.Equal((ProofStatus.NotProved, "not reached: ba5e0002 failed."), (result.Status, result.Message)));

        project.With("2", Revision(2, "- sql: CREATE TABLE IF NOT EXISTS tenant_schema.note (id bigint)\n    undo: SELECT 1")).With("4", Revision(4, "- sql: CREATE TABLE IF NOT EXISTS tenant_schema.left_behind (id bigint)", "down: []"));
        results = await ProveAsync(project, database);

        Assert.Equal([ProofStatus.Proved, ProofStatus.Differs, ProofStatus.OneWay, ProofStatus.OneWay, ProofStatus.Proved], results.Select(static result => result.Status));
        Assert.Contains(results[1].Differences, static difference => difference.StartsWith("table note", StringComparison.Ordinal));
        Assert.Contains("what was there is gone", results[2].Message, StringComparison.Ordinal);
        Assert.Contains(results[3].Differences, static difference => difference.StartsWith("table left_behind", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Up_again_that_gives_something_else_is_found()
    {
        await using var database = await JudgementTests.CreateAsync();
        using var project = new FleetProject(database).With("1", SafetyDocument.Base).With("2", Revision(2, """
            - sql: |
                    DO $$ BEGIN
                      IF EXISTS (SELECT FROM tenant_schema.country) THEN ALTER TABLE tenant_schema.country ADD second text; ELSE ALTER TABLE tenant_schema.country ADD first text; END IF;
                    END $$
                undo: ALTER TABLE tenant_schema.country DROP COLUMN first; INSERT INTO tenant_schema.country VALUES (1)
            """));

        var result = (await ProveAsync(project, database))[1];

        Assert.Equal(ProofStatus.Differs, result.Status);
        Assert.StartsWith("done, undone and done again", result.Message, StringComparison.Ordinal);
        Assert.NotEmpty(result.Differences);
    }

    [Fact]
    public async Task What_must_commit_is_proved_in_a_schema_that_is_dropped()
    {
        await using var database = await JudgementTests.CreateAsync("t1");
        using var project = new FleetProject(database).With("1", SafetyDocument.Base)
            .With("2", Revision(2, "- add_enum_value: {enum: state, value: waiting, if_not_exists: true}\n  - sql: CREATE TABLE IF NOT EXISTS tenant_schema.ticket (state state DEFAULT 'waiting')", "down: []"))
            .With("3", Revision(3, "- create_index: {name: customer_city_idx, table: customer, columns: [city], concurrently: true}"));

        var results = await ProveAsync(project, database, FleetProject.Tenants("t1")[0]);

        Assert.Equal([ProofStatus.Proved, ProofStatus.OneWay, ProofStatus.Proved], results.Select(static result => result.Status));
    }

    [Fact]
    public async Task Only_those_asked_for_are_told_and_what_stands_in_their_way()
    {
        await using var database = await JudgementTests.CreateAsync();
        using var project = new FleetProject(database).With("1", SafetyDocument.Base).With("2", Revision(2, "- create_index: {name: customer_city_idx, table: customer, columns: [city]}"))
            .With("s", "revision: 5a000001\nscope: shared\nup:\n  - create_table: {name: plan, columns: [{name: id, type: bigint}]}");
        await using var fleet = project.Open();

        var results = await fleet.ProveAsync([fleet.Revisions["ba5e0002"], fleet.Revisions["5a000001"]], null, new Dictionary<string, string>(), project.Log);

        Assert.Equal([("5a000001", ProofStatus.NotProved), ("ba5e0002", ProofStatus.Proved)], results.Select(static result => (result.Revision, result.Status)));
    }

    private static string Revision(int number, string up, string down = "down: auto") => $"revision: ba5e000{number}\nparent: ba5e000{number - 1}\nup:\n  {up}\n{down}\n";

    private static async Task<IReadOnlyList<ProvedRevision>> ProveAsync(FleetProject project, TestDatabase database, Tenant? specimen = null)
    {
        var before = await database.DumpAsync();
        await using var fleet = project.Open();
        var results = await fleet.ProveAsync(fleet.Revisions.All, specimen, new Dictionary<string, string>(), project.Log);
        Assert.Equal(before, await database.DumpAsync());
        return results;
    }
}
