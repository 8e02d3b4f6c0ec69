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
        new("identity", ColumnIdentity.Form, "Numbers rows by itself: always, by default, or with options of its sequence."),
        new("generated", Generated, "Computes it from other columns."),
        new("references", Reference.Form, "A foreign key to another table."),
        new("check", CommonForms.Expression, "A condition that every row must meet."),
        new("collation", CommonForms.ObjectName, "Its collation."),
        new("storage", ColumnStorage.Form, "Where long values go, and whether they are compressed; the type's own way unless set."),
        new("compression", ColumnStorage.Compression, "How long values are compressed."),
        new("statistics", ColumnStorage.Statistics, "How closely ANALYZE looks at it, from 0 to 10000."),
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

    /// <summary>How it numbers rows, or null.</summary>
    public ColumnIdentity? Identity { get; init; }

    /// <summary>The expression that it is computed from, or null.</summary>
    public string? GeneratedFrom { get; init; }

    /// <summary>Is a computed value stored?</summary>
    public bool IsStored { get; init; } = true;

    /// <summary>Its collation, or null.</summary>
    public ObjectName? Collation { get; init; }

    /// <summary><c>plain</c>, <c>external</c>, <c>extended</c> or <c>main</c>; null for the type's own.</summary>
    public string? Storage { get; init; }

    /// <summary>The compression method, or null.</summary>
    public string? Compression { get; init; }

    /// <summary>The statistics target, or null.</summary>
    public string? Statistics { get; init; }

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
            Identity = fields.Node("identity") is { } identity ? ColumnIdentity.Build(identity) : null,
            GeneratedFrom = generated?.Text("expression") ?? fields.OptionalText("generated"),
            IsStored = generated?.OptionalFlag("stored") ?? true,
            Collation = fields.OptionalName("collation"),
            Storage = fields.OptionalText("storage"),
            Compression = fields.OptionalText("compression"),
            Statistics = fields.OptionalText("statistics"),
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
            sql.Append(' ').Append(Identity.ToSql());
        }

        if (GeneratedFrom is not null)
        {
            sql.Append(" GENERATED ALWAYS AS (").Append(GeneratedFrom).Append(IsStored ? ") STORED" : ") VIRTUAL");
        }

        return sql.Append(IsNullable ? "" : " NOT NULL").ToString();
    }

    /// <summary>What CREATE TABLE and ADD COLUMN cannot say of it (of its storage, not before PostgreSQL 16), in statements of their own.</summary>
    /// <param name="table">The table in SQL.</param>
    public IEnumerable<string> FurtherSql(string table)
    {
        var actions = ColumnStorage.Actions(Storage, Compression, Statistics is null ? null : new OptionalValue(Statistics)).ToList();
        if (actions.Count > 0)
        {
            yield return $"ALTER TABLE {table} {SqlText.AlterColumn(Name, actions)}";
        }

        if (Comment is not null)
        {
            yield return SqlText.Comment($"COLUMN {table}.{SqlIdentifier.Quote(Name)}", Comment);
        }
    }
}
