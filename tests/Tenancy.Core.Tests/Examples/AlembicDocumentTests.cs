using System.Text.RegularExpressions;
using Tenancy.Core.Operations;
using Xunit;

namespace Tenancy.Core.Tests.Examples;

/// <summary>The operations that <c>docs/coming-from-alembic.md</c> names beside Alembic's exist.</summary>
public sealed partial class AlembicDocumentTests
{
    // Words with an underscore that are keys, not operations.
    private static readonly string[] Keys = ["on_fail", "mark_applied"];

    [Fact]
    public void Operations_beside_those_of_Alembic_exist()
    {
        var rows = File.ReadAllText(Path.Combine(ExampleFiles.Docs, "coming-from-alembic.md")).Split('\n')
            .SkipWhile(static line => !line.StartsWith("| `op.` |", StringComparison.Ordinal)).Skip(2).TakeWhile(static line => line.StartsWith('|')).ToList();
        Assert.NotEmpty(rows);
        foreach (var row in rows)
        {
            var (theirs, ours) = (row.Split(" | ")[0], row.Split(" | ")[1]);
            var source = ours.StartsWith("the same", StringComparison.Ordinal) ? theirs.Split(" (")[0] : ours.Split(" with ")[0];
            Assert.All(
                Code().Matches(source).Select(static match => match.Groups[1].Value).Where(static name => Name().IsMatch(name)).Except(Keys),
                name => Assert.True(OperationCatalog.ByName.ContainsKey(name), $"there is no operation {name}: {row}"));
        }
    }

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();

    [GeneratedRegex("^[a-z]+_[a-z_]+$")]
    private static partial Regex Name();
}
