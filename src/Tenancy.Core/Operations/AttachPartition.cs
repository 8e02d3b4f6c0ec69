using Tenancy.Core.Manifests;
using Tenancy.Core.Manifests.Forms;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Operations;

/// <summary><c>attach_partition</c> and <c>detach_partition</c>.</summary>
public sealed record AttachPartition : Operation
{
    private static readonly FormKey TableKey = new("table", CommonForms.ObjectName, "The divided table.", IsRequired: true);

    private static readonly FormKey PartitionName = new("partition", CommonForms.ObjectName, "The table that is or becomes a part of it.", IsRequired: true);

    /// <summary>How manifests write the attaching.</summary>
    internal static readonly OperationDefinition Attach = new("attach_partition", "Makes a table a partition of another.",
        new ObjectForm("a mapping with 'table', 'partition' and 'values'", TableKey, PartitionName, PartitionBounds.Key), static (node, context) => Build(Fields.Of(node), context, isDetached: false));

    /// <summary>How manifests write the detaching.</summary>
    internal static readonly OperationDefinition Detach = new("detach_partition", "Makes a partition a table of its own.",
        new ObjectForm("a mapping with 'table' and 'partition'", TableKey, PartitionName,
            new FormKey("was", new ObjectForm("a mapping with 'values'", PartitionBounds.Key), "The rows that it held, so that 'down: auto' can attach it again.")),
        static (node, context) => Build(Fields.Of(node), context, isDetached: true));

    /// <inheritdoc/>
    public override string Name => IsDetached ? Detach.Name : Attach.Name;

    /// <summary>The divided table.</summary>
    public required ObjectName Table { get; init; }

    /// <summary>The partition.</summary>
    public required ObjectName Partition { get; init; }

    /// <summary>The rows that it holds, in SQL; null where a detached one's are not told.</summary>
    public string? Bounds { get; init; }

    /// <summary>Does it become a table of its own?</summary>
    public bool IsDetached { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<SourceText> ToSql(SqlTokens tokens)
    {
        var head = $"ALTER TABLE {Table.ToSql(tokens, Scope)}";
        var partition = $"PARTITION {Partition.ToSql(tokens, Scope)}";
        yield return Statement(IsDetached ? $"{head} DETACH {partition}" : $"{head} ATTACH {partition} {Bounds}");
    }

    /// <inheritdoc/>
    public override Inverse Invert() => Bounds is null
        ? Inverse.Unknown($"partition '{Partition}'", "detached", "{values: ...}")
        : Inverse.By(this with { IsDetached = !IsDetached });

    private static AttachPartition Build(Fields fields, BuildContext context, bool isDetached) => new()
    {
        Position = context.Position,
        Scope = context.Scope,
        Table = fields.Name("table"),
        Partition = fields.Name("partition"),
        Bounds = (isDetached ? fields.Object("was") : fields)?.Node("values") is { } bounds ? PartitionBounds.Build(bounds) : null,
        IsDetached = isDetached,
    };
}
