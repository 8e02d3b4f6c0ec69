using Tenancy.Core.Manifests;
using Tenancy.Core.Manifests.Forms;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Operations;

/// <summary><c>set_row_security</c>.</summary>
public sealed record SetRowSecurity : Operation
{
    /// <summary>How manifests write it.</summary>
    internal static readonly OperationDefinition Definition = new("set_row_security", "Switches row-level security of a table on or off.",
        new ObjectForm("a mapping with 'table' and 'enabled' or 'forced'",
            new FormKey("table", CommonForms.ObjectName, "The table.", IsRequired: true),
            new FormKey("enabled", CommonForms.Flag, "True lets policies decide who sees which rows."),
            new FormKey("forced", CommonForms.Flag, "True holds for the table's owner too.")),
        static (node, context) =>
        {
            var fields = Fields.Of(node);
            if (!fields.Has("enabled") && !fields.Has("forced"))
            {
                context.Errors.Report(fields.Position, "Nothing changes here. Write 'enabled' or 'forced'.");
                return null;
            }

            return new SetRowSecurity { Position = context.Position, Scope = context.Scope, Table = fields.Name("table"), IsEnabled = fields.OptionalFlag("enabled"), IsForced = fields.OptionalFlag("forced") };
        });

    /// <inheritdoc/>
    public override string Name => Definition.Name;

    /// <summary>The table.</summary>
    public required ObjectName Table { get; init; }

    /// <summary>Do policies decide who sees which rows? Null leaves it.</summary>
    public bool? IsEnabled { get; init; }

    /// <summary>For the owner too? Null leaves it.</summary>
    public bool? IsForced { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<SourceText> ToSql(SqlTokens tokens)
    {
        string?[] actions =
        [
            IsEnabled is { } enabled ? $"{(enabled ? "ENABLE" : "DISABLE")} ROW LEVEL SECURITY" : null,
            IsForced is { } forced ? $"{(forced ? "FORCE" : "NO FORCE")} ROW LEVEL SECURITY" : null,
        ];
        yield return Statement($"ALTER TABLE {Table.ToSql(tokens, Scope)} {string.Join(", ", actions.OfType<string>())}");
    }

    /// <inheritdoc/>
    public override Inverse Invert() => Inverse.By(this with { IsEnabled = !IsEnabled, IsForced = !IsForced });
}
