using System.Globalization;
using System.Text.RegularExpressions;
using Newtonsoft.Json.Linq;
using NJsonSchema;
using Tenancy.Core.Manifests;
using Tenancy.Core.Manifests.Forms;
using Tenancy.Core.Manifests.Yaml;
using Tenancy.Core.Operations;
using Xunit;

namespace Tenancy.Core.Tests.Manifests;

/// <summary>The JSON Schemas, which editors check by, agree with the reader.</summary>
public sealed partial class SchemaTests
{
    private static readonly string Root = ExampleProject.RepositoryRoot;

    [Theory]
    [InlineData("tenancy.schema.json")]
    [InlineData("manifest.schema.json")]
    [InlineData("rollout.schema.json")]
    public void The_files_are_those_that_the_reader_gives(string name)
    {
        var path = Path.Combine(Root, "schemas", name);
        var expected = name[0] switch { 't' => SchemaWriter.Project(), 'r' => SchemaWriter.Rollout(), _ => SchemaWriter.Manifest() };
        if (Environment.GetEnvironmentVariable("TENANCY_WRITE_SCHEMAS") == "1")
        {
            File.WriteAllText(path, expected);
        }

        Assert.True(expected == File.ReadAllText(path).ReplaceLineEndings("\n"), $"{path} is not what the reader checks by. Set TENANCY_WRITE_SCHEMAS=1, run this test again and commit the file.");
    }

    [Fact]
    public async Task Every_project_and_manifest_of_the_repository_passes_both()
    {
        var (project, manifest, rollout) = await Schemas();
        foreach (var file in Directory.EnumerateFiles(Root, "rollout*.yaml", SearchOption.AllDirectories).Where(static path => !BuildFolder().IsMatch(path)))
        {
            AssertValid(rollout, file);
            RolloutReader.Read(file);
        }

        var projects = Directory.EnumerateFiles(Root, "tenancy.yaml", SearchOption.AllDirectories).Where(static path => !BuildFolder().IsMatch(path)).ToList();
        foreach (var file in projects)
        {
            AssertValid(project, file);
            foreach (var read in ManifestReader.ReadAll(ProjectReader.Read(file)))
            {
                AssertValid(manifest, read.Path);
            }
        }

        Assert.NotEmpty(projects);
    }

    [Fact]
    public void The_example_uses_every_key()
    {
        var used = new HashSet<object>();
        var folder = ExampleProject.Folder;
        Mark(ProjectForm.Form, Parse(File.ReadAllText(Path.Combine(folder, "tenancy.yaml"))), used);
        Mark(RolloutForm.Form, Parse(File.ReadAllText(Path.Combine(folder, "rollout.yaml"))), used);
        foreach (var file in Directory.EnumerateFiles(Path.Combine(folder, "manifests"), "*.yaml"))
        {
            Mark(ManifestForm.Form, Parse(File.ReadAllText(file)), used);
        }

        var known = Forms(ProjectForm.Form).Concat(Forms(RolloutForm.Form)).Concat(Forms(ManifestForm.Form)).SelectMany(KeysOf).Distinct();
        var missing = known.Where(key => !used.Contains(key)).Select(Name);
        Assert.Equal(["query", "registry", "schema_pattern"], missing.Order(StringComparer.Ordinal));
    }

    /// <summary>Each value of the example is taken out, or replaced by one of every kind; schema and reader must judge alike.</summary>
    [Fact]
    public async Task Schema_and_reader_judge_every_change_of_the_example_alike()
    {
        var (project, manifest, rollout) = await Schemas();
        var seen = new HashSet<string>();
        var differences = new List<string>();
        Compare(project, ProjectForm.Form, Path.Combine(ExampleProject.Folder, "tenancy.yaml"), seen, differences);
        Compare(rollout, RolloutForm.Form, Path.Combine(ExampleProject.Folder, "rollout.yaml"), seen, differences);
        foreach (var file in Directory.EnumerateFiles(Path.Combine(ExampleProject.Folder, "manifests"), "*.yaml"))
        {
            Compare(manifest, ManifestForm.Form, file, seen, differences);
        }

        Assert.Empty(differences);
        Assert.InRange(seen.Count, 1000, 100_000);
    }

    private static void Compare(JsonSchema schema, ObjectForm form, string file, HashSet<string> seen, List<string> differences)
    {
        foreach (var (changed, what) in Pieces((YamlMapping)Parse(File.ReadAllText(file))).SelectMany(Mutations.Of))
        {
            // That 'up' must not be empty is a rule of the builder, tested in ManifestErrorTests.
            if (!seen.Add(form.Expected + what) || what is "/up as empty list" or " without up")
            {
                continue;
            }

            var errors = new ErrorList();
            form.Check(changed, "The file", new FormCheck(errors));
            var found = schema.Validate(ToJson(changed));
            if ((errors.Count > 0) != (found.Count > 0))
            {
                differences.Add($"{what}: the reader finds {errors.FirstOrDefault()?.Message ?? "nothing"}, the schema {found.FirstOrDefault()?.ToString() ?? "nothing"}.");
            }
        }
    }

    /// <summary>A file in small pieces, for speed: one without its further steps, and one for each step.</summary>
    private static IEnumerable<YamlNode> Pieces(YamlMapping root)
    {
        if (root["up"] is not YamlSequence up)
        {
            return [root];
        }

        YamlNode With(IEnumerable<YamlEntry> entries, YamlNode step) =>
            new YamlMapping(root.Position, [.. entries.Select(entry => entry.Value == up ? entry with { Value = new YamlSequence(up.Position, [step]) } : entry)]);
        return up.Items.Select(step => With(root.Entries.Where(static entry => entry.Key.Value is "revision" or "up"), step)).Prepend(With(root.Entries, up.Items[0]));
    }

    private static async Task<(JsonSchema Project, JsonSchema Manifest, JsonSchema Rollout)> Schemas() =>
        (await JsonSchema.FromJsonAsync(SchemaWriter.Project()), await JsonSchema.FromJsonAsync(SchemaWriter.Manifest()), await JsonSchema.FromJsonAsync(SchemaWriter.Rollout()));

    private static void AssertValid(JsonSchema schema, string file)
    {
        var errors = schema.Validate(ToJson(Parse(File.ReadAllText(file))));
        Assert.True(errors.Count == 0, $"{file}: {string.Join(Environment.NewLine, errors)}");
    }

    private static YamlNode Parse(string text)
    {
        var errors = new ErrorList();
        var root = YamlReader.Read(TextFile.NormalizeLines(text), "file", errors);
        Assert.Empty(errors);
        return root!;
    }

    /// <summary>A value as an editor sees it: plain scalars resolved by YAML 1.2's core schema.</summary>
    private static JToken ToJson(YamlNode node) => node switch
    {
        YamlSequence list => new JArray(list.Items.Select(ToJson)),
        YamlMapping map => new JObject(map.Entries.Select(static entry => new JProperty(entry.Key.Value, ToJson(entry.Value)))),
        YamlScalar { IsNull: true } => JValue.CreateNull(),
        YamlScalar scalar when scalar.AsBoolean() is { } boolean => new JValue(boolean),
        YamlScalar { IsPlain: true } scalar when long.TryParse(scalar.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) => new JValue(whole),
        YamlScalar { IsPlain: true } scalar when Number().IsMatch(scalar.Value) => new JValue(double.Parse(scalar.Value, CultureInfo.InvariantCulture)),
        YamlScalar scalar => new JValue(scalar.Value),
        _ => throw new ArgumentOutOfRangeException(nameof(node)),
    };

    private static void Mark(ValueForm form, YamlNode node, HashSet<object> used)
    {
        switch (form, node)
        {
            case (EitherForm either, _):
                Mark(either.Forms.First(choice => choice.Fits(node)), node, used);
                break;
            case (ListForm list, YamlSequence sequence):
                sequence.Items.ToList().ForEach(item => Mark(list.Item, item, used));
                break;
            case (ListForm list, _):
                Mark(list.Item, node, used);
                break;
            case (MapForm map, YamlMapping mapping):
                mapping.Entries.ToList().ForEach(entry => Mark(map.Value, entry.Value, used));
                break;
            case (OperationForm or ObjectForm, YamlMapping mapping):
                foreach (var (key, value) in mapping.Entries)
                {
                    used.Add(KeysOf(form).Single(known => Name(known) == key.Value));
                    Mark(Inner(form, key.Value), value, used);
                }

                break;
        }
    }

    private static IEnumerable<ValueForm> Forms(ValueForm form) => form switch
    {
        EitherForm either => either.Forms.SelectMany(Forms),
        ListForm { Item: OperationForm } list => [list.Item, .. KeysOf(list.Item).SelectMany(key => Forms(Inner(list.Item, Name(key))))],
        ListForm list => Forms(list.Item),
        MapForm map => Forms(map.Value),
        ObjectForm => [form, .. KeysOf(form).SelectMany(key => Forms(Inner(form, Name(key))))],
        _ => [],
    };

    /// <summary>The keys of a form; operations stand for themselves.</summary>
    private static IEnumerable<object> KeysOf(ValueForm form) => form is ObjectForm value
        ? value.Keys
        : [.. OperationCatalog.All, .. OperationForm.CommonKeys, OperationForm.Undo];

    private static string Name(object key) => key is OperationDefinition operation ? operation.Name : ((FormKey)key).Name;

    private static ValueForm Inner(ValueForm form, string key) => form is ObjectForm value
        ? value.Keys.Single(known => known.Name == key).Value
        : OperationForm.FormOf(key)!;

    [GeneratedRegex(@"[\\/](bin|obj|out)[\\/]")]
    private static partial Regex BuildFolder();

    [GeneratedRegex(@"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\z")]
    private static partial Regex Number();
}
