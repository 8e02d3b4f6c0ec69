using System.Collections.Immutable;
using Tenancy.Core.Revisions;
using Tenancy.Model;

namespace Tenancy.Core.Authoring;

/// <summary>What a new revision follows, by the rules of Alembic's <c>revision</c> and <c>merge</c>.</summary>
/// <param name="graph">The graph.</param>
/// <param name="request">What is asked.</param>
internal sealed class ParentChoice(RevisionGraph graph, NewRevision request)
{
    private ImmutableArray<RevisionNode> Heads => graph.Heads(request.Scope);

    /// <summary>The revisions asked for, or the one head; empty for the first revision of a scope and for <c>base</c>.</summary>
    public ImmutableArray<RevisionNode> Choose() => request.Parents.IsEmpty
        ? Heads.Length <= 1 ? Heads : throw new TenancyException(
            "MultipleHeads",
            $"The {RevisionLinks.Name(request.Scope)} revisions have several heads: {RevisionErrors.Describe(Heads)}.",
            "Name the one to follow by -Parent, or join them by Merge-TenantMigration.")
        : Asked();

    /// <summary>The revisions asked for, or all heads; two at least.</summary>
    public ImmutableArray<RevisionNode> ChooseSeveral()
    {
        var parents = request.Parents.IsEmpty ? Heads : Asked();
        return parents.Length > 1 ? parents : throw new TenancyException(
            "NothingToMerge",
            parents.IsEmpty ? $"There is no {RevisionLinks.Name(request.Scope)} revision to merge." : $"There is only {RevisionErrors.Describe(parents)} to merge.",
            "Name two revisions or more; Get-TenantMigration -Head shows the heads.");
    }

    private ImmutableArray<RevisionNode> Asked()
    {
        var targets = request.Parents.Select(identifier => graph.Resolve(identifier, request.Scope, [], RevisionDirection.Up)).ToList();
        ImmutableArray<RevisionNode> parents = [.. targets.SelectMany(static target => target.Revisions).Distinct()];
        if (!parents.IsEmpty && targets.Find(static target => target.IsBase) is { } start)
        {
            throw new TenancyException("OverlappingParents", $"'{start}' stands before every revision, {RevisionErrors.Describe(parents)} too.", "Name revisions, or base alone.");
        }

        foreach (var parent in parents)
        {
            if (!parent.IsHead && !request.IsSplice)
            {
                throw new TenancyException(
                    "NotAHead",
                    $"Revision '{parent}' is followed by {RevisionErrors.Describe(parent.Children)} already, so another that follows it makes a branch.",
                    "Use -Splice if that is meant, or name a head.");
            }

            var below = Lineage.Ancestors([parent]);
            if (parents.FirstOrDefault(other => !ReferenceEquals(other, parent) && below.Contains(other)) is { } covered)
            {
                throw new TenancyException("OverlappingParents", $"Revision '{parent}' follows '{covered}' already.", $"Name '{parent}' alone.");
            }
        }

        return parents;
    }
}
