using System.Text.RegularExpressions;
using TenancyMigrate.Tests.Hosting;
using Xunit;

namespace TenancyMigrate.Tests.Modules;

/// <summary>Links between the documents lead somewhere, headings included.</summary>
public sealed partial class DocumentLinkTests
{
    [Fact]
    public void Each_leads_to_a_file_and_a_heading_that_is_there()
    {
        var pages = Directory.GetFiles(Path.Combine(Repository.Root, "docs"), "*.md", SearchOption.AllDirectories).Append(Path.Combine(Repository.Root, "README.md"));
        Assert.All(pages, static page =>
        {
            foreach (var link in Link().Matches(File.ReadAllText(page)).Select(static match => match.Groups[1].Value).Where(static link => !link.Contains("://", StringComparison.Ordinal)))
            {
                var parts = link.Split('#');
                var file = parts[0].Length == 0 ? page : Path.GetFullPath(Path.Combine(Path.GetDirectoryName(page)!, parts[0]));
                Assert.True(File.Exists(file) || Directory.Exists(file), $"{page}: {link}");
                Assert.True(parts.Length == 1 || Headings(file).Contains(parts[1]), $"{page}: {link}");
            }
        });
    }

    [Fact]
    public void Each_page_is_linked_from_the_README_or_a_page_that_is()
    {
        var reached = new HashSet<string>();
        var open = new Stack<string>([Path.Combine(Repository.Root, "README.md")]);
        while (open.TryPop(out var page))
        {
            foreach (var link in reached.Add(page) && page.EndsWith(".md", StringComparison.Ordinal) ? Link().Matches(File.ReadAllText(page)).Select(static match => match.Groups[1].Value.Split('#')[0]) : [])
            {
                if (link.Length > 0 && Path.GetFullPath(Path.Combine(Path.GetDirectoryName(page)!, link)) is var file && File.Exists(file))
                {
                    open.Push(file);
                }
            }
        }

        Assert.Empty(Directory.GetFiles(Path.Combine(Repository.Root, "docs"), "*", SearchOption.AllDirectories).Except(reached));
    }

    // As GitHub makes anchors of headings.
    private static HashSet<string> Headings(string file) =>
        [.. Heading().Matches(File.ReadAllText(file)).Select(static match => Dropped().Replace(match.Groups[1].Value.Trim().ToLowerInvariant(), "").Replace(' ', '-'))];

    [GeneratedRegex(@"\[[^\]]*\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("^#+ (.*)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex Dropped();
}
