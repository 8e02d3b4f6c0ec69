using System.Collections.Immutable;
using Tenancy.Core.Policies;
using Tenancy.Model;

namespace Tenancy.Core.Rollouts;

/// <summary>In which order groups of tenants are migrated, and what must hold before the next group begins.</summary>
/// <param name="Rings">The groups, in order; the last takes all that no other one takes.</param>
/// <param name="SharedRing">The ring with which pending shared revisions run; null for the first.</param>
public sealed record Rollout(ImmutableArray<Ring> Rings, string? SharedRing = null)
{
    /// <summary>The name of the ring of all tenants that no other ring takes, where the file does not name one.</summary>
    public const string Rest = "rest";

    /// <summary>The file as it was read; null where the rings come from a label.</summary>
    public string? Text { get; init; }

    /// <summary>The file's path; null where the rings come from a label.</summary>
    public string? Path { get; init; }

    /// <summary>The label whose values are the rings; null where they come from a file.</summary>
    public string? Label { get; init; }

    /// <summary>
    /// A ring for each value that a label has among the tenants: <c>canary</c> first, then numbers by size, then text by the alphabet; without regard to case.
    /// Who has no such label is in the last ring, <see cref="Rest"/>.
    /// </summary>
    /// <param name="label">The label.</param>
    /// <param name="tenants">The tenants.</param>
    /// <exception cref="TenancyException"><c>RingLabelNotFound</c>: no tenant has it.</exception>
    public static Rollout OfLabel(string label, IEnumerable<Tenant> tenants)
    {
        ArgumentNullException.ThrowIfNull(tenants);
        var values = tenants.Select(tenant => tenant.Labels.GetValueOrDefault(label)).OfType<string>().Where(static value => value.Length > 0).Distinct(StringComparer.OrdinalIgnoreCase)
            .OrderBy(static value => string.Equals(value, "canary", StringComparison.OrdinalIgnoreCase) ? 0 : 1)
            .ThenBy(static value => Number(value) is null ? 1 : 0)
            .ThenBy(static value => Number(value))
            .ThenBy(static value => value, StringComparer.OrdinalIgnoreCase)
            .ToList();
        return values.Count > 0
            ? new([.. values.Select(value => new Ring(value) { Match = RingMatch.OfLabel(label, value) }), new Ring(Rest)]) { Label = label }
            : throw new TenancyException("RingLabelNotFound", $"No tenant of the run has the label '{label}'.", "Get-Tenant shows the labels; a file, query or New-Tenant gives them.");
    }

    private static decimal? Number(string value) =>
        decimal.TryParse(value, System.Globalization.NumberStyles.Number, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : null;
}

/// <summary>A group of tenants that are migrated together.</summary>
/// <param name="Name">Its name.</param>
public sealed record Ring(string Name)
{
    /// <summary>Whom it takes of those that no ring before it takes; null for all.</summary>
    public RingMatch? Match { get; init; }

    /// <summary>How many tenants of a database are worked on at once; null for the run's limit.</summary>
    public int? Parallel { get; init; }

    /// <summary>How many may fail; null for the run's limit, and none where it has none.</summary>
    public FailureLimit? MaxFailures { get; init; }

    /// <summary>How long to wait before it is verified and the next ring begins.</summary>
    public TimeSpan? Soak { get; init; }

    /// <summary>True where it had another soak when the run began, so that one which has begun is as long as it says now.</summary>
    internal bool HasNewSoak { get; init; }

    /// <summary>The query that must give true in each of its databases; null for none.</summary>
    public string? Verify { get; init; }
}
