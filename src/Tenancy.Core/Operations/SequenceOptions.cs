using System.Collections.Immutable;
using Tenancy.Core.Manifests;
using Tenancy.Core.Manifests.Forms;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Operations;

/// <summary>What a manifest says of a sequence (manual, CREATE SEQUENCE); what it does not say is not there.</summary>
/// <param name="Values">Keys with their values as written, in the order of <see cref="Keys"/>; null for none.</param>
/// <param name="Table">The table of <c>owned_by</c>, or null.</param>
public sealed record SequenceOptions(ImmutableArray<(string Key, string? Value)> Values, ObjectName? Table)
{
    private static readonly EitherForm Limit = new(CommonForms.Integer, new NullForm());

    private static readonly EitherForm Owner = new(new ObjectForm("a mapping with 'table' and 'column'",
        new FormKey("table", CommonForms.ObjectName, "The table.", IsRequired: true),
        new FormKey("column", CommonForms.Name, "The column.", IsRequired: true)), new NullForm());

    /// <summary>The keys of a sequence.</summary>
    internal static readonly ImmutableArray<FormKey> Keys =
    [
        new("type", new ChoiceForm("smallint", "integer", "bigint"), "The type of its numbers; bigint unless set."),
        new("increment", CommonForms.Integer, "The step; 1 unless set."),
        new("minvalue", Limit, "The least number; null for the type's own."),
        new("maxvalue", Limit, "The greatest number; null for the type's own."),
        new("start", CommonForms.Integer, "The first number."),
        new("cache", new IntegerForm(1), "How many numbers a session takes at once; 1 unless set."),
        new("cycle", CommonForms.Flag, "True begins anew after the last number."),
        new("owned_by", Owner, "The column with which it is dropped; null for none."),
    ];

    /// <summary>The keys of an identity column's sequence: its type and its owner are the column's.</summary>
    internal static readonly ImmutableArray<FormKey> OwnKeys = [.. Keys.Where(static key => key.Name is not ("type" or "owned_by"))];

    /// <summary>Nothing is said.</summary>
    internal static readonly SequenceOptions Nothing = new([], null);

    /// <summary>Is nothing said?</summary>
    public bool IsEmpty => Values.IsEmpty;

    /// <summary>Builds it from checked values.</summary>
    internal static SequenceOptions Build(Fields fields) => new(
        [.. Keys.Append(AlterSequence.Restart).Where(key => fields.Has(key.Name)).Select(key => (key.Name, key.Name == "owned_by" ? fields.Object("owned_by")?.Text("column") : fields.OptionalText(key.Name)))],
        fields.Object("owned_by")?.Name("table"));

    /// <summary>The first key that these change and <paramref name="was"/> does not tell; null when all can be put back.</summary>
    internal string? Missing(SequenceOptions? was) => Values.Select(static value => value.Key).FirstOrDefault(key => was?.Values.Any(value => value.Key == key) != true);

    /// <summary>Those of <paramref name="was"/> that these change.</summary>
    internal SequenceOptions Back(SequenceOptions was) => was with { Values = was.Values.RemoveAll(value => Values.All(changed => changed.Key != value.Key)) };

    /// <summary>The options in SQL, with a space before each.</summary>
    /// <param name="tokens">The tokens.</param>
    /// <param name="home">The scope whose schema a bare name means.</param>
    public string ToSql(SqlTokens tokens, MigrationScope home) => string.Concat(Clauses(tokens, home).Select(static clause => $" {clause}"));

    /// <summary>The options in SQL.</summary>
    internal IEnumerable<string> Clauses(SqlTokens tokens, MigrationScope home) => Values.Select(option => option switch
    {
        ("type", var type) => $"AS {type}",
        ("increment", var step) => $"INCREMENT BY {step}",
        ("minvalue" or "maxvalue", null) => $"NO {option.Key.ToUpperInvariant()}",
        ("minvalue" or "maxvalue", var limit) => $"{option.Key.ToUpperInvariant()} {limit}",
        ("start" or "restart", var number) => $"{option.Key.ToUpperInvariant()} WITH {number}",
        ("cache", var number) => $"CACHE {number}",
        ("cycle", var flag) => flag == "true" ? "CYCLE" : "NO CYCLE",
        ("owned_by", null) => "OWNED BY NONE",
        ("owned_by", var column) => $"OWNED BY {Table!.ToSql(tokens, home)}.{SqlIdentifier.Quote(column)}",
        _ => throw new InvalidOperationException($"An option of sequences without SQL: {option.Key}."),
    });
}
