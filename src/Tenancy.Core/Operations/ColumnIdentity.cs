using Tenancy.Core.Manifests;
using Tenancy.Core.Manifests.Forms;
using Tenancy.Core.Manifests.Yaml;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Operations;

/// <summary>How a column numbers its rows (manual, CREATE TABLE, GENERATED … AS IDENTITY).</summary>
/// <param name="Generated"><c>always</c> or <c>by default</c>; null where only options change, or for a column that numbers no longer.</param>
/// <param name="Options">The options of its sequence.</param>
public sealed record ColumnIdentity(string? Generated, SequenceOptions Options)
{
    /// <summary>The column numbers no rows.</summary>
    public static readonly ColumnIdentity None = new(null, SequenceOptions.Nothing);

    private static readonly ChoiceForm Kinds = new("always", "by default");

    /// <summary>How a column's definition writes it.</summary>
    internal static readonly EitherForm Form = new(Kinds, new ObjectForm("a mapping with 'generated'",
        [new FormKey("generated", Kinds, "Whether only the sequence numbers rows, or whoever gives no number.", IsRequired: true), .. SequenceOptions.OwnKeys]));

    /// <summary>How a change writes it.</summary>
    internal static readonly EitherForm ChangeForm = new(Kinds, new ObjectForm("a mapping such as {increment: 10}",
        [new FormKey("generated", Kinds, "Whether only the sequence numbers rows, or whoever gives no number."), .. SequenceOptions.OwnKeys, AlterSequence.Restart]), new NullForm());

    /// <summary>Does the column number no rows?</summary>
    public bool IsNone => Generated is null && Options.IsEmpty;

    /// <summary>Builds it from a checked value.</summary>
    internal static ColumnIdentity Build(YamlNode node) => node switch
    {
        YamlScalar { IsNull: true } => None,
        YamlScalar scalar => new(scalar.Value, SequenceOptions.Nothing),
        _ => new(Fields.Of(node).OptionalText("generated"), SequenceOptions.Build(Fields.Of(node))),
    };

    /// <summary><c>GENERATED … AS IDENTITY</c> with the options.</summary>
    public string ToSql() => $"GENERATED {Generated!.ToUpperInvariant()} AS IDENTITY{(Options.IsEmpty ? "" : $" ({string.Join(' ', OptionsSql())})")}";

    /// <summary>What ALTER COLUMN says to change an identity that is there (manual, ALTER TABLE).</summary>
    public string ToChangeSql() => string.Join(' ', (Generated is null ? [] : new[] { $"SET GENERATED {Generated.ToUpperInvariant()}" })
        .Concat(OptionsSql().Select(static option => option.StartsWith("RESTART", StringComparison.Ordinal) ? option : $"SET {option}")));

    // No identity names its owner, so no schema is asked for.
    private IEnumerable<string> OptionsSql() => Options.Clauses(new SqlTokens("", ""), MigrationScope.Tenant);
}
