using System.Collections.Immutable;
using Tenancy.Core.Manifests.Forms;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Operations;

/// <summary><c>create_view</c>.</summary>
public sealed record CreateView : CreateObject
{
    private static readonly ObjectKind View = new("view", "VIEW", "{query: ...}");

    private static readonly ImmutableArray<FormKey> Keys =
    [
        new("query", CommonForms.Query, "The query.", IsRequired: true),
        new("columns", CommonForms.Names, "The names of its columns; those of the query unless set."),
        StorageParameters.Key,
        new("check_option", new ChoiceForm("local", "cascaded"), "Refuses rows, written through the view, that it would not show."),
    ];

    /// <summary>How manifests write it and its end.</summary>
    internal static readonly (OperationDefinition Create, OperationDefinition Drop) Definitions = Define(View, Keys, Build,
        new FormKey("replace", CommonForms.Flag, "True puts it in the place of one that is there, whose columns it keeps."),
        new FormKey("was", new ObjectForm("a mapping with 'query'", [.. Keys, new FormKey("comment", CommonForms.Text, "The comment on it.")]), "The view that is replaced, so that 'down: auto' can put it back.") { Needs = ["replace"] });

    /// <inheritdoc/>
    public override ObjectKind Kind => View;

    /// <summary>The query.</summary>
    public required string Query { get; init; }

    /// <summary>The names of its columns; empty for those of the query.</summary>
    public ImmutableArray<string> Columns { get; init; } = [];

    /// <summary>Its options with their values in SQL.</summary>
    public ImmutableArray<(string Name, string Value)> Options { get; init; } = [];

    /// <summary><c>local</c> or <c>cascaded</c>, or null.</summary>
    public string? CheckOption { get; init; }

    /// <summary>Does it replace one that is there?</summary>
    public bool IsReplacement { get; init; }

    /// <summary>The view that it replaces, or null.</summary>
    public CreateView? Was { get; init; }

    /// <inheritdoc/>
    public override Inverse Invert() => !IsReplacement ? base.Invert()
        : Was is null ? Inverse.Unknown($"view '{Target}'", "replaced", Kind.Example)
        : Inverse.By(Was with { IsReplacement = true, Was = this, Comment = Comment is null ? null : Was.Comment ?? new OptionalValue(null) });

    private protected override string CreateSql(string name, SqlTokens tokens) =>
        $"CREATE {(IsReplacement ? "OR REPLACE " : "")}VIEW {name}"
        + (Columns.IsEmpty ? "" : $" ({SqlText.QuoteAll(Columns)})")
        + StorageParameters.ToSql(Options)
        + $" AS\n{Query}\n"
        + (CheckOption is null ? "" : $"WITH {CheckOption.ToUpperInvariant()} CHECK OPTION");

    private static CreateView Build(ObjectName name, Fields fields, BuildContext context) => new()
    {
        Position = context.Position,
        Scope = context.Scope,
        Target = name,
        Query = fields.Text("query"),
        Columns = fields.Texts("columns"),
        Options = StorageParameters.Build(fields),
        CheckOption = fields.OptionalText("check_option"),
        IsReplacement = fields.Flag("replace"),
        Was = fields.Object("was") is { } was ? Build(name, was, context) with { Comment = CommentOf(was) } : null,
    };
}
