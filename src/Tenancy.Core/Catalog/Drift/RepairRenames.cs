using System.Collections.Immutable;
using Tenancy.Core.Catalog.Diffs;
using Tenancy.Model;

namespace Tenancy.Core.Catalog.Drift;

/// <summary>Renames that drift is said to be. Tenants drift in several ways: each shape takes those that fit it.</summary>
public sealed class RepairRenames
{
    private readonly ImmutableArray<ObjectRename> renames;
    private readonly HashSet<ObjectRename> taken = [];

    /// <summary>Reads them.</summary>
    /// <param name="texts">Such as <c>column:client.phone->fax</c>: from the name that the drifted tenant has to the one that is expected; <c>column:client.phone-></c> where it is none.</param>
    /// <exception cref="TenancyException"><c>InvalidRename</c>.</exception>
    public RepairRenames(IEnumerable<string> texts) => renames = [.. texts.Select(ObjectRename.Parse)];

    /// <summary>None.</summary>
    public static RepairRenames None => new([]);

    /// <summary>Those that fitted no shape so far.</summary>
    public IEnumerable<string> Left => renames.Where(rename => !taken.Contains(rename)).Select(static rename => rename.ToString());

    /// <summary>Those that fit: the old name is there and not expected, the new one is expected and not there. Exchanged names never are: a replay for a tenant that was mended so would exchange them where they are right.</summary>
    /// <param name="actual">How the tenants are.</param>
    /// <param name="desired">How they are to be.</param>
    internal ImmutableArray<string> Fitting(SchemaSnapshot actual, SchemaSnapshot desired)
    {
        ImmutableArray<ObjectRename> fitting = [.. renames.Where(rename => Has(actual, desired, rename, rename.From) && (rename.IsNone || Has(desired, actual, rename, rename.To)))];
        taken.UnionWith(fitting);
        return [.. fitting.Select(static rename => rename.ToString())];
    }

    // The table of a part may be renamed too, so it does not count here; functions have their argument types in their names.
    private static bool Has(SchemaSnapshot one, SchemaSnapshot other, ObjectRename rename, string name) => one.Objects.Values.Any(item =>
        item.Identity.Kind == rename.Kind && !other.Objects.ContainsKey(item.Identity)
        && (item.Identity.Name == name || item.ActualName == name || item.Identity.Name.StartsWith(name + "(", StringComparison.Ordinal)));
}
