using System.Text.RegularExpressions;
using Tenancy.Core.Operations;
using Tenancy.Core.Safety;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Manifests.Forms;

/// <summary>What a manifest may hold.</summary>
internal static partial class ManifestForm
{
    private const string IdPattern = "^[A-Za-z0-9_][A-Za-z0-9_.-]*$";

    private static readonly string[] Reserved = ["base", "head", "heads", "current"];

    private static readonly TextForm Id = new("an id of letters, digits, '_', '-' and '.'", CheckId, IdPattern) { MaximumLength = SqlIdentifier.MaxBytes };

    private static readonly TextForm ArgumentName = new("a name of letters, digits, '_' and '-'",
        static text => ArgumentKey().IsMatch(text) ? null : new TextFault($"must be letters, digits, '_' and '-', not '{text}': it stands in ${{x.name}}."), "^[A-Za-z_][A-Za-z0-9_-]*$");

    private static readonly ListForm Steps = new(OperationForm.Instance, "a list of operations", minimum: 0);

    private static readonly ObjectForm Requirement = new("a mapping with 'sql'",
        new FormKey("sql", CommonForms.BooleanQuery, "The query.", IsRequired: true),
        new FormKey("on_fail", new ChoiceForm("fail", "skip", "mark_applied", "warn"), "What happens to the tenant when it gives false; fail unless set."),
        new FormKey("message", CommonForms.Text, "What to tell the person."));

    private static readonly ObjectForm Check = new("a mapping with 'sql'",
        new FormKey("sql", CommonForms.BooleanQuery, "The query.", IsRequired: true),
        new FormKey("message", CommonForms.Text, "What to tell the person."));

    private static readonly ObjectForm Argument = new("a mapping such as {type: text}",
        new FormKey("type", new ChoiceForm("text", "integer", "number", "boolean", "identifier"), "What its value must be; text unless set."),
        new FormKey("default", CommonForms.Text, "Its value when none is given; without one it is mandatory."),
        new FormKey("allowed", new ListForm(CommonForms.Text, "a list of values"), "The values allowed; all unless set."),
        new FormKey("secret", CommonForms.Flag, "True keeps its value out of history and output.")
        {
            TrueForbids = ("default", "history keeps the manifest, and would show it. Remove it, and give the value to each run."),
        },
        new FormKey("description", CommonForms.Text, "One line for people."));

    private static readonly ObjectForm Suppression = new("a mapping with 'rule' and 'reason'",
        new FormKey("rule", new ChoiceForm(SafetyRules.Ids), "The id of the safety check.", IsRequired: true),
        new FormKey("reason", CommonForms.Text, "Why it does not apply here.", IsRequired: true));

    /// <summary>Objects outside the scope.</summary>
    public static readonly ListForm Touches =
        new(new TextForm("schema.object, schema.* or database", CheckTouch, "^(database|.+\\..+)$") { IsNeverNumber = true }, "a list of schema.object, schema.* or database", allowsSingle: true);

    /// <summary>Tables with their schemas.</summary>
    public static readonly ListForm Tables =
        new(new TextForm("schema.table", static text => text == "database" || text.EndsWith(".*", StringComparison.Ordinal) ? new TextFault($"must be schema.table, not '{text}'.") : CheckTouch(text), "^.+\\.[^*]+$") { IsNeverNumber = true }, "a list of schema.table", allowsSingle: true);

    /// <summary>The manifest.</summary>
    public static readonly ObjectForm Form = new("a mapping with 'revision' and 'up'",
        new FormKey("revision", Id, "The revision's id, unique in the project; it can be typed by its first characters.", IsRequired: true),
        new FormKey("parent", new ListForm(Id, "a revision id or a list of them", allowsSingle: true), "The revision that it follows; a list merges branches; absent for a base."),
        new FormKey("depends_on", new ListForm(Id, "a revision id or label, or a list of them", allowsSingle: true), "Revisions or labels that it needs besides; they may lie in the other scope."),
        new FormKey("labels", new ListForm(Id, "a label or a list of labels", allowsSingle: true), "Branch labels."),
        new FormKey("scope", new ChoiceForm("tenant", "shared"), "What it changes: each tenant's schema (the default), or the shared schema."),
        new FormKey("description", CommonForms.Text, "One line for people."),
        new FormKey("touches", Touches, "Objects outside its scope that it changes or locks on purpose, such as a shared table that a key refers to."),
        new FormKey("up", Steps, "The operations, in order. Only a merge of several parents may leave them out."),
        new FormKey("down", new EitherForm(new ChoiceForm("auto"), Steps, new ObjectForm("{irreversible: why}",
            new FormKey("irreversible", CommonForms.Text, "Why it cannot be undone.", IsRequired: true))), "What undoes it: 'auto' (the default), a list of operations, or {irreversible: why}."),
        new FormKey("requires", new ListForm(Requirement, "a list of mappings with 'sql'"), "What must hold before it runs on a tenant."),
        new FormKey("verify", new ListForm(new EitherForm(CommonForms.BooleanQuery, Check), "a list of queries"), "What must hold after 'up', inside the transaction; if not, the tenant is rolled back."),
        new FormKey("arguments", new MapForm(ArgumentName, Argument, "a mapping of names to declarations"), "Arguments of the run that it uses as ${x.name}."),
        new FormKey("data", CommonForms.Flag, "True when it writes rows that every tenant has."),
        new FormKey("suppress", new ListForm(Suppression, "a list of mappings with 'rule' and 'reason'"), "Safety checks that it switches off.") { IsOutsideChecksum = true });

    /// <summary>The object that an entry of <c>touches</c> names.</summary>
    public static Touch Touch(string text)
    {
        var name = text == "database" ? new ObjectName("*", "") : ObjectName.Parse(text);
        return new Touch(name.Schema!, name.Name);
    }

    private static TextFault? CheckTouch(string text) =>
        text == "database" ? null
        : !ObjectName.TryParse(text, out var name, out var fault) ? fault
        : name!.Schema is null ? new TextFault($"must be schema.object, schema.* or database, not '{text}'.", 0, Spelling.Nearest(text, ["database"]))
        : null;

    private static TextFault? CheckId(string text) =>
        !IdForm().IsMatch(text) ? new TextFault($"must be letters, digits, '_', '-' and '.', not '{text}'.")
        : Reserved.Contains(text, StringComparer.OrdinalIgnoreCase) ? new TextFault($"must not be '{text}', which has a meaning of its own on the command line.")
        : CommonForms.CheckName(text);

    [GeneratedRegex(@"^[A-Za-z0-9_][A-Za-z0-9_.-]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex IdForm();

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_-]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex ArgumentKey();
}
