using System.Collections.Immutable;
using Tenancy.Core.Manifests;
using Tenancy.Core.Revisions;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Revisions;

/// <summary>Graphs written short: one revision a line, <c>id &lt; parents</c>, then <c>needs a,b</c>, <c>label x,y</c>, <c>shared</c>.</summary>
internal static class Graphs
{
    public static RevisionGraph Of(params string[] lines) => RevisionGraph.Build(Manifests(lines));

    public static ImmutableArray<Manifest> Manifests(params string[] lines) => [.. lines.Select(Manifest)];

    public static IReadOnlyList<ManifestError> Errors(params string[] lines) => Assert.Throws<ManifestException>(() => Of(lines)).Errors;

    public static Manifest Manifest(string id, IEnumerable<string> parents, IEnumerable<string> needs, IEnumerable<string> labels, MigrationScope scope, int line = 0) => new()
    {
        Revision = id,
        Parents = [.. parents],
        DependsOn = [.. needs],
        Labels = [.. labels],
        Scope = scope,
        Up = [],
        Down = [],
        Path = $"{line:D3}_{id}.yaml",
        Checksum = "",
        CanonicalText = "",
        Position = new($"{line:D3}_{id}.yaml", 1, 11),
    };

    /// <summary>The steps as <c>+a</c> or <c>-a</c>, with <c>!</c> on other branches.</summary>
    public static string Text(this IEnumerable<RevisionStep> steps) => string.Join(" ", steps.Select(static step => $"{step}{(step.IsOnOtherBranch ? "!" : "")}"));

    /// <summary>The head changes as <c>Update a>b</c>.</summary>
    public static string Changes(this IEnumerable<RevisionStep> steps) =>
        string.Join("; ", steps.Select(static step => $"{step.Heads.Kind} {string.Join(",", step.Heads.Remove)}>{string.Join(",", step.Heads.Add)}"));

    public static ImmutableArray<RevisionStep> Up(this RevisionGraph graph, string target, params string[] heads) =>
        graph.UpgradePath(heads, graph.Resolve(target, MigrationScope.Tenant, heads, RevisionDirection.Up));

    public static ImmutableArray<RevisionStep> Down(this RevisionGraph graph, string target, params string[] heads) =>
        graph.DowngradePath(heads, graph.Resolve(target, MigrationScope.Tenant, heads, RevisionDirection.Down));

    /// <summary>What an identifier means: ids, or <c>base</c>.</summary>
    public static string Means(this RevisionGraph graph, string identifier, RevisionDirection direction, params string[] heads)
    {
        var target = graph.Resolve(identifier, MigrationScope.Tenant, heads, direction);
        return target.IsBase ? "base" : string.Join(" ", target.Revisions);
    }

    /// <summary>The head rows after the steps; fails when a row to remove is missing, or one to add is there.</summary>
    public static SortedSet<string> After(this IEnumerable<RevisionStep> steps, IEnumerable<string> heads)
    {
        var rows = new SortedSet<string>(heads, StringComparer.Ordinal);
        foreach (var change in steps.Select(static step => step.Heads))
        {
            Assert.All(change.Remove, row => Assert.True(rows.Remove(row), $"no row '{row}' to remove"));
            Assert.All(change.Add, row => Assert.True(rows.Add(row), $"row '{row}' is there already"));
        }

        return rows;
    }

    public static TenancyException Fails(string errorId, Func<object> request)
    {
        var error = Assert.Throws<TenancyException>(request);
        Assert.Equal(errorId, error.ErrorId);
        Assert.NotNull(error.RecommendedAction);
        return error;
    }

    private static Manifest Manifest(string text, int line)
    {
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        string[] List(string word) => Array.IndexOf(words, word) is > 0 and var at ? words[at + 1].Split(',') : [];
        return Manifest(words[0], List("<"), List("needs"), List("label"), words.Contains("shared") ? MigrationScope.Shared : MigrationScope.Tenant, line);
    }
}
