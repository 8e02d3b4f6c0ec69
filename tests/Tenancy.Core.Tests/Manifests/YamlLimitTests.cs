using Tenancy.Model;
using System.Diagnostics;
using System.Text;
using Xunit;

namespace Tenancy.Core.Tests.Manifests;

/// <summary>What a hostile or careless file could do. Each is a clear error or works; none takes long.</summary>
public sealed class YamlLimitTests
{
    private const string Short = "\nup: [sql: SELECT 1]\ndown: []";

    [Fact]
    public void Aliases_that_expand_without_bound_are_refused()
    {
        var text = new StringBuilder("revision: r1\nup: &a0 [{sql: SELECT 1}]\n");
        for (var level = 1; level <= 20; level++)
        {
            text.Append($"k{level}: &a{level} [{string.Join(',', Enumerable.Repeat($"*a{level - 1}", 10))}]\n");
        }

        Assert.StartsWith("m.yaml:8:", ErrorOf(text.ToString()), StringComparison.Ordinal);
        Assert.Contains("Aliases expand to more than 1,000,000 values or 64 MB here.", TestProject.ErrorOf(text.ToString()), StringComparison.Ordinal);
    }

    [Fact]
    public void Aliases_of_long_texts_are_bounded_too()
    {
        var text = $"revision: r1\ndescription: &a {new string('x', 1_000_000)}\nup: [{string.Join(',', Enumerable.Repeat("*a", 1000))}]";

        Assert.Contains("Aliases expand to more than", ErrorOf(text), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("revision: &a [*a]" + Short, "m.yaml:1:15: The alias '*a' stands inside its own anchor")]
    [InlineData("revision: *b" + Short, "m.yaml:1:11: The alias '*b' has no anchor '&b' before it.")]
    [InlineData("<<: {revision: r1}" + Short, "m.yaml:1:1: Merge keys ('<<') are not supported.")]
    [InlineData("revision: r1" + Short + "\n---\nrevision: r2", "m.yaml:4:1: A second YAML document begins here ('---').")]
    [InlineData("revision: !!str r1" + Short, "m.yaml:1:11: The tag 'tag:yaml.org,2002:str' is not supported")]
    [InlineData("revision: !x r1" + Short, "m.yaml:1:11: The tag '!x' is not supported")]
    [InlineData("? [revision]\n: r1" + Short, "m.yaml:1:3: A list or mapping stands where a key is expected.")]
    [InlineData("revision: \"r\\0\"" + Short, "m.yaml:1:11: An escape here stands for the character U+0000")]
    [InlineData("revision: \"r\\udc00\"" + Short, "m.yaml:1:11: This is not valid YAML")]
    [InlineData("revision: [r1", "m.yaml:")]
    [InlineData("revision: r1\n\tup: []", "m.yaml:2:1: This is not valid YAML")]
    [InlineData("revision: r1\nup: 'a", "m.yaml:2:5: This is not valid YAML")]
    [InlineData("revision: r1\narguments: {role: {type: text}\nup:\n  - create_table: {name: t, columns: [{name: id, type: int}]}\n  - grant: {privileges: [select], table: t, to: \"${x.role}\"}", "m.yaml:2:26: This is not valid YAML: a bracket or brace is perhaps not closed.")]
    public void What_yaml_allows_and_manifests_do_not_is_told(string text, string error) =>
        Assert.Contains(TestProject.ErrorsOf(text), found => found.ToString().StartsWith(error, StringComparison.Ordinal));

    [Theory]
    [InlineData("[")]
    [InlineData("{a: ")]
    [InlineData("- ")]
    [InlineData("? ")]
    public void Deep_nesting_is_refused_and_not_followed(string opening)
    {
        var text = string.Concat(Enumerable.Repeat(opening, 10_000_000 / opening.Length));

        Assert.Contains("nested more than 100 levels deep", ErrorOf(text), StringComparison.Ordinal);
    }

    [Fact]
    public void Deep_nesting_by_aliases_is_refused()
    {
        var text = new StringBuilder("a0: &a0 [x]\n");
        for (var level = 1; level <= 200; level++)
        {
            text.Append($"a{level}: &a{level} [*a{level - 1}]\n");
        }

        Assert.Contains("nested more than 100 levels deep", ErrorOf(text.ToString()), StringComparison.Ordinal);
    }

    [Fact]
    public void More_than_ten_megabytes_are_refused()
    {
        using var project = new TestProject();
        project.Write("manifests/a.yaml", "#" + new string('x', 10 * 1024 * 1024));

        Assert.Equal(["manifests/a.yaml: The file has 10,485,761 bytes; at most 10,485,760 (10 MB) are read. Split it, or load bulk data by other means."], project.Errors());
    }

    /// <summary>The last error; it must not take long, and far less than what a walk over everything would, also on a busy machine.</summary>
    private static string ErrorOf(string text)
    {
        var watch = Stopwatch.StartNew();
        var error = TestProject.ErrorsOf(text)[^1].ToString();
        Assert.True(watch.Elapsed < TimeSpan.FromMinutes(1), $"It took {watch.Elapsed}.");
        return error;
    }

    [Fact]
    public void Of_a_file_that_is_no_manifest_only_the_first_errors_are_listed()
    {
        using var project = new TestProject();
        project.Write("manifests/a.yaml", string.Concat(Enumerable.Range(0, 5_000).Select(static number => $"key{number}: 1\n")));
        project.Write("manifests/b.yaml", "nothing: of this");

        var error = Assert.Throws<ManifestException>(() => project.ReadAll());

        Assert.Equal(200, error.Errors.Count(static one => one.File.EndsWith("a.yaml", StringComparison.Ordinal)));
        Assert.EndsWith("errors in this file: the rest are not listed.)", error.Errors.Last(static one => one.File.EndsWith("a.yaml", StringComparison.Ordinal)).Message, StringComparison.Ordinal);
        Assert.Contains(error.Errors, static one => one.File.EndsWith("b.yaml", StringComparison.Ordinal));
    }
}
