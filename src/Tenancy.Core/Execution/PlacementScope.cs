using System.Collections.Immutable;
using System.Globalization;
using Tenancy.Core.History;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;

namespace Tenancy.Core.Execution;

/// <summary>Where a transaction's changes may land.</summary>
/// <param name="Oids">The OIDs of the schemas that it works on.</param>
/// <param name="Schemas">Their names.</param>
/// <param name="Touches">What its revisions declare beside.</param>
internal sealed record PlacementScope(IReadOnlyCollection<uint> Oids, IReadOnlySet<string> Schemas, ImmutableArray<Touch> Touches)
{
    /// <summary>The scope of a transaction on one schema.</summary>
    /// <param name="target">The schema.</param>
    /// <param name="state">Its state.</param>
    /// <param name="touches">What the revisions declare.</param>
    public static PlacementScope Of(SchemaTarget target, SchemaState state, ImmutableArray<Touch> touches) => new([state.Oid!.Value], ImmutableHashSet.Create(StringComparer.Ordinal, target.Schema), touches);

    /// <summary>The OIDs as parameters take them.</summary>
    public string[] OidTexts => [.. Oids.Select(static oid => oid.ToString(CultureInfo.InvariantCulture))];
}
