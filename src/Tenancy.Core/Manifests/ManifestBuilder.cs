using System.Collections.Immutable;
using Tenancy.Core.Manifests.Forms;
using Tenancy.Core.Manifests.Yaml;
using Tenancy.Core.Operations;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Manifests;

/// <summary>Makes a manifest of a text: checks its form, builds and compiles its operations, computes its checksum.</summary>
internal sealed class ManifestBuilder
{
    private readonly SqlFiles files;
    private readonly string path;
    private readonly FormCheck check;
    private readonly Fields fields;
    private readonly YamlMapping root;
    private readonly MigrationScope scope;
    private readonly SqlTokens tokens;
    private readonly OperationBuilder operations;
    private readonly bool allowsDrafts;

    private ManifestBuilder(YamlMapping root, string path, SqlCompiler compiler, SqlFiles files, FormCheck check, bool allowsDrafts)
    {
        this.allowsDrafts = allowsDrafts;
        this.root = root;
        this.path = path;
        this.files = files;
        this.check = check;
        fields = new Fields(root);
        scope = fields.Node("scope") is YamlScalar { Value: "shared" } ? MigrationScope.Shared : MigrationScope.Tenant;
        tokens = compiler.Tokens;
        operations = new OperationBuilder(compiler, scope, files, check);
    }

    /// <summary>Reads a manifest.</summary>
    /// <param name="text">Its text, with line feeds only.</param>
    /// <param name="path">Its file, as the user would type it.</param>
    /// <param name="compiler">Compiles SQL.</param>
    /// <param name="files">Reads its SQL files.</param>
    /// <param name="errors">Takes every error.</param>
    /// <param name="allowsDrafts">True to take one without operations.</param>
    /// <returns>The manifest; null after an error.</returns>
    public static Manifest? Read(string text, string path, SqlCompiler compiler, SqlFiles files, ErrorList errors, bool allowsDrafts)
    {
        var root = YamlReader.Read(text, path, errors);
        if (root is null or YamlScalar { IsNull: true })
        {
            if (errors.Count == 0)
            {
                errors.Report(new SourcePosition(path, 1, 1), "The file is empty. Write a manifest with 'revision' and 'up', or remove it.");
            }

            return null;
        }

        if (root is YamlMapping mapping && mapping["rings"] is not null && mapping["revision"] is null)
        {
            // Not one error for each of its keys.
            errors.Report(root.Position, $"This is a rollout file among the manifests. Name it in the project file ('rollout: {Path.GetFileName(path)}'), or keep it elsewhere: in another folder, or under a name that begins with '_'.");
            return null;
        }

        var check = new FormCheck(errors);
        ManifestForm.Form.Check(root, "The manifest", check);
        return root is YamlMapping map ? new ManifestBuilder(map, path, compiler, files, check, allowsDrafts).Build() : null;
    }

    private Manifest? Build()
    {
        CheckUp();
        var up = operations.Build(Usable("up"));
        var (down, irreversible) = BuildDown(up);
        var requires = Usable("requires").Select(BuildRequirement).OfType<Requirement>().ToImmutableArray();
        var verify = Usable("verify").Select(BuildVerification).OfType<Verification>().ToImmutableArray();
        var arguments = ArgumentReader.Read(fields.Node("arguments"), check);
        new SubstitutionCheck(arguments, root["arguments"] as YamlMapping, scope, check.Errors).Check(up, down, requires, verify);
        if (check.Errors.Count > 0)
        {
            return null;
        }

        var (canonical, checksum) = Canonical.Of(root, files);
        return new Manifest
        {
            Revision = fields.Text("revision"),
            Parents = fields.Texts("parent"),
            DependsOn = fields.Texts("depends_on"),
            Labels = fields.Texts("labels"),
            Scope = scope,
            Description = fields.OptionalText("description") ?? "",
            Touches = [.. fields.Texts("touches").Select(ManifestForm.Touch).Concat(up.Concat(down).SelectMany(step => step.Operation.Touches(tokens))).Distinct()],
            Up = up,
            Down = down,
            Irreversible = irreversible,
            Requires = requires,
            Verify = verify,
            Arguments = arguments,
            Data = fields.Flag("data"),
            Suppress = [.. fields.Objects("suppress").Select(static entry => new Suppression(entry.Text("rule"), entry.Text("reason"), entry.Position))],
            Path = path,
            Checksum = checksum,
            CanonicalText = canonical,
            Position = fields.Node("revision")!.Position,
        };
    }

    private IEnumerable<YamlNode> Usable(string key) => fields.Node(key) switch
    {
        YamlSequence list => list.Items.Where(item => !check.Broken.Contains(item)),
        _ => [],
    };

    private void CheckUp()
    {
        if (fields.Node("up") is YamlSequence { Items.IsEmpty: false } || (fields.Has("up") && fields.Node("up") is not YamlSequence))
        {
            return;
        }

        if (!allowsDrafts && fields.Items("parent").Length < 2)
        {
            check.Errors.Report(fields.Node("up")?.Position ?? root.Position, "The manifest has no operation in 'up'. Write at least one; only a merge of several parents may have none.");
        }
    }

    private (ImmutableArray<CompiledOperation> Down, string? Irreversible) BuildDown(ImmutableArray<CompiledOperation> up)
    {
        switch (fields.Node("down"))
        {
            case YamlSequence list:
                ReportUndo(Usable("up"), "'undo' counts only with 'down: auto'. Remove it, or 'down'.");
                ReportUndo(list.Items, "'undo' has no meaning in 'down'. Remove it.");
                return (operations.Build(list.Items), null);
            case YamlMapping map:
                return ([], map["irreversible"] is YamlScalar why ? why.Value : "");
            case { } other when check.Broken.Contains(other):
                return ([], null);
            default:
                return (operations.Invert(up), null);
        }
    }

    private void ReportUndo(IEnumerable<YamlNode> steps, string message)
    {
        foreach (var undo in steps.OfType<YamlMapping>().Select(static step => step[OperationForm.Undo.Name]).OfType<YamlNode>())
        {
            check.Errors.Report(undo.Position, message);
        }
    }

    private Requirement? BuildRequirement(YamlNode node)
    {
        var entry = Fields.Of(node);
        return operations.CompileQuery(entry.Source("sql")!, "'sql' of 'requires'") is { } query
            ? new Requirement(query, OnFailOf(entry.OptionalText("on_fail")), entry.OptionalText("message"))
            : null;
    }

    private static OnFail OnFailOf(string? word) => word switch
    {
        "skip" => OnFail.Skip,
        "mark_applied" => OnFail.MarkApplied,
        "warn" => OnFail.Warn,
        _ => OnFail.Fail,
    };

    private Verification? BuildVerification(YamlNode node)
    {
        var (sql, message) = node is YamlScalar scalar ? (scalar.Text, null) : (Fields.Of(node).Source("sql")!, Fields.Of(node).OptionalText("message"));
        return operations.CompileQuery(sql, "A query of 'verify'") is { } query ? new Verification(query, message) : null;
    }
}
