namespace Tenancy.Model;

/// <summary>What a tenant's schema is like, beside what it is to be like.</summary>
public sealed record SchemaComparison
{
    /// <summary>The tenant's name.</summary>
    public string Name { get; init; } = "";

    /// <summary>The schema.</summary>
    public string Schema { get; init; } = "";

    /// <summary>The database.</summary>
    public string Database { get; init; } = "";

    /// <summary>The server.</summary>
    public string Server { get; init; } = "";

    /// <summary>One of <see cref="SchemaComparisonStatus"/>.</summary>
    public string Status { get; init; } = "";

    /// <summary>The revisions that history has the tenant at, in ordinal order; empty at base, and where history does not know it.</summary>
    public string[] Heads { get; init; } = [];

    /// <summary>Its shape, twelve hexadecimal digits: equal for tenants that are equal, whatever their names. Null where it was not looked at.</summary>
    public string? Shape { get; init; }

    /// <summary>How it differs from what is expected, object by object; empty where it does not, or nothing is expected. Tenants of one shape share the array.</summary>
    public SchemaDifference[] Differences { get; init; } = [];

    /// <summary>The step at which the tenant stands, where <see cref="Status"/> is <c>InProgress</c>; else null.</summary>
    public string? Step { get; init; }

    /// <summary>Why it could not be compared; null where it could.</summary>
    public MigrationFailure? Failure { get; init; }

    /// <summary>The tenant's labels.</summary>
    public TenantLabels Labels { get; init; } = [];

    /// <summary>Why it could not be compared, in one line; null where it could.</summary>
    public string? Error => Failure?.Message;

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>The closed set of values of <see cref="SchemaComparison.Status"/>.</summary>
public static class SchemaComparisonStatus
{
    /// <summary>As expected.</summary>
    public const string Equal = nameof(Equal);

    /// <summary>Otherwise than expected: something was changed by hand, or by another tool.</summary>
    public const string Drifted = nameof(Drifted);

    /// <summary>Otherwise than the reference, which is at other revisions: no drift can be told.</summary>
    public const string OtherRevision = nameof(OtherRevision);

    /// <summary>History does not know the tenant, so nothing is expected of it.</summary>
    public const string NoHistory = nameof(NoHistory);

    /// <summary>In the middle of a revision, which is to be finished first.</summary>
    public const string InProgress = nameof(InProgress);

    /// <summary>Migrated meanwhile, each time that it was looked at.</summary>
    public const string Changing = nameof(Changing);

    /// <summary>The schema was dropped and made again since history has it.</summary>
    public const string Recreated = nameof(Recreated);

    /// <summary>The schema does not exist.</summary>
    public const string Missing = nameof(Missing);

    /// <summary>At a revision that neither a manifest nor history's texts have.</summary>
    public const string UnknownRevision = nameof(UnknownRevision);

    /// <summary>At a head that another of its heads needs, so one row is too many.</summary>
    public const string OverlappingHeads = nameof(OverlappingHeads);

    /// <summary>Otherwise than its manifests say, of which one has changed since it was applied: what is expected is not known.</summary>
    public const string ChecksumMismatch = nameof(ChecksumMismatch);

    /// <summary>It could not be compared: the failure says why.</summary>
    public const string Failed = nameof(Failed);
}
