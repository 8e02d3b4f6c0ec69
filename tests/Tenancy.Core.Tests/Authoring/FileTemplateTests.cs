using Tenancy.Core.Authoring;
using Tenancy.Core.Manifests;
using Tenancy.Core.Tests.Manifests;
using Tenancy.Core.Tests.Revisions;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Authoring;

public sealed class FileTemplateTests
{
    private static readonly DateTime Time = new(2026, 3, 9, 8, 7, 6, DateTimeKind.Utc);

    [Theory]
    [InlineData("{revision}_{slug}", "Invoices", "abcd_invoices.yaml")]
    [InlineData("{year}-{month}-{day}T{hour}{minute}{second} {slug}", "Größe & Straße", "2026-03-09T080706 größe-straße.yaml")]
    [InlineData("{scope}/{slug}.yml", "An e-mail's address", "tenant/an-e-mail-s-address.yml")]
    [InlineData("{revision}_{slug}", "!?", "abcd.yaml")]
    [InlineData("{slug}_{revision}", "…", "abcd.yaml")]
    [InlineData("{slug}", "a very long description of what this revision does", "a-very-long-description-of-what-this.yaml")]
    [InlineData("{slug}", "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghij", "abcdefghijabcdefghijabcdefghijabcdefghij.yaml")]
    public void Gives_a_path(string template, string message, string path) =>
        Assert.Equal(path, new FileTemplate(template).Render("abcd", message, MigrationScope.Tenant, Time).Replace('\\', '/'));

    [Theory]
    [InlineData("{rev}", "{rev}")]
    [InlineData("{revision", "brace")]
    [InlineData("a}", "brace")]
    [InlineData("a:{slug}", "U+003A")]
    [InlineData("a\\{slug}", "U+005C")]
    [InlineData("../{slug}", "inside the folder")]
    [InlineData("/{slug}", "inside the folder")]
    [InlineData("x//{slug}", "inside the folder")]
    [InlineData("_{slug}", "inside the folder")]
    public void Refuses_what_is_no_name_of_a_manifest(string template, string reason)
    {
        Assert.Contains(reason, Graphs.Fails("InvalidFileTemplate", () => new FileTemplate(template)).Message, StringComparison.Ordinal);
        using var project = new TestProject($"fleet: acme\nfile_template: '{template}'\n");
        var error = Assert.Single(Assert.Throws<ManifestException>(() => ProjectReader.Read(project.Folder)).Errors);
        Assert.Equal(2, error.Line);
        Assert.StartsWith("'file_template' ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_of_nothing_is_refused() =>
        Graphs.Fails("InvalidFileTemplate", () => new FileTemplate("{slug}").Render("abcd", "…", MigrationScope.Tenant, Time));

    [Fact]
    public void The_file_goes_beside_what_it_follows_unless_the_template_has_folders()
    {
        using var project = new TestProject();
        project.Write("manifests/tenant/a.yaml", "revision: aaaa1\nup: [{sql: SELECT 1}]\ndown: []\n");
        string PathOf(NewRevision request) => Path.GetRelativePath(project.Folder, MigrationFiles.Open(project.Folder).Create(request).Path).Replace('\\', '/');
        var next = new NewRevision { Message = "Next", Revision = "b" };

        Assert.Equal("manifests/tenant/b_next.yaml", PathOf(next));
        Assert.Equal("manifests/tenant/b_next.yaml", PathOf(next with { Parents = ["base"] }));
        Assert.Equal("manifests/b_next.yaml", PathOf(next with { Scope = MigrationScope.Shared }));
        project.Write("tenancy.yaml", "fleet: acme\nfile_template: '{scope}/{revision}'\n");
        Assert.Equal("manifests/shared/b.yaml", PathOf(next with { Scope = MigrationScope.Shared }));
        Assert.Equal("manifests/new.yaml", PathOf(next with { FileTemplate = new("new"), Scope = MigrationScope.Shared }));
    }
}
