using System.Collections.Immutable;
using Tenancy.Core.Manifests.Forms;

namespace Tenancy.Core.Operations;

/// <summary>How manifests write constraints, in <c>create_table</c>, <c>add_constraint</c> and <c>was</c>.</summary>
internal static class ConstraintForm
{
    private static readonly ImmutableArray<string> Kinds = ["primary_key", "unique", "check", "foreign_key", "exclude"];

    private static readonly ObjectForm Exclude = new("a mapping with 'elements'",
        new FormKey("method", CommonForms.Name, "The index method; gist unless set."),
        new FormKey("elements", new ListForm(ExcludeElement(), "a list of elements, each with its operator in 'with'"), "What is compared, and how.", IsRequired: true),
        new FormKey("where", CommonForms.Expression, "The rows that it is about; all unless set."));

    /// <summary>The keys of a constraint.</summary>
    public static readonly ImmutableArray<FormKey> Keys =
    [
        new("name", CommonForms.Name, "The constraint's name; unless set, the one that PostgreSQL would choose."),
        new("primary_key", CommonForms.Names, "A primary key: its columns."),
        new("unique", CommonForms.Names, "A unique constraint: its columns."),
        new("nulls_not_distinct", CommonForms.Flag, "True when two nulls count as equal.") { Needs = ["unique"] },
        new("include", CommonForms.Names, "Columns carried along in the index.") { Needs = ["primary_key", "unique"] },
        new("check", CommonForms.Expression, "A check: the condition that every row must meet."),
        new("no_inherit", CommonForms.Flag, "True when child tables do not get the check.") { Needs = ["check"] },
        new("foreign_key", CommonForms.Names, "A foreign key: its columns.") { Needs = ["references"] },
        new("references", Reference.Form, "What the foreign key refers to.") { Needs = ["foreign_key"] },
        new("exclude", Exclude, "An exclusion constraint: no two rows for which all comparisons hold."),
        new("deferrable", CommonForms.Flag, "True when a transaction may put the check off to its end.") { Needs = ["primary_key", "unique", "foreign_key", "exclude"] },
        new("initially_deferred", CommonForms.Flag, "True when the check is put off unless the transaction says otherwise.") { Needs = ["deferrable"] },
        new("not_valid", CommonForms.Flag, "True to check new rows only, until validate_constraint.") { Needs = ["foreign_key", "check"] },
    ];

    /// <summary>The kinds: exactly one of them.</summary>
    public static readonly ImmutableArray<KeyGroup> Groups = [new(true, Kinds)];

    /// <summary>A constraint in a new table's list: it has no old rows, so nothing to leave unchecked.</summary>
    public static readonly ObjectForm Form = new($"a mapping with one of {string.Join(", ", Kinds)}", [.. Keys.Where(static key => key.Name != "not_valid")]) { Groups = Groups };

    /// <summary>Builds a constraint from checked values.</summary>
    /// <param name="fields">The values.</param>
    /// <param name="table">The table, for the name.</param>
    /// <param name="taken">Names that are taken.</param>
    public static TableConstraint Build(Fields fields, ObjectName table, ISet<string> taken)
    {
        string Name(IEnumerable<string> columns, string suffix)
        {
            if (fields.OptionalText("name") is not { } name)
            {
                return SqlText.ConstraintName(table.Name, columns, suffix, taken);
            }

            taken.Add(name);
            return name;
        }

        TableConstraint constraint;
        if (fields.Has("primary_key"))
        {
            constraint = new PrimaryKeyConstraint(Name([], "pkey"), fields.Texts("primary_key"), fields.Texts("include"));
        }
        else if (fields.Has("unique"))
        {
            constraint = new UniqueConstraint(Name(fields.Texts("unique"), "key"), fields.Texts("unique"), fields.Texts("include"), fields.Flag("nulls_not_distinct"));
        }
        else if (fields.Has("check"))
        {
            constraint = new CheckConstraint(Name([], "check"), fields.Text("check"), fields.Flag("no_inherit"));
        }
        else if (fields.Has("foreign_key"))
        {
            constraint = new ForeignKeyConstraint(Name(fields.Texts("foreign_key"), "fkey"), fields.Texts("foreign_key"), Reference.Build(fields.Object("references")!));
        }
        else
        {
            var exclude = fields.Object("exclude")!;
            ImmutableArray<(IndexElement Element, string Operator)> elements = [.. exclude.Items("elements").Select(static item => (IndexElement.Build(item), Fields.Of(item).Text("with")))];
            constraint = new ExcludeConstraint(Name(elements.Select(static pair => pair.Element.Column ?? "expr"), "excl"),
                exclude.OptionalText("method") ?? "gist", elements, exclude.OptionalText("where"));
        }

        return constraint with
        {
            IsDeferrable = fields.Flag("deferrable"),
            IsInitiallyDeferred = fields.Flag("initially_deferred"),
            IsNotValid = fields.Flag("not_valid"),
        };
    }

    private static ObjectForm ExcludeElement() => new("a mapping with 'column' or 'expression', and 'with'",
        [.. IndexElement.Keys, new FormKey("with", new TextForm("an operator such as && or =", SqlFragment.CheckOperator, "^[-+*/<>=~!@#%^&|`?]+$") { IsNeverNumber = true }, "The operator that compares two rows.", IsRequired: true)])
    {
        Groups = [new KeyGroup(true, "column", "expression")],
    };
}
