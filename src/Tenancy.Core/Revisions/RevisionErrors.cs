using Tenancy.Core.Manifests;
using Tenancy.Model;

namespace Tenancy.Core.Revisions;

/// <summary>The errors of the graph, in plain words, with the candidates.</summary>
internal static class RevisionErrors
{
    private const int Shown = 10;

    public static TenancyException UnknownHeads(MigrationScope scope, IEnumerable<string> heads) => new(
        "UnknownRevision",
        $"The schema is at {string.Join(", ", heads.Select(static head => $"'{head}'"))}, and no {RevisionLinks.Name(scope)} manifest has that id.",
        "Run with the manifests that were applied, or set the revision by Set-TenantRevision -Purge.");

    public static TenancyException OverlappingHeads(RevisionNode head, MigrationScope scope) => new(
        "OverlappingHeads",
        $"The schema has the {RevisionLinks.Name(scope)} head '{head}' beside a head that follows or depends on it.",
        "Clear the orphan row by Repair-TenantMigration, or set the revision by Set-TenantRevision.");

    public static TenancyException NotNext(RevisionNode node, bool isUp) => new(
        "NotNext",
        isUp ? $"Revision '{node}' cannot be next: it is applied, or what it needs is not." : $"Revision '{node}' cannot be undone next: it is no head.",
        "Set the revision by Set-TenantRevision.");

    public static TenancyException OverlappingTargets(RevisionNode target, RevisionNode other) => new(
        "OverlappingTargets",
        $"The requested revision '{target}' overlaps with the requested revision '{other}', which needs it.",
        $"Ask for '{other}' alone.");

    public static TenancyException Unknown(string identifier, string what, string? nearest) => new(
        "UnknownRevision",
        $"'{identifier}': {what}.{(nearest is null ? "" : $" Did you mean '{nearest}'?")}",
        "Get-TenantMigration lists the revisions and their labels.");

    public static TenancyException Syntax(string identifier) => new(
        "InvalidIdentifier",
        $"'{identifier}' is not a revision identifier.",
        "Write a revision id or its first four or more characters, a label, head, heads or base; before it 'label@', after it '+n' or '-n'; or '+n' or '-n' alone.");

    public static TenancyException WrongScope(string identifier, RevisionNode node) => new(
        "WrongScope",
        $"'{identifier}' is the {RevisionLinks.Name(node.Scope)} revision '{node}', and each scope has its own heads.",
        $"Use -Scope {node.Scope}.");

    public static TenancyException Ambiguous(string identifier, string what, IEnumerable<RevisionNode> candidates, string? action = null) => new(
        "AmbiguousRevision",
        $"'{identifier}' is ambiguous: {what} {Describe(candidates)}.",
        action ?? "Name the one you mean by its id, or put its branch's label and '@' before.");

    public static TenancyException MultipleHeads(string identifier, IEnumerable<RevisionNode> heads) => new(
        "MultipleHeads",
        $"'{identifier}' is ambiguous: there are several heads: {Describe(heads)}.",
        "Name one, use 'label@head' or 'heads', or join them by Merge-TenantMigration.");

    public static TenancyException NotOnBranch(string identifier, RevisionNode node, string branch) => new(
        "RevisionNotOnBranch",
        $"'{identifier}': revision '{node}' is not on the branch '{branch}'.",
        $"Name a revision that '{branch}' follows or that follows it, or leave out '{branch}@'.");

    public static TenancyException OutOfRange(string identifier, string what) => new(
        "RelativeOutOfRange",
        $"'{identifier}': {what}.",
        "Get-TenantMigration shows the graph, Get-TenantRevision where each tenant is.");

    public static TenancyException UpgradeToBase(string identifier) => new(
        "RelativeOutOfRange",
        $"'{identifier}' is the state before any revision, and an upgrade cannot reach it.",
        "Use Undo-TenantMigration.");

    public static TenancyException NotApplied(string identifier, RevisionNode target, IEnumerable<RevisionNode> heads) => new(
        "RangeNotAncestor",
        $"'{identifier}' cannot be undone to: revision '{target}' is not applied. The schema is at {Describe(heads)}.",
        "Name a revision that the schema has, or base.");

    public static TenancyException NotBelow(string range, RevisionNode lower, IEnumerable<RevisionNode> upper) => new(
        "RangeNotAncestor",
        $"'{range}' is no range: {Describe(upper)} does not need '{lower}'.",
        "Write the earlier revision first: Get-TenantMigration -Graph shows which that is.");

    /// <summary>Ids with their labels, the first ten.</summary>
    public static string Describe(IEnumerable<RevisionNode> nodes)
    {
        var names = nodes.Select(static node => node.BranchLabels.IsEmpty ? $"'{node}'" : $"'{node}' ({string.Join(", ", node.BranchLabels)})").ToList();
        var text = names.Count == 0 ? "base" : string.Join(", ", names.Take(Shown));
        return names.Count > Shown ? $"{text} and {names.Count - Shown} more" : text;
    }
}
