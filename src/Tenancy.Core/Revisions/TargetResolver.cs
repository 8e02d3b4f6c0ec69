using System.Globalization;
using System.Text.RegularExpressions;
using Tenancy.Core.Manifests;

namespace Tenancy.Core.Revisions;

/// <summary>Reads an identifier: <c>[label@]symbol[+n|-n]</c>, <c>[label@]+n</c> or <c>[label@]-n</c>.</summary>
internal sealed partial class TargetResolver(RevisionGraph graph, MigrationScope scope, IReadOnlyCollection<string> heads, RevisionDirection direction, string identifier)
{
    private readonly RevisionLookup lookup = new(graph, scope, identifier);
    private readonly RevisionWalk walk = new(identifier, graph.Bases(scope));

    /// <summary>What the identifier means.</summary>
    /// <exception cref="Model.TenancyException">It means nothing, or several things.</exception>
    public ResolvedTarget Resolve()
    {
        var match = Grammar().Match(identifier);
        if (!match.Success || (match.Groups["symbol"].Length == 0 && !match.Groups["sign"].Success))
        {
            throw RevisionErrors.Syntax(identifier);
        }

        var branch = match.Groups["branch"].Success ? new Branch(match.Groups["branch"].Value, lookup.Carrier(match.Groups["branch"].Value)) : null;
        var symbol = match.Groups["symbol"].Value;
        return match.Groups["sign"].Success
            ? Relative(branch, symbol, match.Groups["sign"].Value == "+", match.Groups["count"].Value)
            : Target(branch?.Carrier, symbol == "base", symbol switch
            {
                "base" => [],
                "heads" => lookup.Heads(branch),
                _ => lookup.Single(symbol, branch) is { } node ? [node] : [],
            });
    }

    private ResolvedTarget Relative(Branch? branch, string symbol, bool isUp, string count)
    {
        if (!int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var steps))
        {
            throw RevisionErrors.OutOfRange(identifier, "no graph has that many revisions");
        }

        RevisionNode? start;
        var asked = branch?.Carrier;
        if (symbol.Length > 0)
        {
            start = symbol == "base" ? null : lookup.Single(symbol, branch)
                ?? throw RevisionErrors.OutOfRange(identifier, "the scope has no revisions");
        }
        else
        {
            if (steps == 0 || isUp != (direction == RevisionDirection.Up))
            {
                throw RevisionErrors.OutOfRange(identifier, direction == RevisionDirection.Up
                    ? "an upgrade counts up from where the schema is, from '+1'"
                    : "an undo counts down from where the schema is, from '-1'");
            }

            start = isUp ? StartUp(branch) : StartDown(branch);
            // Where the label stands below a branch point, it is on both branches; what is undone is the one counted along.
            asked = isUp ? asked : start;
        }

        var end = isUp ? walk.Up(start, steps, branch?.Line) : walk.Down(start, steps);
        return Target(asked, end is null, end is null ? [] : [end]);
    }

    /// <summary>Where <c>+n</c> counts from: the head, on the branch if one is asked for; else the last applied on that branch; else base.</summary>
    private RevisionNode? StartUp(Branch? branch)
    {
        var current = graph.HeadNodes(scope, heads);
        if (branch is not null)
        {
            var onBranch = current.FindAll(branch.Line.Contains);
            if (onBranch.Count == 0)
            {
                var active = Lineage.Needed(current);
                active.IntersectWith(branch.Line);
                onBranch = [.. active.Where(node => !node.Ups.Any(active.Contains))];
            }

            current = onBranch;
        }

        return current.Count > 1
            ? throw RevisionErrors.Ambiguous(identifier, "the schema has the heads", current.OrderBy(static node => node.Index))
            : current.FirstOrDefault();
    }

    /// <summary>Where <c>-n</c> counts from: as up, but a head is needed; a branch covered by another's head is entered at its own last revision.</summary>
    private RevisionNode StartDown(Branch? branch)
    {
        var current = graph.HeadNodes(scope, heads);
        if (branch is not null)
        {
            var onBranch = current.FindAll(branch.Line.Contains);
            if (onBranch.Count == 0)
            {
                var active = Lineage.Needed(current);
                onBranch = [.. active.Where(node => branch.Line.Contains(node) && !node.Children.Any(active.Contains))];
            }

            current = onBranch;
        }

        return current switch
        {
            [] => throw RevisionErrors.OutOfRange(identifier, branch is null ? "the schema is at base" : $"no revision of the branch '{branch.Name}' is applied"),
            [var only] => only,
            _ => throw RevisionErrors.Ambiguous(identifier, "the schema has the heads", current.OrderBy(static node => node.Index)),
        };
    }

    private ResolvedTarget Target(RevisionNode? branch, bool isBase, System.Collections.Immutable.ImmutableArray<RevisionNode> revisions) =>
        new() { Identifier = identifier, Scope = scope, IsBase = isBase, Revisions = revisions, Branch = branch };

    [GeneratedRegex(@"\A(?:(?<branch>[^@+:\s]+)@)?(?<symbol>[^@+:\s]*?)(?:(?<sign>[+-])(?<count>[0-9]+))?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Grammar();
}
