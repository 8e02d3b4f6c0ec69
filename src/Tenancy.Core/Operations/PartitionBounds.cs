using Tenancy.Core.Manifests.Forms;
using Tenancy.Core.Manifests.Yaml;

namespace Tenancy.Core.Operations;

/// <summary>How manifests write which rows a partition holds (manual, CREATE TABLE, PARTITION OF).</summary>
internal static class PartitionBounds
{
    private static readonly ListForm Row = new(SqlValue.Form, "a list of values");

    /// <summary>The key with the bounds.</summary>
    public static readonly FormKey Key = new("values", new EitherForm(new ChoiceForm("default"), new ObjectForm("a mapping with 'from' and 'to', 'in', or 'modulus' and 'remainder'",
        new FormKey("from", Row, "The first values of a range; {sql: MINVALUE} for no bound.") { Needs = ["to"] },
        new FormKey("to", Row, "The values where a range ends, without them; {sql: MAXVALUE} for no bound.") { Needs = ["from"] },
        new FormKey("in", Row, "The values of a list."),
        new FormKey("modulus", new IntegerForm(1), "How many partitions share the hashes.") { Needs = ["remainder"] },
        new FormKey("remainder", new IntegerForm(0), "Which of them this is, from 0 on.") { Needs = ["modulus"] })
    {
        Groups = [new KeyGroup(true, "from", "in", "modulus")],
    }), "The rows that it holds; 'default' for those of no other partition.", IsRequired: true);

    /// <summary>The bounds in SQL.</summary>
    public static string Build(YamlNode node)
    {
        if (node is YamlScalar)
        {
            return "DEFAULT";
        }

        var fields = Fields.Of(node);
        return fields.Has("from") ? $"FOR VALUES FROM ({Values(fields, "from")}) TO ({Values(fields, "to")})"
            : fields.Has("in") ? $"FOR VALUES IN ({Values(fields, "in")})"
            : $"FOR VALUES WITH (MODULUS {fields.Text("modulus")}, REMAINDER {fields.Text("remainder")})";
    }

    private static string Values(Fields fields, string key) => string.Join(", ", fields.Items(key).Select(static item => SqlValue.Of(item).Sql));
}
