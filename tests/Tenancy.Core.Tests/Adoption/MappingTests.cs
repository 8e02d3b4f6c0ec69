using Tenancy.Core.Adoption;
using Tenancy.Core.Manifests;
using Tenancy.Core.Revisions;
using Tenancy.Core.Tests.Manifests;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Adoption;

/// <summary>Mapping files: all their errors, at their places, before anything is read.</summary>
public sealed class MappingTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("tenancy-mapping-").FullName;

    [Theory]
    [InlineData("1: aaaa9999", "map.yaml:1:4", "aaaa9999")]
    [InlineData("1: aaaa0001\n2: aaa", "map.yaml:2:4", "four characters")]
    [InlineData("1: aaaa", "map.yaml:1:4", "ambiguous")]
    [InlineData("1: bbbb0001", "map.yaml:1:4", "shared revision")]
    [InlineData("1: +1", "map.yaml:1:4", "counts from where a tenant is")]
    [InlineData("1: aaaa0001\n1: aaaa0002", "map.yaml:2:1", "1")]
    [InlineData("1.0: aaaa0001\n1: aaaa0002", "map.yaml:2:1", "'1' is there twice")]
    [InlineData("1: [aaaa0001, aaaa0001]", "map.yaml:1:15", "stands here twice")]
    [InlineData("1: []", "map.yaml:1:4", "list is empty")]
    [InlineData("1:", "map.yaml:1", "A revision is expected")]
    [InlineData("1: {a: b}", "map.yaml:1:4", "A revision is expected")]
    [InlineData("- 1: aaaa0001", "map.yaml:1:1", "The file is a mapping")]
    [InlineData("1: 'aaaa0001", "map.yaml:1", "not valid YAML")]
    [InlineData("", "map.yaml", "The file is a mapping")]
    public async Task Every_error_has_its_place(string text, string place, string what)
    {
        var error = await FailAsync("map.yaml", text);
        Assert.Equal("InvalidMapping", error.ErrorId);
        Assert.Contains(place, error.Message, StringComparison.Ordinal);
        Assert.Contains(what, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("version;revision\n1;aaaa9999\n", "map.csv:2", "aaaa9999")]
    [InlineData("version,revision\n1,aaaa0001\n1,aaaa0002\n", "map.csv:3", "there twice")]
    [InlineData("version,revision\n1\n", "map.csv:2", "1 values for 2 columns")]
    [InlineData("version,revision\n1,\n", "map.csv:2", "lacks version or revision")]
    [InlineData("theirs,ours\n1,aaaa0001\n", "map.csv:1", "version,revision")]
    [InlineData("", "map.csv:1", "version,revision")]
    public async Task Also_in_a_csv_file(string text, string place, string what)
    {
        var error = await FailAsync("map.csv", text);
        Assert.Contains(place, error.Message, StringComparison.Ordinal);
        Assert.Contains(what, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_errors_are_told_together()
    {
        var error = await FailAsync("map.yaml", "1: aaaa9999\n2: bbbb9999\n3: aaaa0001\n");
        Assert.Contains("map.yaml:1:4", error.Message, StringComparison.Ordinal);
        Assert.Contains("map.yaml:2:4", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("map.yaml:3", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_told() => Assert.Contains("nosuch.yaml", (await FailAsync("nosuch.yaml", null)).Message, StringComparison.Ordinal);

    [Fact]
    public async Task A_csv_file_says_the_same_as_a_yaml_file()
    {
        var yaml = await ReadAsync("map.yaml", "1: aaaa0001\n1.10: [aaaa0002, right]\n0: base\n");
        var csv = await ReadAsync("map.csv", "Version,Revision\n1,aaaa0001\n1.10,aaaa0002 right\n0,base\n");
        foreach (var mapping in new[] { yaml, csv })
        {
            Assert.Equal(["aaaa0002", "aaaa0003"], mapping.Locate(new(["1.10"], null)).AsEnumerable());
            Assert.Equal(["aaaa0001"], mapping.Locate(new(["1"], null)).AsEnumerable());
            Assert.Empty(mapping.Locate(new(["0"], null)));
        }
    }

    [Theory]
    [InlineData("1", "1.0", 0)]
    [InlineData("1.10", "1.9", 1)]
    [InlineData("1_2", "1.2", 0)]
    [InlineData("2", "10", -1)]
    [InlineData("20240101120000000000000000", "3", 1)]
    [InlineData("1.0.1", "1", 1)]
    public void Flyways_versions_are_numbers(string left, string right, int order)
    {
        Assert.Equal(order, FlywayVersion.Comparer.Compare(left, right));
        Assert.Equal(order == 0, FlywayVersion.Comparer.GetHashCode(left) == FlywayVersion.Comparer.GetHashCode(right));
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private async Task<RevisionMapping> ReadAsync(string name, string? text)
    {
        var path = Path.Combine(folder, name);
        if (text is not null)
        {
            await File.WriteAllTextAsync(path, text);
        }

        return RevisionMapping.Read(path, Graph(), MigrationScope.Tenant, ImportSource.Flyway);
    }

    private async Task<TenancyException> FailAsync(string name, string? text) => await Assert.ThrowsAsync<TenancyException>(() => ReadAsync(name, text));

    private static RevisionGraph Graph() => RevisionGraph.Build(
    [
        TestProject.ReadText("revision: aaaa0001\nup: [sql: SELECT 1]\ndown: []"),
        TestProject.ReadText("revision: aaaa0002\nparent: aaaa0001\nup: [sql: SELECT 1]\ndown: []"),
        TestProject.ReadText("revision: aaaa0003\nparent: aaaa0001\nlabels: [right]\nup: [sql: SELECT 1]\ndown: []"),
        TestProject.ReadText("revision: bbbb0001\nscope: shared\nup: [sql: SELECT 1]\ndown: []"),
    ]);
}
