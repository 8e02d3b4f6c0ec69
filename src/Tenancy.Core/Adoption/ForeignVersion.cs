using System.Collections.Immutable;
using Tenancy.Model;

namespace Tenancy.Core.Adoption;

/// <summary>Where another tool has brought a schema.</summary>
/// <param name="Current">What it applied last: of Alembic every head, else one; empty at the beginning.</param>
/// <param name="Applied">All that it applied; null where it tells only the heads.</param>
/// <param name="Baseline">The version that stands for all up to it, or null.</param>
internal sealed record ForeignVersion(ImmutableArray<string> Current, IReadOnlySet<string>? Applied, string? Baseline = null)
{
    /// <summary>True when the tool would say that it has applied the version. Only where <see cref="Applied"/> is told.</summary>
    public bool Has(string version) => Applied!.Contains(version) || (Baseline is not null && FlywayVersion.Comparer.Compare(version, Baseline) <= 0);

    /// <summary>Reads the rows of a version table.</summary>
    /// <param name="source">The tool.</param>
    /// <param name="rows">The rows, in any order.</param>
    /// <exception cref="TenancyException"><c>VersionFailed</c>: the tool's last attempt at a migration failed.</exception>
    public static ForeignVersion Read(ImportSource source, IReadOnlyCollection<VersionRow> rows) => source switch
    {
        ImportSource.Alembic => new([.. rows.Select(static row => row.Version).Order(StringComparer.Ordinal)], null),
        ImportSource.Flyway => ReadFlyway(rows),
        ImportSource.EFCore => Last(rows.OrderBy(static row => row.Version, StringComparer.Ordinal)),
        _ => Last(rows.OrderBy(static row => row.Order)),
    };

    private static ForeignVersion Last(IEnumerable<VersionRow> rows)
    {
        var versions = rows.Select(static row => row.Version).ToList();
        return new(versions.Count > 0 ? [versions[^1]] : [], versions.ToHashSet(StringComparer.Ordinal));
    }

    // The latest row of a version decides; an undo, or a repair that marked a migration as deleted, is a row of its own.
    private static ForeignVersion ReadFlyway(IEnumerable<VersionRow> rows)
    {
        Dictionary<string, VersionRow> latest = new(FlywayVersion.Comparer);
        foreach (var row in rows.OrderBy(static row => row.Order))
        {
            latest[row.Version] = row;
        }

        if (latest.Values.FirstOrDefault(static row => row.Kind == VersionRow.Failed) is { } failed)
        {
            throw new TenancyException("VersionFailed", $"Flyway's migration {failed.Version} failed here.", "Mend it with Flyway (flyway repair, flyway migrate), then import.");
        }

        var applied = latest.Values.Where(static row => row.Kind is VersionRow.Applied or VersionRow.Baseline).ToList();
        return new(
            applied.Select(static row => row.Version).Max(FlywayVersion.Comparer) is { } last ? [last] : [],
            applied.Select(static row => row.Version).ToHashSet(FlywayVersion.Comparer),
            applied.Where(static row => row.Kind == VersionRow.Baseline).Select(static row => row.Version).Max(FlywayVersion.Comparer));
    }
}

/// <summary>A row of a version table.</summary>
/// <param name="Version">The version, migration or changeset.</param>
/// <param name="Kind">What the row says of it.</param>
/// <param name="Order">Its place in time, where the tool tells.</param>
internal sealed record VersionRow(string Version, string Kind, long Order)
{
    /// <summary>It was applied.</summary>
    public const string Applied = "applied";

    /// <summary>It stands for all up to it.</summary>
    public const string Baseline = "baseline";

    /// <summary>It was undone, or marked as deleted.</summary>
    public const string Undone = "undone";

    /// <summary>It failed.</summary>
    public const string Failed = "failed";
}
