using System.Collections.Immutable;

namespace Tenancy.Core.Operations;

/// <summary>Storage parameters that change.</summary>
/// <param name="Values">Names with their values in SQL; null for one that goes back to its default.</param>
public sealed record ParameterChanges(ImmutableArray<(string Name, string? Value)> Values)
{
    /// <summary>None changes.</summary>
    internal static readonly ParameterChanges Nothing = new([]);

    /// <summary>Does none change?</summary>
    public bool IsEmpty => Values.IsEmpty;

    /// <summary>Builds it from checked values.</summary>
    internal static ParameterChanges Build(Fields fields) => fields.Has(StorageParameters.Key.Name)
        ? new([.. StorageParameters.Build(fields).Select(static parameter => (parameter.Name, parameter.Value == "NULL" ? null : parameter.Value))])
        : Nothing;

    /// <summary>SET and RESET, as far as they are needed.</summary>
    public IEnumerable<string> Actions()
    {
        var set = Values.Where(static parameter => parameter.Value is not null).Select(static parameter => (parameter.Name, parameter.Value!)).ToList();
        if (set.Count > 0)
        {
            yield return $"SET ({StorageParameters.List(set)})";
        }

        var reset = Values.Where(static parameter => parameter.Value is null).Select(static parameter => parameter.Name).ToList();
        if (reset.Count > 0)
        {
            yield return $"RESET ({string.Join(", ", reset)})";
        }
    }

    /// <summary>The first parameter that these change and <paramref name="was"/> does not tell; null when all can be put back.</summary>
    internal string? Missing(ParameterChanges? was) => Values.Select(static parameter => parameter.Name).FirstOrDefault(name => was?.Values.Any(parameter => parameter.Name == name) != true);

    /// <summary>Those of <paramref name="was"/> that these change.</summary>
    internal ParameterChanges Back(ParameterChanges? was) => IsEmpty ? Nothing : new(was!.Values.RemoveAll(parameter => Values.All(changed => changed.Name != parameter.Name)));
}
