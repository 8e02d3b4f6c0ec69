namespace Tenancy.Core.Catalog;

/// <summary>One thing in which two snapshots differ.</summary>
/// <param name="Identity">The object.</param>
/// <param name="Property">The property that differs; null where the whole object is missing or too much.</param>
/// <param name="Expected">The value that is expected, null for PostgreSQL's default; without a property <c>present</c> or null.</param>
/// <param name="Actual">The value that is there, likewise.</param>
public sealed record SnapshotDifference(ObjectIdentity Identity, string? Property, string? Expected, string? Actual)
{
    /// <summary>What <see cref="Expected"/> or <see cref="Actual"/> is for an object that is there.</summary>
    public const string Present = "present";

    /// <summary>As people say it.</summary>
    public override string ToString() => Property is null
        ? $"{Identity} {(Expected is null ? "is too much" : "is missing")}"
        : $"{Identity}: {Property} is {Actual ?? "not set"}, not {Expected ?? "unset"}";
}
