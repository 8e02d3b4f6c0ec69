using System.Collections.Immutable;
using System.Text;
using Tenancy.Core.Manifests;
using Tenancy.Core.Manifests.Forms;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Operations;

/// <summary><c>create_index</c>.</summary>
public sealed record CreateIndex : Operation
{
    /// <summary>The keys of an index apart from its name.</summary>
    internal static readonly ImmutableArray<FormKey> KeysWithoutName =
    [
        new("table", CommonForms.ObjectName, "The table.", IsRequired: true),
        new("columns", new ListForm(IndexElement.Form, "a list of columns or expressions"), "Its columns or expressions, in order.", IsRequired: true),
        new("unique", CommonForms.Flag, "True forbids equal entries."),
        new("nulls_not_distinct", CommonForms.Flag, "True when two nulls count as equal.") { Needs = ["unique"] },
        new("method", CommonForms.Name, "The index method: btree unless set, hash, gist, spgist, gin, brin."),
        new("include", CommonForms.Names, "Columns carried along."),
        new("where", CommonForms.Expression, "The rows that it holds; all unless set."),
        StorageParameters.Key,
        new("concurrently", CommonForms.Flag, "True builds it without blocking writers, outside a transaction."),
    ];

    /// <summary>How manifests write it.</summary>
    internal static readonly OperationDefinition Definition = new("create_index", "Creates an index.",
        new ObjectForm("a mapping with 'name', 'table' and 'columns'",
            [new FormKey("name", CommonForms.Name, "The index's name; it lies in the schema of its table.", IsRequired: true), .. KeysWithoutName]),
        static (node, context) =>
        {
            var fields = Fields.Of(node);
            var index = Build(fields.Text("name"), fields, context);
            context.CreatedIndexes.Add(index.QualifiedIndex.Qualify(context.Tokens, context.Scope));

            // Nobody else sees a table of the same revision yet, so the plain form blocks nobody and keeps the revision one transaction.
            return context.HasCreated(index.Table) ? index with { IsConcurrent = false } : index;
        });

    /// <inheritdoc/>
    public override string Name => Definition.Name;

    /// <summary>The index's name.</summary>
    public required string Index { get; init; }

    /// <summary>The table.</summary>
    public required ObjectName Table { get; init; }

    /// <summary>Its columns or expressions, in order.</summary>
    public required ImmutableArray<IndexElement> Elements { get; init; }

    /// <summary>Does it forbid equal entries?</summary>
    public bool IsUnique { get; init; }

    /// <summary>Do two nulls count as equal?</summary>
    public bool NullsNotDistinct { get; init; }

    /// <summary>The index method; null for btree.</summary>
    public string? Method { get; init; }

    /// <summary>Columns carried along.</summary>
    public ImmutableArray<string> Include { get; init; } = [];

    /// <summary>The rows that it holds; null for all.</summary>
    public string? Where { get; init; }

    /// <summary>Storage parameters with their values in SQL.</summary>
    public ImmutableArray<(string Name, string Value)> Storage { get; init; } = [];

    /// <summary>Is it built without blocking writers?</summary>
    public bool IsConcurrent { get; init; }

    /// <summary>The index with the schema of its table.</summary>
    public ObjectName QualifiedIndex => Table with { Name = Index };

    /// <inheritdoc/>
    public override IEnumerable<SourceText> ToSql(SqlTokens tokens)
    {
        var sql = new StringBuilder("CREATE ")
            .Append(IsUnique ? "UNIQUE INDEX " : "INDEX ")
            .Append(IsConcurrent ? "CONCURRENTLY " : "")
            .Append(SqlIdentifier.Quote(Index))
            .Append(" ON ").Append(Table.ToSql(tokens, Scope))
            .Append(Method is null ? "" : $" USING {SqlIdentifier.Quote(Method)}")
            .Append(" (").AppendJoin(", ", Elements.Select(static element => element.ToSql())).Append(')')
            .Append(Include.IsEmpty ? "" : $" INCLUDE ({SqlText.QuoteAll(Include)})")
            .Append(NullsNotDistinct ? " NULLS NOT DISTINCT" : "")
            .Append(StorageParameters.ToSql(Storage))
            .Append(Where is null ? "" : $" WHERE ({Where})");
        yield return Statement(sql.ToString());
    }

    /// <inheritdoc/>
    public override Inverse Invert() => Inverse.By(new DropIndex { Position = Position, Scope = Scope, Index = QualifiedIndex, IsConcurrent = IsConcurrent, Was = this });

    /// <summary>Builds an index from checked values.</summary>
    internal static CreateIndex Build(string index, Fields fields, BuildContext context) => new()
    {
        Position = context.Position,
        Scope = context.Scope,
        Index = index,
        Table = fields.Name("table"),
        Elements = [.. fields.Items("columns").Select(IndexElement.Build)],
        IsUnique = fields.Flag("unique"),
        NullsNotDistinct = fields.Flag("nulls_not_distinct"),
        Method = fields.OptionalText("method"),
        Include = fields.Texts("include"),
        Where = fields.OptionalText("where"),
        Storage = StorageParameters.Build(fields),
        IsConcurrent = fields.Flag("concurrently"),
    };
}
