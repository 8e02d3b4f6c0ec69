using System.Collections.Immutable;
using Tenancy.Core.Manifests.Forms;
using Tenancy.Core.Manifests.Yaml;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Operations;

/// <summary>An argument of a function or procedure.</summary>
/// <param name="Name">Its name, or null.</param>
/// <param name="Type">Its data type.</param>
/// <param name="Mode"><c>in</c>, <c>out</c>, <c>inout</c> or <c>variadic</c>; null for <c>in</c>.</param>
/// <param name="Default">The expression of its default, or null.</param>
public sealed record RoutineArgument(string? Name, string Type, string? Mode, string? Default)
{
    /// <summary>The key with the arguments.</summary>
    internal static readonly FormKey Key = new("arguments", new ListForm(new EitherForm(CommonForms.Type, new ObjectForm("a mapping with 'type'",
        new FormKey("name", CommonForms.Name, "Its name."),
        new FormKey("type", CommonForms.Type, "Its data type.", IsRequired: true),
        new FormKey("mode", new ChoiceForm("in", "out", "inout", "variadic"), "What way it goes; in unless set."),
        new FormKey("default", CommonForms.Expression, "Its default."))), "a list of arguments", minimum: 0), "Its arguments: types, or mappings with 'type'.");

    /// <summary>Builds the arguments from checked values.</summary>
    internal static ImmutableArray<RoutineArgument> Build(Fields fields) => [.. fields.Items(Key.Name).Select(static node => node is YamlScalar type
        ? new RoutineArgument(null, type.Value, null, null)
        : Of(Fields.Of(node)))];

    /// <summary>The arguments in parentheses, as they tell a routine from others of its name.</summary>
    public static string Signature(ImmutableArray<RoutineArgument> arguments) => $"({string.Join(", ", arguments.Select(static argument => argument.ToSql()))})";

    /// <summary>The arguments in parentheses, with their defaults.</summary>
    public static string Declaration(ImmutableArray<RoutineArgument> arguments) =>
        $"({string.Join(", ", arguments.Select(static argument => argument.ToSql() + (argument.Default is null ? "" : $" DEFAULT ({argument.Default})")))})";

    private static RoutineArgument Of(Fields fields) => new(fields.OptionalText("name"), fields.Text("type"), fields.OptionalText("mode"), fields.OptionalText("default"));

    private string ToSql() => $"{(Mode is null ? "" : $"{Mode.ToUpperInvariant()} ")}{(Name is null ? "" : $"{SqlIdentifier.Quote(Name)} ")}{Type}";
}
