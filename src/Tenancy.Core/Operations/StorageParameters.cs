using System.Collections.Immutable;
using Tenancy.Core.Manifests.Forms;

namespace Tenancy.Core.Operations;

/// <summary>Storage parameters and options of relations: <c>with: {fillfactor: 70}</c>.</summary>
internal static class StorageParameters
{
    /// <summary>Their names.</summary>
    public static readonly TextForm Name = new("the name of a storage parameter", SqlFragment.CheckParameter, SqlFragment.ParameterPattern);

    /// <summary>The key of an object that is created.</summary>
    public static readonly FormKey Key = new("with", new MapForm(Name, new LiteralForm(), "a mapping such as {fillfactor: 70}"), "Storage parameters.");

    /// <summary>The key of a change.</summary>
    /// <param name="example">A parameter, for messages.</param>
    public static FormKey ChangeOf(string example) => Key with
    {
        Value = new MapForm(Name, new LiteralForm(), $"a mapping such as {{{example}: 70}}"),
        Description = "Storage parameters; null puts one back to its default.",
    };

    /// <summary>The names with their values in SQL.</summary>
    public static ImmutableArray<(string Name, string Value)> Build(Fields fields) => [.. fields.Entries(Key.Name).Select(static entry => (entry.Key.Value, SqlValue.Of(entry.Value).Sql))];

    /// <summary>The clause WITH with a space before it; empty without parameters.</summary>
    public static string ToSql(ImmutableArray<(string Name, string Value)> parameters) => parameters.IsEmpty ? "" : $" WITH ({List(parameters)})";

    /// <summary>The parameters with commas between them.</summary>
    public static string List(IEnumerable<(string Name, string Value)> parameters) => string.Join(", ", parameters.Select(static parameter => $"{parameter.Name} = {parameter.Value}"));
}
