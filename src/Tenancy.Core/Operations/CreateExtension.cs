using System.Collections.Immutable;
using Tenancy.Core.Manifests;
using Tenancy.Core.Manifests.Forms;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Operations;

/// <summary><c>create_extension</c>: in the shared scope only, because a database has an extension once.</summary>
public sealed record CreateExtension : Operation
{
    /// <summary>The keys of an extension apart from its name.</summary>
    internal static readonly ImmutableArray<FormKey> KeysWithoutName =
    [
        new("schema", CommonForms.Name, "The schema that its objects go to, which must exist; the shared one unless set."),
        new("version", CommonForms.Text, "Its version; the newest that the server has unless set."),
        new("cascade", CommonForms.Flag, "True creates the extensions that it needs, which an undo leaves."),
    ];

    /// <summary>How manifests write it.</summary>
    internal static readonly OperationDefinition Definition = new("create_extension", "Creates an extension; in the shared scope only.",
        new ObjectForm("a mapping with 'name'",
        [
            new FormKey("name", CommonForms.Name, "The extension.", IsRequired: true),
            .. KeysWithoutName,
            new FormKey("if_not_exists", CommonForms.Flag, "True when its presence is no error; an undo leaves it then."),
        ]),
        static (node, context) =>
        {
            var fields = Fields.Of(node);
            return CheckScope(fields, context) ? Build(fields.Text("name"), fields, context) with { IfNotExists = fields.Flag("if_not_exists") } : null;
        });

    /// <inheritdoc/>
    public override string Name => Definition.Name;

    /// <summary>The extension.</summary>
    public required string Extension { get; init; }

    /// <summary>The schema of its objects; null for the shared one.</summary>
    public string? Schema { get; init; }

    /// <summary>Its version; null for the newest.</summary>
    public string? Version { get; init; }

    /// <summary>Are the extensions that it needs created too?</summary>
    public bool Cascades { get; init; }

    /// <summary>Is its presence no error?</summary>
    public bool IfNotExists { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<SourceText> ToSql(SqlTokens tokens)
    {
        var version = Version is null ? "" : $" VERSION {SqlIdentifier.Quote(Version)}";
        yield return Statement($"CREATE EXTENSION {(IfNotExists ? "IF NOT EXISTS " : "")}{SqlIdentifier.Quote(Extension)} WITH SCHEMA {SqlIdentifier.Quote(Schema ?? tokens.Shared)}{version}{(Cascades ? " CASCADE" : "")}");
    }

    /// <inheritdoc/>
    public override IEnumerable<Touch> Touches(SqlTokens tokens) => TouchesOf(Schema, tokens);

    /// <inheritdoc/>
    public override Inverse Invert() => IfNotExists
        ? Inverse.By()
        : Inverse.By(new DropExtension { Position = Position, Scope = Scope, Extension = Extension, Was = this });

    /// <summary>Builds it from checked values.</summary>
    internal static CreateExtension Build(string name, Fields fields, BuildContext context) => new()
    {
        Position = context.Position,
        Scope = context.Scope,
        Extension = name,
        Schema = fields.OptionalText("schema"),
        Version = fields.OptionalText("version"),
        Cascades = fields.Flag("cascade"),
    };

    /// <summary>Reports an extension in a tenant's revision.</summary>
    internal static bool CheckScope(Fields fields, BuildContext context)
    {
        if (context.Scope == MigrationScope.Shared)
        {
            return true;
        }

        context.Errors.Report(fields.Position, "A database has an extension once, so no tenant can create or drop one. Move this into a revision with 'scope: shared', and let this one depend on it ('depends_on').");
        return false;
    }

    /// <summary>An extension itself lies in no schema; its objects lie in one.</summary>
    internal static IEnumerable<Touch> TouchesOf(string? schema, SqlTokens tokens)
    {
        yield return new Touch("*", "");
        if (schema is not null && schema != tokens.Shared)
        {
            yield return new Touch(schema, "*");
        }
    }
}
