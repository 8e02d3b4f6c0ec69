using System.Collections.Immutable;

namespace Tenancy.Core.Catalog.Scratch;

/// <summary>Where a replay is to lead: heads, and what became of the revisions that a schema may have recorded without running them.</summary>
/// <param name="Heads">The heads, in ordinal order; empty for base.</param>
/// <param name="Ran">Of revisions with <c>on_fail: mark_applied</c>: true where the schema ran it, false where it was marked as applied; absent where history does not know.</param>
internal sealed record ReplayTarget(ImmutableArray<string> Heads, ImmutableSortedDictionary<string, bool> Ran)
{
    /// <summary>Equal for schemas that are expected to be equal.</summary>
    public string Key => string.Join(' ', Heads) + string.Concat(Ran.Select(static pair => $"|{pair.Key}:{(pair.Value ? "ran" : "marked")}"));
}
