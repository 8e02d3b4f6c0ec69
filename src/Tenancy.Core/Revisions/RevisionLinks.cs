using System.Collections.Immutable;
using Tenancy.Core.Manifests;

namespace Tenancy.Core.Revisions;

/// <summary>Turns the ids and labels that manifests name into neighbours.</summary>
internal sealed class RevisionLinks(RevisionNames names, GraphErrors errors)
{
    /// <summary>Sets the neighbours of every revision.</summary>
    public void Connect()
    {
        foreach (var node in names.Ids.Values)
        {
            node.Parents = [.. node.Manifest.Parents.Select(id => Parent(node, id)).OfType<RevisionNode>().Distinct()];
            var needs = node.Manifest.DependsOn.Select(name => Dependency(node, name)).OfType<RevisionNode>().Distinct().Except(node.Parents).ToList();
            node.Dependencies = [.. needs.Where(need => need.Scope == node.Scope)];
            node.OtherScopeDependencies = [.. needs.Where(need => need.Scope != node.Scope)];
        }
    }

    private RevisionNode? Parent(RevisionNode node, string id)
    {
        if (!names.Ids.TryGetValue(id, out var parent))
        {
            errors.Add(
                node.Manifest,
                names.Labels.TryGetValue(id, out var labelled)
                    ? $"Revision '{node.Id}' names the label '{id}' as its parent: a parent is a revision's full id. The label stands on '{labelled.Id}'."
                    : $"Revision '{node.Id}' has the parent '{id}', and no manifest has that id.",
                () => labelled is null ? Nearest(id, names.Ids.Keys) : null);
            return null;
        }

        if (ReferenceEquals(parent, node))
        {
            errors.Add(node.Manifest, $"Revision '{id}' is its own parent (loop): {id} -> {id}.");
            return null;
        }

        if (parent.Scope != node.Scope)
        {
            errors.Add(node.Manifest, $"Revision '{node.Id}' is of scope {Name(node.Scope)} and its parent '{id}' of scope {Name(parent.Scope)}: each scope has its own heads. Name it under 'depends_on' instead.");
            return null;
        }

        return parent;
    }

    private RevisionNode? Dependency(RevisionNode node, string name)
    {
        if (!names.Ids.TryGetValue(name, out var need) && !names.Labels.TryGetValue(name, out need))
        {
            errors.Add(node.Manifest, $"Revision '{node.Id}' depends on '{name}', and no manifest has that id or label.", () => Nearest(name, names.Ids.Keys.Concat(names.Labels.Keys)));
            return null;
        }

        if (ReferenceEquals(need, node))
        {
            errors.Add(node.Manifest, name == node.Id
                ? $"Revision '{name}' depends on itself (dependency loop): {name} -> {name}."
                : $"Revision '{node.Id}' depends on its own label '{name}' (dependency loop): {node.Id} -> {node.Id}.");
            return null;
        }

        return need;
    }

    /// <summary>The one name that starts with it (files take full ids only), else the nearest spelling.</summary>
    private static string? Nearest(string name, IEnumerable<string> legal)
    {
        var starting = legal.Where(candidate => name.Length > 0 && candidate.StartsWith(name, StringComparison.Ordinal)).Take(2).ToList();
        return starting.Count == 1 ? starting[0] : Spelling.Nearest(name, legal);
    }

    /// <summary>Sets what points the other way; after the neighbours are final, in the order of <paramref name="all"/>.</summary>
    public static void ConnectBack(ImmutableArray<RevisionNode> all)
    {
        var children = Inverted(all, static node => node.Parents);
        var dependents = Inverted(all, static node => node.Dependencies);
        var others = Inverted(all, static node => node.OtherScopeDependencies);
        foreach (var node in all)
        {
            node.Children = children[node.Index];
            node.Dependents = dependents[node.Index];
            node.OtherScopeDependents = others[node.Index];
            node.Downs = [.. node.Parents, .. node.Dependencies.OrderBy(static need => need.Index)];
            node.Ups = [.. node.Children, .. node.Dependents];
        }
    }

    private static ImmutableArray<RevisionNode>[] Inverted(ImmutableArray<RevisionNode> all, Func<RevisionNode, ImmutableArray<RevisionNode>> downs)
    {
        var lists = new ImmutableArray<RevisionNode>.Builder?[all.Length];
        foreach (var node in all)
        {
            foreach (var down in downs(node))
            {
                (lists[down.Index] ??= ImmutableArray.CreateBuilder<RevisionNode>(1)).Add(node);
            }
        }

        return [.. lists.Select(static list => list?.DrainToImmutable() ?? [])];
    }

    /// <summary>A scope as manifests write it.</summary>
    internal static string Name(MigrationScope scope) => scope == MigrationScope.Shared ? "shared" : "tenant";
}
