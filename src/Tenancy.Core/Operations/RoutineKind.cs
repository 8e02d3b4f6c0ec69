using System.Collections.Immutable;
using Tenancy.Core.Manifests.Forms;

namespace Tenancy.Core.Operations;

/// <summary>Functions or procedures: what is told of them (manual, CREATE FUNCTION and CREATE PROCEDURE).</summary>
/// <param name="Key">What operations call it.</param>
public sealed record RoutineKind(string Key)
{
    private static readonly ImmutableArray<FormKey> Common =
    [
        new("language", CommonForms.Name, "The language of the body, such as sql or plpgsql.", IsRequired: true),
        new("body", new TextForm("the body's text"), "The body; tokens in sql and plpgsql are translated.", IsRequired: true),
        new("security", new ChoiceForm("invoker", "definer"), "Whose rights it has; the caller's unless set."),
        new("set", new MapForm(StorageParameters.Name, CommonForms.Expression, "a mapping such as {search_path: tenant_schema}"), "Settings while it runs, as after SET … TO."),
        new("comment", CommonForms.Text, "A comment on it."),
    ];

    /// <summary>Functions.</summary>
    public static readonly RoutineKind Function = new("function");

    /// <summary>Procedures.</summary>
    public static readonly RoutineKind Procedure = new("procedure");

    /// <summary>What SQL calls it.</summary>
    public string Sql => Key.ToUpperInvariant();

    /// <summary>The keys apart from name and arguments.</summary>
    internal ImmutableArray<FormKey> Keys => this == Procedure ? Common :
    [
        new("returns", CommonForms.Type, "What it gives, such as integer, SETOF text or trigger; absent where arguments have the mode out."),
        .. Common,
        new("volatility", new ChoiceForm("volatile", "stable", "immutable"), "Whether it may change rows or give other results; volatile unless set."),
        new("strict", CommonForms.Flag, "True gives null when an argument is null, without running it."),
        new("leakproof", CommonForms.Flag, "True promises that it tells nothing of its arguments."),
        new("parallel", new ChoiceForm("unsafe", "restricted", "safe"), "Whether parallel queries may use it; unsafe unless set."),
        new("cost", new IntegerForm(1), "What a call costs, for the planner."),
        new("rows", new IntegerForm(1), "How many rows it gives, for the planner."),
    ];
}
