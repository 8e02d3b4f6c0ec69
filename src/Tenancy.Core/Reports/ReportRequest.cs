using Tenancy.Model;

namespace Tenancy.Core.Reports;

/// <summary>What a report is to show besides where tenants are.</summary>
public sealed record ReportRequest
{
    /// <summary>The run to show, from history; null for the last one over all databases. Not looked at where there are <see cref="Results"/>.</summary>
    public Guid? RunId { get; init; }

    /// <summary>What a run gave: it is shown from this instead of from history, which knows nothing of tenants that had nothing to do or were not reached. Of several runs the latest is shown.</summary>
    public IReadOnlyList<MigrationResult> Results { get; init; } = [];

    /// <summary>What a comparison gave; null where there was none.</summary>
    public IReadOnlyList<SchemaComparison>? Comparisons { get; init; }

    /// <summary>True to compare the schemas now, where there are no <see cref="Comparisons"/>.</summary>
    public bool ComparesSchemas { get; init; }

    /// <summary>Arguments of runs: for manifests that are replayed by a comparison. The values of secret ones are masked wherever they turn up.</summary>
    public IReadOnlyDictionary<string, string> Arguments { get; init; } = new Dictionary<string, string>();
}
