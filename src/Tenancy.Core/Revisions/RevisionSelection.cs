using Tenancy.Core.Manifests;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Revisions;

/// <summary>Selects revisions to show.</summary>
/// <param name="graph">The graph.</param>
/// <param name="query">Which.</param>
public sealed class RevisionSelection(RevisionGraph graph, RevisionQuery query)
{
    private readonly List<(string Name, TenancyException Error)> faults = [];

    private IEnumerable<MigrationScope> Scopes => query.Scope is { } scope ? [scope] : Enum.GetValues<MigrationScope>();

    /// <summary>Names that mean nothing, or several things, after <see cref="Select"/>.</summary>
    public IReadOnlyList<(string Name, TenancyException Error)> Faults => faults;

    /// <summary>The revisions, each after all it needs.</summary>
    /// <exception cref="TenancyException"><c>UnknownRevision</c>: no revision carries the label of <see cref="RevisionQuery.Branch"/>; <c>InvalidPattern</c>.</exception>
    public IReadOnlyList<RevisionNode> Select()
    {
        if (query.Branch is { } label && graph.FindLabel(label) is null)
        {
            throw RevisionErrors.Unknown(label, "no revision carries that label", Spelling.Nearest(label, graph.Labels));
        }

        faults.Clear();
        var named = query.Names.IsEmpty ? null : query.Names.SelectMany(Named).ToHashSet();
        return
        [
            .. graph.All.Where(node => (named is null || named.Contains(node))
                && (query.Scope is null || node.Scope == query.Scope)
                && (!query.IsHead || node.IsHead)
                && (!query.IsBase || node.IsBase)
                && (query.Branch is null || node.BranchLabels.Contains(query.Branch))),
        ];
    }

    private IEnumerable<RevisionNode> Named(string name)
    {
        if (name.Contains(':', StringComparison.Ordinal))
        {
            return InScopes(name, scope => Range(name, scope));
        }

        var pattern = new NamePattern(name, ignoreCase: true);
        var found = graph.All.Where(node => pattern.IsMatch(node.Id)).ToList();
        return pattern.IsWildcard || found.Count > 0 ? found : InScopes(name, scope => Resolve(name, scope).Revisions);
    }

    /// <summary>What a name means in each scope. That one of them does not know it, or does not reach so far, is no fault where the other does.</summary>
    private HashSet<RevisionNode> InScopes(string name, Func<MigrationScope, IEnumerable<RevisionNode>> find)
    {
        HashSet<RevisionNode> found = [];
        List<TenancyException> errors = [];
        var isKnown = false;
        foreach (var scope in Scopes)
        {
            try
            {
                found.UnionWith(find(scope));
                isKnown = true;
            }
            catch (TenancyException error)
            {
                errors.Add(error);
            }
        }

        var serious = isKnown
            ? errors.Find(static error => error.ErrorId is "AmbiguousRevision" or "MultipleHeads")
            : errors.Find(static error => error.ErrorId is not ("UnknownRevision" or "WrongScope")) ?? errors[0];
        if (serious is { } fault)
        {
            faults.Add((name, fault));
        }

        return found;
    }

    /// <summary>Both ends and all between them, as Alembic's <c>history -r a:b</c>: what <c>b</c> needs and what needs <c>a</c>. An end left out is base, and the heads.</summary>
    private HashSet<RevisionNode> Range(string text, MigrationScope scope)
    {
        if (text.Split(':') is not [var from, var to])
        {
            throw RevisionErrors.Syntax(text);
        }

        var lower = Resolve(from.Length == 0 ? "base" : from, scope);
        var upper = Resolve(to.Length == 0 ? "heads" : to, scope);
        var range = Lineage.Needed(upper.Revisions);
        if (!lower.IsBase)
        {
            if (lower.Revisions.FirstOrDefault(node => !range.Contains(node)) is { } outside)
            {
                throw RevisionErrors.NotBelow(text, outside, upper.Revisions);
            }

            range.IntersectWith(Lineage.Needing(lower.Revisions));
        }

        return range;
    }

    private ResolvedTarget Resolve(string identifier, MigrationScope scope) => graph.Resolve(identifier, scope, [], RevisionDirection.Up);
}
