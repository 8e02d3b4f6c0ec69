using Tenancy.Core.Manifests.Forms;

namespace Tenancy.Core.Operations;

/// <summary>How manifests write by what a table is divided.</summary>
internal static class PartitionKey
{
    /// <summary>The key with it.</summary>
    public static readonly FormKey Key = new("partition_by", new ObjectForm("a mapping with 'method' and 'columns'",
        new FormKey("method", new ChoiceForm("range", "list", "hash"), "How rows are divided.", IsRequired: true),
        new FormKey("columns", new ListForm(IndexElement.Form, "a list of columns or expressions"), "By what, without an order.", IsRequired: true)), "Divides it into partitions.");

    /// <summary>The clause with a space before it; empty for a plain table.</summary>
    public static string Build(Fields fields) => fields.Object(Key.Name) is { } by
        ? $" PARTITION BY {by.Text("method").ToUpperInvariant()} ({string.Join(", ", by.Items("columns").Select(static item => IndexElement.Build(item).ToSql()))})"
        : "";
}
