using Tenancy.Core.Manifests;
using Tenancy.Core.Revisions;
using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>Extensions, which belong to the shared scope.</summary>
public sealed class ExtensionTests
{
    [SkippableTheory]
    [InlineData("search_path", "", "shared")]
    [InlineData("token", ", schema: extensions", "extensions")]
    [InlineData("search_path", ", schema: extensions, version: '1.6', cascade: true", "extensions")]
    public async Task One_is_created_and_dropped_and_declares_by_itself_what_it_touches(string mode, string keys, string schema)
    {
        await using var database = await CreateAsync();
        using var project = new FleetProject(database, $"fleet: test\nmode: {mode}").With("1", "revision: aaaa0001\nscope: shared\nup: [create_sequence: {name: n}]").With("2", $$"""
            revision: aaaa0002
            parent: aaaa0001
            scope: shared
            up:
              - create_extension: {name: citext{{keys}}}
            """);
        Outcome.AssertMigrated(await project.MigrateAsync([], new() { Scope = MigrationScope.Shared, To = "aaaa0001" }));
        var before = await database.DumpAsync(except: "tenancy");

        Outcome.AssertMigrated(await project.MigrateAsync([], new() { Scope = MigrationScope.Shared }));

        Assert.Equal(schema, await database.ScalarAsync<string>("SELECT extnamespace::regnamespace::text FROM pg_extension WHERE extname = 'citext'"));
        Outcome.AssertMigrated(await project.MigrateAsync([], new() { Scope = MigrationScope.Shared, Direction = RevisionDirection.Down, To = "aaaa0001" }));
        Assert.Equal(before, await database.DumpAsync(except: "tenancy"));
    }

    [SkippableFact]
    public async Task What_was_dropped_comes_back_and_what_was_there_stays()
    {
        await using var database = await CreateAsync();
        await database.ExecuteAsync("CREATE EXTENSION ltree SCHEMA extensions; CREATE EXTENSION citext SCHEMA extensions");
        using var project = new FleetProject(database).With("1", "revision: aaaa0001\nscope: shared\nup: [create_sequence: {name: n}]").With("2", """
            revision: aaaa0002
            parent: aaaa0001
            scope: shared
            up:
              - drop_extension: {name: ltree, was: {schema: extensions}}
              - create_extension: {name: citext, if_not_exists: true}
            """);

        Outcome.AssertMigrated(await project.MigrateAsync([], new() { Scope = MigrationScope.Shared }));
        Assert.Equal("citext", await database.ScalarAsync<string>("SELECT string_agg(extname, ' ' ORDER BY extname) FROM pg_extension WHERE extname <> 'plpgsql'"));
        Outcome.AssertMigrated(await project.MigrateAsync([], new() { Scope = MigrationScope.Shared, Direction = RevisionDirection.Down, To = "aaaa0001" }));
        Assert.Equal("citext ltree", await database.ScalarAsync<string>("SELECT string_agg(extname, ' ' ORDER BY extname) FROM pg_extension WHERE extname <> 'plpgsql'"));
    }

    [SkippableFact]
    public async Task Dropping_one_from_a_schema_that_is_not_told_is_caught()
    {
        await using var database = await CreateAsync();
        await database.ExecuteAsync("CREATE EXTENSION ltree SCHEMA extensions");
        using var project = new FleetProject(database).With("1", "revision: aaaa0001\nscope: shared\nup: [drop_extension: {name: ltree}]\ndown: []");

        var result = Assert.Single(await project.MigrateAsync([], new() { Scope = MigrationScope.Shared }));

        Assert.Equal("PlacementViolation", result.Failure!.ErrorId);
        Assert.Equal(1, await database.ScalarAsync<long>("SELECT count(*) FROM pg_extension WHERE extname = 'ltree'"));
    }

    private static async Task<TestDatabase> CreateAsync()
    {
        var server = await PostgresFixture.ServerAsync();
        Skip.IfNot(server.HasExtension("citext") && server.HasExtension("ltree"), "The server comes without citext and ltree (Debian: install postgresql-contrib).");
        var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA shared; CREATE SCHEMA extensions");
        return database;
    }
}
