using System.Collections.Immutable;
using Tenancy.Core.Manifests;
using Tenancy.Core.Manifests.Forms;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Operations;

/// <summary>The other side of a foreign key.</summary>
/// <param name="Table">The table referred to.</param>
/// <param name="Columns">Its columns; empty for its primary key.</param>
/// <param name="OnDelete">What a delete there does here, such as <c>cascade</c>; null for <c>no action</c>.</param>
/// <param name="OnUpdate">What an update of the key there does here; null for <c>no action</c>.</param>
public sealed record Reference(ObjectName Table, ImmutableArray<string> Columns, string? OnDelete, string? OnUpdate)
{
    private static readonly ChoiceForm Action = new("no action", "restrict", "cascade", "set null", "set default");

    /// <summary>How a manifest writes it.</summary>
    internal static readonly ObjectForm Form = new("a mapping with 'table'",
        new FormKey("table", CommonForms.ObjectName, "The table referred to; 'shared.users' for one in the shared schema.", IsRequired: true),
        new FormKey("column", CommonForms.Name, "The column referred to; the primary key unless set."),
        new FormKey("columns", CommonForms.Names, "The columns referred to, for a key of several."),
        new FormKey("on_delete", Action, "What deleting the row referred to does."),
        new FormKey("on_update", Action, "What changing the key referred to does."))
    {
        Groups = [new KeyGroup(false, "column", "columns")],
    };

    /// <summary>Builds it from checked values.</summary>
    internal static Reference Build(Fields fields) => new(
        fields.Name("table"),
        fields.Has("column") ? [fields.Text("column")] : fields.Texts("columns"),
        fields.OptionalText("on_delete"),
        fields.OptionalText("on_update"));

    /// <summary><c>REFERENCES …</c> with its actions.</summary>
    public string ToSql(SqlTokens tokens, MigrationScope scope)
    {
        var columns = Columns.IsEmpty ? "" : $" ({SqlText.QuoteAll(Columns)})";
        var delete = OnDelete is null ? "" : $" ON DELETE {OnDelete.ToUpperInvariant()}";
        var update = OnUpdate is null ? "" : $" ON UPDATE {OnUpdate.ToUpperInvariant()}";
        return $"REFERENCES {Table.ToSql(tokens, scope)}{columns}{delete}{update}";
    }
}
