using Tenancy.Core.Authoring.Autogenerate;
using Tenancy.Core.Manifests;
using Tenancy.Model;

namespace Tenancy.Core.Catalog.Drift;

/// <summary>In what a schema differs from what is expected, as a person reads it.</summary>
/// <param name="filter">What does not count.</param>
/// <param name="ignoresSchema">True where the privileges on the schema itself do not.</param>
internal sealed class ShapeDifferences(ShapeFilter filter, bool ignoresSchema)
{
    private const string SchemaKind = "schema";

    /// <summary>Beside a replay: who may use a schema that was made by hand no manifest says, and no project without such grants.</summary>
    /// <param name="project">The project.</param>
    /// <param name="excluded">What does not count besides.</param>
    /// <exception cref="TenancyException"><c>InvalidExclude</c>.</exception>
    public static ShapeDifferences OfReplay(TenancyProject project, IEnumerable<string> excluded) => new(new(excluded), project.Grants.All(static grant => grant.On != SchemaKind));

    /// <summary>Beside a tenant that all are to be like.</summary>
    /// <param name="excluded">What does not count.</param>
    /// <exception cref="TenancyException"><c>InvalidExclude</c>.</exception>
    public static ShapeDifferences OfReference(IEnumerable<string> excluded) => new(new(excluded), ignoresSchema: false);

    /// <summary>How many there are, with all parts of what is missing or too much as a whole.</summary>
    /// <param name="expected">What is expected.</param>
    /// <param name="actual">What is there.</param>
    public int Count(SchemaSnapshot expected, SchemaSnapshot actual) => Compare(expected, actual).Count;

    /// <summary>The differences; of a table, view or domain that is missing or too much as a whole, its parts are not told.</summary>
    /// <param name="expected">What is expected.</param>
    /// <param name="actual">What is there.</param>
    public SchemaDifference[] Of(SchemaSnapshot expected, SchemaSnapshot actual)
    {
        var differences = Compare(expected, actual);
        var wholes = differences.Where(static difference => difference is { Property: null, Identity.Table: null }).Select(static difference => (difference.Identity.Name, IsMissing: difference.Actual is null)).ToHashSet();
        return
        [
            .. differences.Where(difference => difference.Property is not null || difference.Identity.Table is null || !wholes.Contains((difference.Identity.Table, difference.Actual is null)))
                .Select(static difference => new SchemaDifference
                {
                    Kind = difference.Identity.Kind,
                    Name = difference.Identity.Name,
                    Table = difference.Identity.Table,
                    Change = difference.Property is not null ? SchemaChangeKind.Different : difference.Actual is null ? SchemaChangeKind.Missing : SchemaChangeKind.Extra,
                    Property = difference.Property,
                    Expected = difference is { Property: not null, Expected: { } expectedText } ? OwnName.Show(expectedText) : null,
                    Actual = difference is { Property: not null, Actual: { } actualText } ? OwnName.Show(actualText) : null,
                }),
        ];
    }

    /// <summary>What is expected of a schema, with what does not count of the schema itself as it is.</summary>
    /// <param name="expected">What is expected.</param>
    /// <param name="actual">What is there.</param>
    public SchemaSnapshot Keep(SchemaSnapshot expected, SchemaSnapshot actual) => ignoresSchema
        ? new(expected.Objects.Values.Where(static item => item.Identity.Kind != SchemaKind).Concat(actual.Objects.Values.Where(static item => item.Identity.Kind == SchemaKind)), expected.Dependencies)
        : expected;

    private List<SnapshotDifference> Compare(SchemaSnapshot expected, SchemaSnapshot actual) =>
        [.. SnapshotComparison.Compare(filter.Apply(expected), filter.Apply(actual)).Where(difference => !ignoresSchema || difference.Identity.Kind != SchemaKind)];
}
