using System.Text.RegularExpressions;
using TenancyMigrate.Tests.Hosting;
using Xunit;

namespace TenancyMigrate.Tests.Modules;

/// <summary>about_TenantErrors has every error id of the source, and no other.</summary>
public sealed partial class ErrorTopicTests
{
    private static readonly string Source = Path.Combine(Repository.Root, "src");
    private static readonly string[] Topic = File.ReadAllLines(Path.Combine(Source, "TenancyMigrate", "Help", "about_TenantErrors.help.txt"));

    [Fact]
    public void The_topic_has_each_id_of_the_source_and_no_other()
    {
        var written = Directory.EnumerateFiles(Source, "*.cs", SearchOption.AllDirectories).Where(static path => !BuildFolder().IsMatch(path)).SelectMany(static path => IdsOf(File.ReadAllText(path))).ToHashSet();
        var entries = Entries().Select(static entry => entry.Id).ToList();
        Assert.Empty(written.Except(entries).Order(StringComparer.Ordinal));
        Assert.Empty(entries.Except(written));
        Assert.Equal(entries.Order(StringComparer.Ordinal), entries);
        Assert.Equal(entries.Distinct(), entries);
    }

    [Fact]
    public void Each_entry_has_a_cause_and_a_cure_of_at_most_two_lines() =>
        Assert.All(Entries(), static entry =>
        {
            var cure = entry.Lines.FindIndex(static line => line.StartsWith("> ", StringComparison.Ordinal));
            Assert.True(cure is 1 or 2 && entry.Lines.Count - cure is 1 or 2, entry.Id);
        });

    // The three forms an id is written in: first in what is made or in a tuple, with a message after it; by the parameter's name; and on a line behind ErrorId, which it is given to or compared with.
    private static IEnumerable<string> IdsOf(string source) =>
        First().Matches(source).Concat(Named().Matches(source)).Select(static match => match.Groups[1].Value)
            .Concat(Assigned().Matches(source).SelectMany(static line => Value().Matches(line.Value)).Select(static match => match.Groups[1].Value));

    // An id stands four columns in, alone; what is said of it, eight.
    private static List<(string Id, List<string> Lines)> Entries()
    {
        var entries = new List<(string Id, List<string> Lines)>();
        foreach (var line in Topic.SkipWhile(static line => line != "ERROR IDS").Skip(1).TakeWhile(static line => line != "SEE ALSO").Where(static line => line.Length > 0))
        {
            if (line[4] != ' ')
            {
                entries.Add((line.Trim(), []));
            }
            else
            {
                entries[^1].Lines.Add(line.Trim());
            }
        }

        return entries;
    }

    [GeneratedRegex(@"[\\/](obj|bin)[\\/]")]
    private static partial Regex BuildFolder();

    [GeneratedRegex(@"(?:Exception|\bnew|\bbase|=>|[:?=]|\breturn)\s*\(\s*""([A-Z][a-z]+[A-Za-z]*)"",")]
    private static partial Regex First();

    [GeneratedRegex(@"\b[Ee]rrorId: ""([A-Z][A-Za-z]+)""")]
    private static partial Regex Named();

    [GeneratedRegex(@"\bErrorId\b.*")]
    private static partial Regex Assigned();

    [GeneratedRegex(@"(?<=(?:[=?:]|\bis|\bor) )""([A-Z][A-Za-z]+)""")]
    private static partial Regex Value();
}
