using System.Collections.Immutable;
using System.Text;
using Tenancy.Core.Manifests.Forms;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Operations;

/// <summary>A column as a manifest defines it; its constraints stand apart, with names.</summary>
public sealed record ColumnDefinition
{
    private static readonly EitherForm Generated = new(CommonForms.Expression, new ObjectForm("a mapping with 'expression'",
        new FormKey("expression", CommonForms.Expression, "What the column is computed from.", IsRequired: true),
        new FormKey("stored", CommonForms.Flag, "True (the default) stores the value; false computes it on reading, from PostgreSQL 18 on.")));

    /// <summary>The keys of a column apart from its name.</summary>
    internal static readonly ImmutableArray<FormKey> KeysWithoutName =
    [
        new("type", CommonForms.Type, "Its data type, as in SQL.", IsRequired: true),
        new("nullable", CommonForms.Flag, "False forbids nulls; true unless set."),
        new("default", CommonForms.Expression, "Its default: an SQL expression, so a text needs quotes of its own: \"'new'\"."),
        new("primary_key", CommonForms.Flag, "True makes it the table's primary key."),
        new("unique", CommonForms.Flag, "True forbids equal values."),
        new("identity", new ChoiceForm("always", "by default"), "Numbers rows by itself."),
        new("generated", Generated, "Computes it from other columns."),
        new("references", Reference.Form, "A foreign key to another table."),
        new("check", CommonForms.Expression, "A condition that every row must meet."),
        new("collation", CommonForms.ObjectName, "Its collation."),
        new("comment", CommonForms.Text, "A comment on it."),
    ];

    /// <summary>What excludes what in a column.</summary>
    internal static readonly ImmutableArray<KeyGroup> Groups = [new(false, "default", "identity", "generated")];

    /// <summary>A column in a table's list.</summary>
    internal static readonly ObjectForm Form = new("a mapping with 'name' and 'type'",
        [new FormKey("name", CommonForms.Name, "Its name.", IsRequired: true), .. KeysWithoutName])
    {
        Groups = Groups,
    };

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Its data type, as in SQL.</summary>
    public required string Type { get; init; }

    /// <summary>May it hold nulls?</summary>
    public bool IsNullable { get; init; } = true;

    /// <summary>The expression of its default, or null.</summary>
    public string? Default { get; init; }

    /// <summary><c>always</c> or <c>by default</c> for an identity column, or null.</summary>
    public string? Identity { get; init; }

    /// <summary>The expression that it is computed from, or null.</summary>
    public string? GeneratedFrom { get; init; }

    /// <summary>Is a computed value stored?</summary>
    public bool IsStored { get; init; } = true;

    /// <summary>Its collation, or null.</summary>
    public ObjectName? Collation { get; init; }

    /// <summary>A comment on it, or null.</summary>
    public string? Comment { get; init; }

    /// <summary>Builds a column and its constraints from checked values.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="fields">The values.</param>
    internal static ColumnDefinition Build(string name, Fields fields)
    {
        var generated = fields.Object("generated");
        return new ColumnDefinition
        {
            Name = name,
            Type = fields.Text("type"),
            IsNullable = fields.OptionalFlag("nullable") ?? true,
            Default = fields.OptionalText("default"),
            Identity = fields.OptionalText("identity"),
            GeneratedFrom = generated?.Text("expression") ?? fields.OptionalText("generated"),
            IsStored = generated?.OptionalFlag("stored") ?? true,
            Collation = fields.OptionalName("collation"),
            Comment = fields.OptionalText("comment"),
        };
    }

    /// <summary>The constraints that a column's own keys ask for.</summary>
    /// <param name="name">The column.</param>
    /// <param name="fields">The values.</param>
    /// <param name="table">The table, for names.</param>
    /// <param name="taken">Names that are taken.</param>
    internal static IEnumerable<TableConstraint> BuildConstraints(string name, Fields fields, ObjectName table, ISet<string> taken)
    {
        if (fields.Flag("primary_key"))
        {
            yield return new PrimaryKeyConstraint(SqlText.ConstraintName(table.Name, [], "pkey", taken), [name], []);
        }

        if (fields.Flag("unique"))
        {
            yield return new UniqueConstraint(SqlText.ConstraintName(table.Name, [name], "key", taken), [name], [], NullsNotDistinct: false);
        }

        if (fields.OptionalText("check") is { } check)
        {
            yield return new CheckConstraint(SqlText.ConstraintName(table.Name, [name], "check", taken), check);
        }

        if (fields.Object("references") is { } references)
        {
            yield return new ForeignKeyConstraint(SqlText.ConstraintName(table.Name, [name], "fkey", taken), [name], Reference.Build(references));
        }
    }

    /// <summary>Reports what contradicts itself in a column.</summary>
    internal static void Check(Fields fields, BuildContext context)
    {
        if (fields.OptionalFlag("nullable") == true && (fields.Flag("primary_key") || fields.Has("identity")))
        {
            context.Errors.Report(fields.Node("nullable")!.Position, "A primary key or identity column is never null. Remove 'nullable: true'.");
        }
    }

    /// <summary>The column for CREATE TABLE or ADD COLUMN.</summary>
    public string ToSql()
    {
        var sql = new StringBuilder($"{SqlIdentifier.Quote(Name)} {Type}");
        if (Collation is not null)
        {
            sql.Append(" COLLATE ").Append(SqlText.QuoteResolved(Collation));
        }

        if (Default is not null)
        {
            sql.Append(" DEFAULT (").Append(Default).Append(')');
        }

        if (Identity is not null)
        {
            sql.Append(" GENERATED ").Append(Identity.ToUpperInvariant()).Append(" AS IDENTITY");
        }

        if (GeneratedFrom is not null)
        {
            sql.Append(" GENERATED ALWAYS AS (").Append(GeneratedFrom).Append(IsStored ? ") STORED" : ") VIRTUAL");
        }

        return sql.Append(IsNullable ? "" : " NOT NULL").ToString();
    }

    /// <summary>COMMENT ON COLUMN for it, or nothing.</summary>
    /// <param name="table">The table in SQL.</param>
    public IEnumerable<string> CommentSql(string table)
    {
        if (Comment is not null)
        {
            yield return $"COMMENT ON COLUMN {table}.{SqlIdentifier.Quote(Name)} IS {SqlLiteral.Quote(Comment)}";
        }
    }
}
