namespace Tenancy.Model;

/// <summary>Where one tenant is, and what is pending.</summary>
public sealed record TenantRevision
{
    /// <summary>The tenant's name.</summary>
    public string Name { get; init; } = "";

    /// <summary>The schema.</summary>
    public string Schema { get; init; } = "";

    /// <summary>The database.</summary>
    public string Database { get; init; } = "";

    /// <summary>The server.</summary>
    public string Server { get; init; } = "";

    /// <summary><c>tenant</c> or <c>shared</c>.</summary>
    public string Scope { get; init; } = "tenant";

    /// <summary>One of <see cref="TenantRevisionStatus"/>.</summary>
    public string Status { get; init; } = "";

    /// <summary>The revisions that the tenant is at, in ordinal order; empty at base.</summary>
    public string[] Heads { get; init; } = [];

    /// <summary>Revisions to come, in order.</summary>
    public string[] Pending { get; init; } = [];

    /// <summary>Revisions of the database that no manifest has.</summary>
    public string[] Unknown { get; init; } = [];

    /// <summary>The step at which the tenant stands, where <see cref="Status"/> is <c>InProgress</c>; else null.</summary>
    public string? Step { get; init; }

    /// <summary>When the heads last moved, UTC; null at base.</summary>
    public DateTime? Changed { get; init; }

    /// <summary>The tenant's labels.</summary>
    public TenantLabels Labels { get; init; } = [];

    /// <summary>How many revisions are to come.</summary>
    public int PendingCount => Pending.Length;

    /// <summary>How many revisions the tenant is behind; null where nobody can say: its schema is missing or was made again, or what the history says is not in the manifests.</summary>
    public int? BehindBy => Status is TenantRevisionStatus.AtHead or TenantRevisionStatus.Behind or TenantRevisionStatus.InProgress or TenantRevisionStatus.ChecksumMismatch ? Pending.Length : null;

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>The closed set of values of <see cref="TenantRevision.Status"/>.</summary>
public static class TenantRevisionStatus
{
    /// <summary>Nothing is pending.</summary>
    public const string AtHead = nameof(AtHead);

    /// <summary>Revisions are pending.</summary>
    public const string Behind = nameof(Behind);

    /// <summary>At a named step of a revision.</summary>
    public const string InProgress = nameof(InProgress);

    /// <summary>The schema was dropped and made again since.</summary>
    public const string Recreated = nameof(Recreated);

    /// <summary>The schema does not exist.</summary>
    public const string Missing = nameof(Missing);

    /// <summary>At a revision, or in the middle of one, that no manifest has.</summary>
    public const string UnknownRevision = nameof(UnknownRevision);

    /// <summary>At a head that another of its heads needs, so one row is too many.</summary>
    public const string OverlappingHeads = nameof(OverlappingHeads);

    /// <summary>An applied revision's manifest has changed since.</summary>
    public const string ChecksumMismatch = nameof(ChecksumMismatch);
}
