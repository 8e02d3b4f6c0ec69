using Tenancy.Core.Execution;

namespace Tenancy.Core.Catalog.Scratch;

/// <summary>
/// New tenants that a replay stands for. What revisions require is asked as on them: of each, where the answer depends on its name. Those that answer unlike most are none that the replay stands for any more.
/// </summary>
/// <param name="tenants">The tenants, one at least.</param>
internal sealed class NewTenants(IEnumerable<SchemaTarget> tenants)
{
    private readonly List<SchemaTarget> others = [];
    private readonly Dictionary<string, string> marked = new(StringComparer.Ordinal);

    /// <summary>Those that it stands for.</summary>
    public IReadOnlyList<SchemaTarget> Alike { get; private set; } = [.. tenants];

    /// <summary>Those that it does not.</summary>
    public IReadOnlyList<SchemaTarget> Others => others;

    /// <summary>Revisions that are recorded as applied and not run on them, and why.</summary>
    public IReadOnlyDictionary<string, string> Marked => marked;

    /// <summary>Keeps those that answer like most.</summary>
    /// <param name="answers">What each of <see cref="Alike"/> answers, in their order.</param>
    public void Keep(IReadOnlyList<bool> answers)
    {
        var alike = Alike.Zip(answers).ToLookup(static pair => pair.Second, static pair => pair.First);
        var most = alike[true].Count() >= alike[false].Count();
        others.AddRange(alike[!most]);
        Alike = [.. alike[most]];
    }

    /// <summary>Notes that a revision is recorded and not run.</summary>
    /// <param name="revision">The revision.</param>
    /// <param name="why">Why.</param>
    public void Mark(string revision, string why) => marked[revision] = why;
}
