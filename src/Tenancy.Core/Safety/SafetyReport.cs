using Tenancy.Model;

namespace Tenancy.Core.Safety;

/// <summary>What safety checks have found.</summary>
/// <param name="Findings">The findings, suppressed ones too, by revision and line.</param>
/// <param name="Faults">Tenants and databases that could not be planned for, and why.</param>
public sealed record SafetyReport(IReadOnlyList<SafetyFinding> Findings, IReadOnlyList<(Tenant? Tenant, TenancyException Error)> Faults)
{
    /// <summary>The gravest severity of what is not suppressed; null where there is nothing.</summary>
    public string? Gravest => Findings.Where(static finding => !finding.IsSuppressed).MaxBy(static finding => SafetySeverity.Rank(finding.Severity))?.Severity;
}
