using System.Collections.Immutable;
using Tenancy.Core.Manifests;
using Tenancy.Core.Manifests.Forms;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Operations;

/// <summary><c>rename_view</c>, <c>rename_constraint</c> and their like: another name for what lies in a schema, or within a table.</summary>
public sealed record RenameObject : Operation
{
    private static readonly FormKey ToKey = new("to", CommonForms.Name, "Its new name, without a schema.", IsRequired: true);

    /// <summary>How manifests write them.</summary>
    internal static readonly ImmutableArray<OperationDefinition> Definitions =
    [
        Define("view"), Define("materialized_view"), DefineIndex(), Define("sequence"), Define("type", "an enum, domain, composite type or range type"), Define("statistics", "extended statistics"),
        Define("function", more: RoutineArgument.Key), Define("procedure", more: RoutineArgument.Key),
        DefineInTable("constraint"), DefineInTable("trigger"), DefineInTable("policy"),
    ];

    /// <inheritdoc/>
    public override string Name => $"rename_{Kind}";

    /// <summary>What kind of object, as in its operation's name.</summary>
    public required string Kind { get; init; }

    /// <summary>The table that it is a part of; null for what lies in a schema by itself.</summary>
    public ObjectName? Table { get; init; }

    /// <summary>The object; without a schema where it is part of a table.</summary>
    public required ObjectName From { get; init; }

    /// <summary>The arguments of a function or procedure.</summary>
    public ImmutableArray<RoutineArgument> Arguments { get; init; } = [];

    /// <summary>Its new name.</summary>
    public required string To { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<SourceText> ToSql(SqlTokens tokens)
    {
        var kind = Kind.Replace('_', ' ').ToUpperInvariant();
        yield return Statement(Table is null
            ? $"ALTER {kind} {From.ToSql(tokens, Scope)}{(Kind is "function" or "procedure" ? RoutineArgument.Signature(Arguments) : "")} RENAME TO {SqlIdentifier.Quote(To)}"
            : Kind == "constraint"
            ? $"ALTER TABLE {Table.ToSql(tokens, Scope)} RENAME CONSTRAINT {SqlIdentifier.Quote(From.Name)} TO {SqlIdentifier.Quote(To)}"
            : $"ALTER {kind} {SqlIdentifier.Quote(From.Name)} ON {Table.ToSql(tokens, Scope)} RENAME TO {SqlIdentifier.Quote(To)}");
    }

    /// <inheritdoc/>
    public override Inverse Invert() => Inverse.By(this with { From = From with { Name = To }, To = From.Name });

    private static OperationDefinition Define(string kind, string? what = null, FormKey? more = null) => new($"rename_{kind}", $"Renames {what ?? $"a {kind.Replace('_', ' ')}"}.",
        new ObjectForm("a mapping with 'from' and 'to'", [new FormKey("from", CommonForms.ObjectName, "Its name.", IsRequired: true), .. more is null ? [] : new[] { more }, ToKey]),
        (node, context) => Build(kind, Fields.Of(node), context));

    private static OperationDefinition DefineIndex()
    {
        var definition = Define("index", "an index");
        return definition with
        {
            Build = (node, context) =>
            {
                // What this revision has made stays its own under another name.
                var rename = Build("index", Fields.Of(node), context);
                if (context.CreatedIndexes.Remove(rename.From.Qualify(context.Tokens, context.Scope)))
                {
                    context.CreatedIndexes.Add((rename.From with { Name = rename.To }).Qualify(context.Tokens, context.Scope));
                }

                return rename;
            },
        };
    }

    private static OperationDefinition DefineInTable(string kind) => new($"rename_{kind}", $"Renames a {kind}.",
        new ObjectForm("a mapping with 'table', 'from' and 'to'", new FormKey("table", CommonForms.ObjectName, "The table.", IsRequired: true), new FormKey("from", CommonForms.Name, "Its name.", IsRequired: true), ToKey),
        (node, context) =>
        {
            var fields = Fields.Of(node);
            return new RenameObject { Position = context.Position, Scope = context.Scope, Kind = kind, Table = fields.Name("table"), From = new ObjectName(null, fields.Text("from")), To = fields.Text("to") };
        });

    private static RenameObject Build(string kind, Fields fields, BuildContext context) => new()
    {
        Position = context.Position,
        Scope = context.Scope,
        Kind = kind,
        From = fields.Name("from"),
        Arguments = RoutineArgument.Build(fields),
        To = fields.Text("to"),
    };
}
