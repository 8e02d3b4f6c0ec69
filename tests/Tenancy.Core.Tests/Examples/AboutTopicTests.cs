using System.Text.RegularExpressions;
using Tenancy.Core.Manifests;
using Tenancy.Core.Tests.Manifests;
using Xunit;

namespace Tenancy.Core.Tests.Examples;

/// <summary>The YAML of the module's about topics reads without an error.</summary>
public sealed partial class AboutTopicTests
{
    [Fact]
    public void Manifests_and_operations_can_be_read()
    {
        var blocks = Blocks("about_TenantManifest");
        var manifest = Assert.Single(blocks, static block => block.StartsWith("revision:", StringComparison.Ordinal));
        Assert.NotEmpty(TestProject.ReadText(manifest).Down);

        var operations = Assert.Single(blocks, static block => block.StartsWith("- ", StringComparison.Ordinal));
        Assert.NotEmpty(TestProject.ReadUp(operations.TrimEnd(), "down: auto").Down);
    }

    [Fact]
    public void Rollouts_can_be_read()
    {
        var rollout = Assert.Single(Blocks("about_TenantRollout"), static block => block.StartsWith("rings:", StringComparison.Ordinal));
        Assert.Equal(["canary", "small", "rest"], RolloutReader.Parse(rollout, "rollout.yaml").Rings.Select(static ring => ring.Name));
    }

    // What stands eight columns in, between empty lines.
    private static List<string> Blocks(string topic) =>
        [.. Block().Matches(File.ReadAllText(Path.Combine(ExampleFiles.Help, topic + ".help.txt")).ReplaceLineEndings("\n")).Select(static block => Margin().Replace(block.Value, ""))];

    [GeneratedRegex(@"^ {8}\S.*\n(?: {8}.*\n)*", RegexOptions.Multiline)]
    private static partial Regex Block();

    [GeneratedRegex("^ {8}", RegexOptions.Multiline)]
    private static partial Regex Margin();
}
