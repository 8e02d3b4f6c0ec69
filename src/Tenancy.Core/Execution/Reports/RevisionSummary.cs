using Tenancy.Model;

namespace Tenancy.Core.Execution.Reports;

/// <summary>Counts tenants by state. Keeps the states, not the tenants.</summary>
internal sealed class RevisionSummary
{
    private const int NamesShown = 5;

    private readonly Dictionary<(string Scope, string Status, int PendingCount, string Heads), Group> groups = [];

    /// <summary>Counts one.</summary>
    /// <param name="revision">Where it is.</param>
    public void Add(TenantRevision revision)
    {
        var key = (revision.Scope, revision.Status, revision.PendingCount, string.Join(' ', revision.Heads));
        if (!groups.TryGetValue(key, out var group))
        {
            groups[key] = group = new(revision);
        }

        group.Count++;
        if (group.Names.Count < NamesShown)
        {
            group.Names.Add(revision.Name);
        }
    }

    /// <summary>The states: those of tenants first, the most frequent first.</summary>
    public IEnumerable<TenantRevisionSummary> Describe() => groups.Values
        .OrderBy(static group => group.First.Scope == "shared")
        .ThenByDescending(static group => group.Count)
        .Select(static group => new TenantRevisionSummary
        {
            Scope = group.First.Scope,
            Status = group.First.Status,
            Heads = group.First.Heads,
            PendingCount = group.First.PendingCount,
            BehindBy = group.First.BehindBy,
            Count = group.Count,
            Names = [.. group.Names],
        });

    private sealed class Group(TenantRevision first)
    {
        public TenantRevision First { get; } = first;

        public int Count { get; set; }

        public List<string> Names { get; } = [];
    }
}
