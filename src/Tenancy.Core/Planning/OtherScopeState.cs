using System.Collections.Immutable;

namespace Tenancy.Core.Planning;

/// <summary>What the other scope of a database has, as it was read; asserted again under the lock by what depends on it.</summary>
/// <param name="Applied">Revisions of the other scope: on the way up those that all its schemas have, on the way down those that any has.</param>
/// <param name="HeadSets">Each set of heads that a schema of the other scope has, its ids in ordinal order with spaces between.</param>
internal sealed record OtherScopeState(IReadOnlySet<string> Applied, ImmutableArray<string> HeadSets)
{
    /// <summary>Revisions that a schema of the other scope is in the middle of: they are not there yet, and need already what they depend on.</summary>
    public ImmutableArray<string> Begun { get; init; } = [];

    /// <summary>Schemas of the other scope at revisions that no manifest has, nor history, as text: nobody knows what these depend on.</summary>
    public ImmutableArray<string> Unknown { get; init; } = [];

    /// <summary>A set of heads as <see cref="HeadSets"/> has it.</summary>
    /// <param name="heads">The heads.</param>
    public static string HeadSet(IEnumerable<string> heads) => string.Join(' ', heads.Order(StringComparer.Ordinal));
}
