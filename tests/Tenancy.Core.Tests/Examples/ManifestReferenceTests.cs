using System.Text.RegularExpressions;
using Tenancy.Core.Manifests;
using Tenancy.Core.Manifests.Forms;
using Tenancy.Core.Operations;
using Tenancy.Core.Tests.Manifests;
using Xunit;

namespace Tenancy.Core.Tests.Examples;

/// <summary>Every YAML example in README and <c>docs/</c> reads without an error, and the reference leaves nothing out.</summary>
public sealed partial class ManifestReferenceTests
{
    private static readonly string Reference = File.ReadAllText(Path.Combine(ExampleFiles.Docs, "manifest.md"));

    public static TheoryData<string, int> Examples()
    {
        var examples = new TheoryData<string, int>();
        foreach (var file in Directory.EnumerateFiles(ExampleFiles.Docs, "*.md").Append(ExampleFiles.Readme))
        {
            for (var number = 1; number <= Block().Count(File.ReadAllText(file)); number++)
            {
                examples.Add(file, number);
            }
        }

        return examples;
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public void An_example_can_be_read(string file, int number)
    {
        var yaml = Block().Matches(File.ReadAllText(file))[number - 1].Groups[1].Value;
        if (yaml.StartsWith("fleet:", StringComparison.Ordinal))
        {
            using var project = new TestProject(yaml);
            Assert.Equal("saas", ProjectReader.Read(project.Folder).Fleet);
        }
        else if (yaml.Contains("\nrings:", StringComparison.Ordinal))
        {
            using var project = new TestProject("fleet: saas");
            var path = Path.Combine(project.Folder, "rollout.yaml");
            File.WriteAllText(path, yaml);
            Assert.NotEmpty(RolloutReader.Read(path).Rings);
        }
        else if (yaml.StartsWith("- ", StringComparison.Ordinal))
        {
            Assert.NotEmpty(TestProject.ReadUp(yaml.TrimEnd(), "down: auto").Down);
        }
        else
        {
            Assert.NotEmpty(TestProject.ReadText(yaml).Up);
        }
    }

    [Fact]
    public void The_reference_shows_every_key_of_both_files_and_of_every_operation()
    {
        var keys = ManifestForm.Form.Keys.Concat(ProjectForm.Form.Keys).Concat(OperationForm.CommonKeys).Append(OperationForm.Undo).Select(static key => key.Name)
            .Concat(OperationCatalog.All.SelectMany(static operation => KeysOf(operation.Form).Append(operation.Name)));

        Assert.DoesNotContain(keys.Distinct(), static key => !Regex.IsMatch(Reference, $@"\b{key}:"));
    }

    private static IEnumerable<string> KeysOf(ValueForm form) => form is ObjectForm mapping ? mapping.Keys.SelectMany(static key => KeysOf(key.Value).Append(key.Name)) : [];

    [GeneratedRegex(@"^```yaml\r?\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();
}
