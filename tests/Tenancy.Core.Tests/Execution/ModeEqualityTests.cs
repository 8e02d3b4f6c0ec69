using System.Text.RegularExpressions;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>The same manifests give the same schema and rows whichever way the tenant's schema is reached.</summary>
public sealed partial class ModeEqualityTests
{
    private const string Schema = "xyzzy";

    [Fact]
    public async Task Tokens_give_the_same_in_both_modes() => Assert.Equal(await DumpAsync("search_path", false), await DumpAsync("token", false));

    [SkippableFact]
    public async Task Tokens_give_the_same_in_both_modes_with_extensions() => Assert.Equal(await DumpAsync("search_path", true), await DumpAsync("token", true));

    // Bodies keep their text, so what is written with the schema's name and without is made the same.
    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Bare_names_give_the_same_as_tokens(bool extensions)
    {
        var bare = await DumpAsync("search_path", extensions, WithBareNames);
        var tokens = await DumpAsync("token", extensions);

        Assert.NotEqual(tokens, bare);
        Assert.Equal(WithoutSchema(tokens), WithoutSchema(bare));
    }

    [Fact]
    public async Task A_bare_name_fails_in_token_mode()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database, "fleet: test\nmode: token").With("1", """
            revision: aaaa0001
            up:
              - sql: CREATE TABLE bare (id integer)
                undo: DROP TABLE bare
            """);
        await database.ExecuteAsync("CREATE SCHEMA t1; CREATE SCHEMA shared");

        var result = Assert.Single(await project.MigrateAsync(FleetProject.Tenants("t1")));

        Assert.Equal(MigrationStatus.Failed, result.Status);
        Assert.Equal("NameWithoutToken", result.Failure!.ErrorId);
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM pg_class WHERE relname = 'bare'"));
    }

    // Brings a tenant to head, dumps it, and proves on the way that base is an empty schema.
    private static async Task<string> DumpAsync(string mode, bool extensions, Func<string, string>? edit = null)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync(extensions);
        using var project = RichProject.Create(database, mode, extensions, edit);
        await database.ExecuteAsync($"CREATE SCHEMA shared; CREATE SCHEMA {Schema}");
        var empty = await database.DumpAsync(Schema);

        var results = await project.MigrateAsync([RichProject.Tenant(Schema)]);
        Outcome.AssertNoError(results);
        Assert.Equal([extensions ? RichProject.Head : RichProject.HeadWithoutExtensions], results.Single(static result => result.Scope == "tenant").To);
        var dump = await database.DumpAsync(Schema);

        var undone = Assert.Single(await project.UndoAsync([RichProject.Tenant(Schema)]));
        Assert.Null(undone.Error);
        Assert.Empty(undone.To);
        Assert.Equal(empty, await database.DumpAsync(Schema));

        results = await project.MigrateAsync([RichProject.Tenant(Schema)]);
        Outcome.AssertNoError(results);
        Assert.Equal(dump, await database.DumpAsync(Schema));
        return dump;
    }

    private static string WithoutSchema(string dump) => dump.Replace($"\"{Schema}\".", "", StringComparison.Ordinal).Replace(Schema + ".", "", StringComparison.Ordinal);

    // Words in data stay as they are.
    private static string WithBareNames(string manifest) => Token().Replace(manifest, "");

    [GeneratedRegex("""(?<![\w."])tenant_schema\.(?=[a-zA-Z"])""")]
    private static partial Regex Token();
}
