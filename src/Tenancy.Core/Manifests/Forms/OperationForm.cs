using System.Collections.Immutable;
using Tenancy.Core.Manifests.Yaml;
using Tenancy.Core.Operations;

namespace Tenancy.Core.Manifests.Forms;

/// <summary>One step of <c>up</c> or <c>down</c>: a mapping with one operation, and keys that every operation takes beside it.</summary>
internal sealed class OperationForm : ValueForm
{
    /// <summary>The only one: what it knows, it has from <see cref="OperationCatalog"/>.</summary>
    public static readonly OperationForm Instance = new();

    /// <summary>Keys that stand beside an operation.</summary>
    public static readonly ImmutableArray<FormKey> CommonKeys =
    [
        new("transaction", new ChoiceForm("none"), "'none' runs the operation outside a transaction: for what the engine cannot know to need it, such as a CALL that commits.") { Needs = ["done_when"] },
        new("done_when", CommonForms.BooleanQuery, "A query that gives true when the work of an operation outside a transaction is done: asked before it is repeated.") { Needs = ["transaction"] },
        new("lock_timeout", CommonForms.Duration, "How long it may wait for a lock; the project's unless set."),
        new("statement_timeout", CommonForms.Duration, "How long it may run; the project's unless set."),
    ];

    /// <summary>The key that plain SQL takes besides.</summary>
    public static readonly FormKey Undo = new("undo", CommonForms.Sql, "SQL that undoes it, for 'down: auto'.");

    private static readonly string File = SqlFileOperation.Definition.Name;

    private OperationForm()
    {
    }

    /// <inheritdoc/>
    public override string Expected => "an operation such as 'create_table: {...}' or 'sql: ...'";

    /// <summary>The operation of a step, with what stands under its key.</summary>
    public static (OperationDefinition Definition, YamlEntry Entry) Find(YamlMapping step)
    {
        var entry = step.Entries.First(static entry => OperationCatalog.ByName.ContainsKey(entry.Key.Value));
        return (OperationCatalog.ByName[entry.Key.Value], entry);
    }

    /// <inheritdoc/>
    public override bool Fits(YamlNode node) => node is YamlMapping;

    /// <inheritdoc/>
    public override void Write(YamlNode node, CanonicalWriter writer) =>
        writer.Map(((YamlMapping)node).Entries.Select(static entry => (entry.Key.Value == File ? SqlOperation.Definition.Name : entry.Key.Value, entry)),
            (_, entry) => FormOf(entry.Key.Value)!.Write(entry.Value, writer));

    /// <inheritdoc/>
    protected override void CheckContent(YamlNode node, string name, FormCheck check)
    {
        var step = (YamlMapping)node;
        var operations = step.Entries.Where(static entry => OperationCatalog.ByName.ContainsKey(entry.Key.Value)).ToList();
        foreach (var (key, value) in step.Entries)
        {
            if (FormOf(key.Value) is { } form)
            {
                form.Check(value, $"'{key.Value}'", check);
            }
            else
            {
                ReportUnknown(key, operations.Count > 0, check.Errors);
            }
        }

        // An unknown key is the operation misspelt, and has been told.
        if (operations.Count == 0 && step.Entries.All(static entry => FormOf(entry.Key.Value) is not null))
        {
            check.Errors.Report(step.Position, $"This step has no operation. Write one of {string.Join(", ", OperationCatalog.All.Select(static known => known.Name))}.");
        }
        else if (operations.Count > 1)
        {
            check.Errors.Report(operations[1].Key.Position, $"This step has two operations, '{operations[0].Key.Value}' and '{operations[1].Key.Value}'. Write each as its own item ('- ...').");
        }

        CheckCommonKeys(step, operations, check.Errors);
    }

    private static void CheckCommonKeys(YamlMapping step, List<YamlEntry> operations, ErrorList errors)
    {
        if (step["transaction"] is { } transaction && step["done_when"] is null)
        {
            errors.Report(transaction.Position, "'transaction: none' needs 'done_when' beside it: a query that gives true when the work is done. Without it nobody knows whether to repeat the operation after a lost connection.");
        }

        if (step["done_when"] is { } done && step["transaction"] is null)
        {
            errors.Report(done.Position, "'done_when' belongs to 'transaction: none'. Add that, or remove 'done_when'.");
        }

        if (step[Undo.Name] is { } undo && operations.Count == 1 && !OperationCatalog.ByName[operations[0].Key.Value].TakesUndo)
        {
            errors.Report(undo.Position, $"'{operations[0].Key.Value}' takes no 'undo': only {string.Join(", ", OperationCatalog.All.Where(static known => known.TakesUndo).Select(static known => $"'{known.Name}'"))} do. Write 'was' inside it, or 'down'.");
        }
    }

    private static void ReportUnknown(YamlScalar key, bool hasOperation, ErrorList errors)
    {
        if (hasOperation)
        {
            ObjectForm.ReportUnknown(key, CommonKeys.Select(static known => known.Name).Append(Undo.Name), errors);
            return;
        }

        var names = OperationCatalog.All.Select(static known => known.Name).ToList();
        errors.Report(key.Position, $"There is no operation '{key.Value}'. There are: {string.Join(", ", names)}.", Spelling.Nearest(key.Value, names));
    }

    /// <summary>The form of what stands under a key of a step; null for an unknown key.</summary>
    public static ValueForm? FormOf(string key) =>
        OperationCatalog.ByName.TryGetValue(key, out var definition) ? definition.Form
        : key == Undo.Name ? Undo.Value
        : CommonKeys.FirstOrDefault(known => known.Name == key)?.Value;
}
