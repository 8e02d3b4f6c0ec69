namespace Tenancy.Model;

/// <summary>How many tenants are in one state: where they are, and what they lack. The shared schema of each database counts under scope <c>shared</c>.</summary>
public sealed record TenantRevisionSummary
{
    /// <summary><c>tenant</c> or <c>shared</c>.</summary>
    public string Scope { get; init; } = "tenant";

    /// <summary>One of <see cref="TenantRevisionStatus"/>.</summary>
    public string Status { get; init; } = "";

    /// <summary>The revisions that they are at, in ordinal order; empty at base.</summary>
    public string[] Heads { get; init; } = [];

    /// <summary>How many revisions are to come.</summary>
    public int PendingCount { get; init; }

    /// <summary>How many revisions they are behind; null where nobody can say, as in <see cref="TenantRevision.BehindBy"/>.</summary>
    public int? BehindBy { get; init; }

    /// <summary>How many tenants these are.</summary>
    public int Count { get; init; }

    /// <summary>Some of them by name, at most five.</summary>
    public string[] Names { get; init; } = [];

    /// <inheritdoc/>
    public override string ToString() => $"{Count} {Status}";
}
