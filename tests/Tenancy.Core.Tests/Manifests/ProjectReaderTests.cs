using Tenancy.Core.Manifests;
using Tenancy.Core.Sql;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Manifests;

public sealed class ProjectReaderTests
{
    [Fact]
    public void Reads_the_whole_form()
    {
        var project = ProjectReader.Read(ExampleProject.Folder);

        Assert.Equal(("acme", SchemaMode.Token, "common", "tenancy", "acme_owner"), (project.Fleet, project.Mode, project.SharedSchema, project.HistorySchema, project.Owner));
        Assert.Equal(new SqlTokens("tenant_schema", "shared"), project.Tokens);
        Assert.Equal(["extensions"], project.ExtensionSchemas!.Value.AsEnumerable());
        Assert.Equal("acme_app tables SELECT,INSERT,UPDATE,DELETE", $"{project.Grants[0].To} {project.Grants[0].On} {string.Join(',', project.Grants[0].Privileges)}");
        Assert.Equal(["USAGE"], project.Grants[1].Privileges.AsEnumerable());
        Assert.Equal(TimeSpan.FromMilliseconds(500), project.Timeouts.TenantLock);
        Assert.Equal(new MigrationRetries { Max = 3, Pause = TimeSpan.FromMilliseconds(500), LongestPause = TimeSpan.FromMinutes(1) }, project.Retries);
        Assert.Equal(TimeSpan.FromHours(4), project.Timeouts.ConcurrentStatement);
        Assert.Equal(new TenantSourceSettings(false, null, null, Path.Combine(ExampleProject.Folder, "tenants.csv")), project.Tenants);
        Assert.Equal(Path.Combine(ExampleProject.Folder, "rollout.yaml"), project.RolloutFile);
        Assert.Equal([new Touch("audit", "ddl")], project.DdlLog.AsEnumerable());
        Assert.Equal(Path.Combine(ExampleProject.Folder, "manifests"), project.ManifestFolder);
        Assert.Equal(Path.Combine(ExampleProject.Folder, "tenancy.yaml"), project.Path);
    }

    [Fact]
    public void One_line_is_enough()
    {
        using var folder = new TestProject("fleet: acme");
        var project = ProjectReader.Read(Path.Combine(folder.Folder, "tenancy.yaml"));

        Assert.Equal((SchemaMode.SearchPath, "shared", "tenancy", null, null), (project.Mode, project.SharedSchema, project.HistorySchema, project.Owner, project.Tenants));
        Assert.Null(project.ExtensionSchemas);
        Assert.Empty(project.Grants);
        Assert.Equal(new MigrationTimeouts(), project.Timeouts);
        Assert.Equal(new MigrationRetries(), project.Retries);
        Assert.Equal(folder.Folder, project.ManifestFolder);
    }

    [Theory]
    [InlineData("{registry: true}", true, null, null)]
    [InlineData("{schema_pattern: 'tenant_*'}", false, "tenant_*", null)]
    [InlineData("{query: SELECT name FROM t}", false, null, "SELECT name FROM t")]
    public void Tenants_come_from_one_source(string tenants, bool registry, string? pattern, string? query)
    {
        using var folder = new TestProject($"fleet: acme\ntenants: {tenants}");

        Assert.Equal(new TenantSourceSettings(registry, pattern, query, null), ProjectReader.Read(folder.Folder).Tenants);
    }

    [Theory]
    [InlineData("flet: acme", ":1:1: The key 'flet' is not known here.", "Did you mean 'fleet'?")]
    [InlineData("mode: token", ":1:1: The project file has no 'fleet'. Add it", "")]
    [InlineData("fleet: acme\nmode: tokens", ":2:7: 'mode' must be one of", "Did you mean 'token'?")]
    [InlineData("fleet: acme\ntokens: {tenant: a, shared: a}", ":2:18: Both tokens are 'a'", "")]
    [InlineData("fleet: acme\ntokens: {tenant: shared}", ":2:18: Both tokens are 'shared'", "")]
    [InlineData("fleet: acme\ntokens: {shared: tenant_schema}", ":2:18: Both tokens are 'tenant_schema'", "")]
    [InlineData("fleet: acme\nshared_schema: tenancy", ":2:16: The shared schema and the history schema are both 'tenancy'", "")]
    [InlineData("fleet: acme\nhistory_schema: pg_history", ":2:17: 'history_schema' must not be 'pg_history'", "")]
    [InlineData("fleet: acme\nshared_schema: information_schema", ":2:16: 'shared_schema' must not be 'information_schema'", "")]
    [InlineData("fleet: acme\nowner: ääääääääääääääääääääääääääääääää", ":2:8: 'owner' has 64 bytes; PostgreSQL keeps 63 of a name.", "")]
    [InlineData("fleet: acme\ntimeouts: {lock: 5 sec}", ":2:18: 'lock' must be a number and a unit", "")]
    [InlineData("fleet: acme\ntimeouts: {lok: 5s}", ":2:12: The key 'lok' is not known here.", "Did you mean 'lock'?")]
    [InlineData("fleet: acme\ngrants: [{to: a, on: tables, privileges: [selct]}]", ":2:43: 'SELCT' is no privilege on tables.", "Did you mean 'SELECT'?")]
    [InlineData("fleet: acme\ngrants: [{to: a, on: table, privileges: [select]}]", ":2:22: 'on' must be one of", "Did you mean 'tables'?")]
    [InlineData("fleet: acme\ntenants: {registry: true, file: a.csv}", ":2:27: 'tenants' has both 'registry' and 'file'.", "")]
    [InlineData("fleet: acme\ntenants: {registry: false}", ":2:21: 'registry: false' leaves no source of tenants.", "")]
    [InlineData("fleet: acme\ntenants: {}", ":2:10: 'tenants' has none of", "")]
    [InlineData("- fleet", ":1:1: The project file must be a mapping with 'fleet', not a list.", "")]
    [InlineData("", ":1:1: The project file is empty.", "")]
    public void Each_mistake_is_told_at_its_place_with_what_to_write(string text, string start, string suggestion)
    {
        using var folder = new TestProject(text);
        var errors = Assert.Throws<ManifestException>(() => ProjectReader.Read(folder.Folder)).Errors.Select(static error => error.ToString());

        Assert.Contains(errors, error => error.StartsWith(Path.Combine(folder.Folder, "tenancy.yaml") + start, StringComparison.Ordinal) && error.EndsWith(suggestion, StringComparison.Ordinal));
    }

    [Fact]
    public void A_missing_file_says_what_to_write()
    {
        var error = Assert.Single(Assert.Throws<ManifestException>(() => ProjectReader.Read("/nowhere/tenancy.yaml")).Errors);

        Assert.StartsWith("/nowhere/tenancy.yaml: There is no project file here. Create it with one line, 'fleet: name'", error.ToString(), StringComparison.Ordinal);
    }
}
