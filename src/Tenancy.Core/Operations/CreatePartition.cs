using Tenancy.Core.Manifests.Forms;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Operations;

/// <summary><c>create_partition</c>.</summary>
public sealed record CreatePartition : CreateObject
{
    private static readonly ObjectKind Partition = new("partition", "TABLE", "{table: ..., values: ...}");

    /// <summary>How manifests write it and its end.</summary>
    internal static readonly (OperationDefinition Create, OperationDefinition Drop) Definitions = Define(Partition,
        [new FormKey("table", CommonForms.ObjectName, "The table that it is a part of.", IsRequired: true), PartitionBounds.Key, PartitionKey.Key],
        static (name, fields, context) => new CreatePartition
        {
            Position = context.Position,
            Scope = context.Scope,
            Target = name,
            Table = fields.Name("table"),
            Bounds = PartitionBounds.Build(fields.Node("values")!),
            PartitionBy = PartitionKey.Build(fields),
        });

    /// <inheritdoc/>
    public override ObjectKind Kind => Partition;

    /// <summary>The table that it is a part of.</summary>
    public required ObjectName Table { get; init; }

    /// <summary>The rows that it holds, in SQL.</summary>
    public required string Bounds { get; init; }

    /// <summary>By what it is divided itself, in SQL; empty when it is not.</summary>
    public string PartitionBy { get; init; } = "";

    private protected override string CreateSql(string name, SqlTokens tokens) => $"CREATE TABLE {name} PARTITION OF {Table.ToSql(tokens, Scope)} {Bounds}{PartitionBy}";
}
