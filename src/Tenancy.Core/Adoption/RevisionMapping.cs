using System.Collections.Immutable;
using Tenancy.Core.Manifests;
using Tenancy.Core.Revisions;
using Tenancy.Model;

namespace Tenancy.Core.Adoption;

/// <summary>Which version of another tool is which of our revisions. Checked when it is made.</summary>
public sealed class RevisionMapping
{
    private readonly RevisionGraph graph;
    private readonly MigrationScope scope;
    private readonly string? path;
    private readonly Dictionary<string, ImmutableArray<string>> revisions;

    private RevisionMapping(RevisionGraph graph, MigrationScope scope, string? path, Dictionary<string, ImmutableArray<string>> revisions)
    {
        this.graph = graph;
        this.scope = scope;
        this.path = path;
        this.revisions = revisions;
    }

    /// <summary>Every version is the revision of the same id: for manifests that kept the other tool's ids.</summary>
    /// <param name="graph">The revisions.</param>
    /// <param name="scope">The scope.</param>
    /// <param name="source">The tool.</param>
    public static RevisionMapping OfSameIds(RevisionGraph graph, MigrationScope scope, ImportSource source)
    {
        ArgumentNullException.ThrowIfNull(graph);
        var revisions = NewMap(source);
        foreach (var node in graph.All.Where(node => node.Scope == scope))
        {
            revisions.TryAdd(node.Id, [node.Id]);
        }

        return new(graph, scope, null, revisions);
    }

    /// <summary>Reads a mapping file: YAML <c>version: revision</c>, a list of revisions for several branches; or CSV with the columns version and revision.</summary>
    /// <param name="path">The file; a name that ends in <c>.csv</c> is CSV.</param>
    /// <param name="graph">The revisions.</param>
    /// <param name="scope">The scope.</param>
    /// <param name="source">The tool.</param>
    /// <exception cref="TenancyException"><c>InvalidMapping</c>, with file, line and column of each error.</exception>
    public static RevisionMapping Read(string path, RevisionGraph graph, MigrationScope scope, ImportSource source)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(graph);
        var revisions = NewMap(source);
        new MappingReader(path, graph, scope, revisions).Read();
        return new(graph, scope, path, revisions);
    }

    /// <summary>The head rows of a schema that the other tool has brought there, in ordinal order.</summary>
    /// <param name="version">Where it has.</param>
    /// <exception cref="TenancyException">
    /// <c>VersionNotMapped</c>: it says nothing of a current version. <c>VersionsLacking</c>: the revisions would cover a version that the tool has not applied.
    /// </exception>
    internal ImmutableArray<string> Locate(ForeignVersion version)
    {
        if (version.Current.FirstOrDefault(current => !revisions.ContainsKey(current)) is { } unmapped)
        {
            var nearest = Spelling.Nearest(unmapped, revisions.Keys);
            throw new TenancyException(
                "VersionNotMapped",
                path is null ? $"no {Scope} revision has the id {unmapped}." : $"the mapping says nothing of version {unmapped}.{(nearest is null ? "" : $" It has '{nearest}'.")}",
                path is null ? "Give -Mapping a file that says which revision it is." : $"Add it to {path}.");
        }

        var nodes = version.Current.Union(version.Applied ?? version.Current.ToHashSet()).SelectMany(applied => revisions.GetValueOrDefault(applied, [])).Distinct().Select(id => graph[id]).ToList();
        ImmutableArray<string> heads = [.. nodes.Except(graph.Overlapped(nodes)).Select(static node => node.Id).Order(StringComparer.Ordinal)];
        if (version.Applied is not null && Lacking(version, graph.Applied(scope, heads)) is { Count: > 0 } lacking)
        {
            throw new TenancyException(
                "VersionsLacking",
                $"{string.Join(", ", lacking.Take(5))}{(lacking.Count > 5 ? $" and {lacking.Count - 5} more" : "")} {(lacking.Count == 1 ? "was" : "were")} not applied, though {string.Join(", ", heads)} would say so.",
                "Let the other tool apply what is missing, or correct the mapping.");
        }

        return heads;
    }

    private string Scope => scope == MigrationScope.Shared ? "shared" : "tenant";

    private List<string> Lacking(ForeignVersion version, IReadOnlySet<string> covered) =>
        [.. revisions.Where(pair => !pair.Value.IsEmpty && pair.Value.All(covered.Contains) && !version.Has(pair.Key)).Select(static pair => pair.Key).Order(StringComparer.Ordinal)];

    private static Dictionary<string, ImmutableArray<string>> NewMap(ImportSource source) => new(source == ImportSource.Flyway ? FlywayVersion.Comparer : StringComparer.Ordinal);
}
