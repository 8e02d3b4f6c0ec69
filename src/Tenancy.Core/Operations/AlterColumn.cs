using Tenancy.Core.Manifests;
using Tenancy.Core.Manifests.Forms;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Operations;

/// <summary><c>alter_column</c>.</summary>
public sealed record AlterColumn : Operation
{
    /// <summary>How manifests write it.</summary>
    internal static readonly OperationDefinition Definition = new("alter_column", "Changes a column: its name, type, default, identity, storage, statistics, comment, and whether it may be null.",
        new ObjectForm("a mapping with 'table', 'name' and what changes",
        [
            new FormKey("table", CommonForms.ObjectName, "The table.", IsRequired: true),
            new FormKey("name", CommonForms.Name, "The column.", IsRequired: true),
            new FormKey("rename", CommonForms.Name, "Its new name."),
            .. ColumnChange.Keys,
            new FormKey("generated", new NullForm(), "null stops computing the column and keeps its values."),
            new FormKey("was", new ObjectForm("a mapping with 'type', 'default' or 'comment'", ColumnChange.Keys), "How the column was, so that 'down: auto' can change it back. Needed for all but nullable, and an identity that is new."),
        ]),
        static (node, context) =>
        {
            var fields = Fields.Of(node);
            var change = ColumnChange.Build(fields);
            var rename = fields.OptionalText("rename");
            if (rename is null && change == ColumnChange.Nothing)
            {
                context.Errors.Report(fields.Position, $"Nothing changes here. Write one of rename, {string.Join(", ", ColumnChange.Keys.Where(static key => key.Needs.IsEmpty).Select(static key => key.Name))} and generated.");
                return null;
            }

            return new AlterColumn
            {
                Position = context.Position,
                Scope = context.Scope,
                Table = fields.Name("table"),
                Column = fields.Text("name"),
                Rename = rename,
                Change = change,
                Was = fields.Object("was") is { } was ? ColumnChange.Build(was) : null,
            };
        });

    /// <inheritdoc/>
    public override string Name => Definition.Name;

    /// <summary>The table.</summary>
    public required ObjectName Table { get; init; }

    /// <summary>The column.</summary>
    public required string Column { get; init; }

    /// <summary>Its new name, or null.</summary>
    public string? Rename { get; init; }

    /// <summary>What changes.</summary>
    public required ColumnChange Change { get; init; }

    /// <summary>How it was, or null.</summary>
    public ColumnChange? Was { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<SourceText> ToSql(SqlTokens tokens)
    {
        var table = Table.ToSql(tokens, Scope);
        var actions = Actions().ToList();
        if (actions.Count > 0)
        {
            yield return Statement($"ALTER TABLE {table} {SqlText.AlterColumn(Column, actions)}");
        }

        if (Change.Comment is { } comment)
        {
            yield return Statement(SqlText.Comment($"COLUMN {table}.{SqlIdentifier.Quote(Column)}", comment.Text));
        }

        if (Rename is not null)
        {
            yield return Statement($"ALTER TABLE {table} RENAME COLUMN {SqlIdentifier.Quote(Column)} TO {SqlIdentifier.Quote(Rename)}");
        }
    }

    /// <inheritdoc/>
    public override Inverse Invert()
    {
        if (Change.DropsExpression)
        {
            return Inverse.None($"PostgreSQL cannot make '{Column}' a computed column again. Write 'down' yourself, with drop_column and add_column, or 'down: {{irreversible: why}}'.");
        }

        if (Change.Missing(Was) is { } unknown)
        {
            var key = unknown.Split(':')[0];
            return Inverse.None($"'down: auto' does not know the {key} that the column '{Column}' had. Add 'was: {{{(key == unknown ? $"{key}: ..." : unknown)}}}', write 'down' yourself, or 'down: {{irreversible: why}}'.");
        }

        return Inverse.By([.. WithName(Change.Back(Was))]);
    }

    private IEnumerable<Operation> WithName(ColumnChange back)
    {
        // The name goes back first, so that expressions in 'was' may use the old one.
        if (Rename is not null)
        {
            yield return this with { Column = Rename, Rename = Column, Change = ColumnChange.Nothing, Was = null };
        }

        if (back != ColumnChange.Nothing)
        {
            yield return this with { Rename = null, Change = back, Was = Change };
        }
    }

    private IEnumerable<string> Actions()
    {
        // What numbers or computes the column goes before nulls or a default are allowed, and comes after they are gone.
        if (Change.Identity is { IsNone: true })
        {
            yield return "DROP IDENTITY";
        }

        if (Change.DropsExpression)
        {
            yield return "DROP EXPRESSION";
        }

        if (Change.Type is not null)
        {
            // A default that cannot be cast would stop the change of type (manual, ALTER TABLE, examples).
            if (Change.Default?.Text is not null)
            {
                yield return "DROP DEFAULT";
            }

            yield return $"TYPE {Change.Type}{(Change.Using is null ? "" : $" USING ({Change.Using})")}";
        }

        if (Change.Default is { } value)
        {
            yield return value.Text is null ? "DROP DEFAULT" : $"SET DEFAULT ({value.Text})";
        }

        if (Change.IsNullable is { } nullable)
        {
            yield return nullable ? "DROP NOT NULL" : "SET NOT NULL";
        }

        if (Change.Identity is { IsNone: false } identity)
        {
            yield return Was?.Identity is { IsNone: false } || identity.Generated is null ? identity.ToChangeSql() : $"ADD {identity.ToSql()}";
        }

        foreach (var action in ColumnStorage.Actions(Change.Storage, Change.Compression, Change.Statistics).Concat(Change.Parameters.Actions()))
        {
            yield return action;
        }
    }
}
