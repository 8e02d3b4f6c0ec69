using System.Globalization;
using System.Text;
using Tenancy.Core.Manifests;

namespace Tenancy.Core.Revisions;

/// <summary>Writes revisions as a Mermaid flowchart: an arrow from each to what follows it, a dotted one to what depends on it, heads with round ends, a box a scope.</summary>
public static class MermaidDrawing
{
    /// <summary>Writes revisions; arrows lead only between those that are drawn.</summary>
    /// <param name="nodes">The revisions, each after all it needs.</param>
    /// <returns>Lines without line ends.</returns>
    public static IReadOnlyList<string> Draw(IEnumerable<RevisionNode> nodes)
    {
        // Ids of revisions may be words of Mermaid, such as 'end', so its nodes have numbers.
        var keys = nodes.Select(static (node, index) => (node, index)).ToDictionary(static pair => pair.node, static pair => string.Create(CultureInfo.InvariantCulture, $"r{pair.index}"));
        List<string> lines = ["flowchart TD"];
        foreach (var scope in keys.Keys.GroupBy(static node => node.Scope).OrderBy(static group => group.Key))
        {
            lines.Add($"    subgraph {RevisionLinks.Name(scope.Key)}");
            lines.AddRange(scope.Select(node => $"        {keys[node]}{(node.IsHead ? "([" : "[")}\"{Escape(GraphDrawing.Describe(node))}\"{(node.IsHead ? "])" : "]")}"));
            lines.Add("    end");
        }

        foreach (var (node, key) in keys)
        {
            lines.AddRange(node.Parents.Where(keys.ContainsKey).Select(parent => $"    {keys[parent]} --> {key}"));
            lines.AddRange(node.Dependencies.Concat(node.OtherScopeDependencies).Where(keys.ContainsKey).Select(need => $"    {keys[need]} -.-> {key}"));
        }

        return lines;
    }

    /// <summary>A text in quotes: what would end it, or be read as a mark-up, as a character's number (Mermaid, "Entity codes to escape characters").</summary>
    private static string Escape(string text)
    {
        var escaped = new StringBuilder();
        foreach (var character in text)
        {
            escaped.Append(character is '"' or '#' or '&' or '<' or '>' or '`' or '\\' or ';' or '*' or '_' or '|' ? string.Create(CultureInfo.InvariantCulture, $"#{(int)character};") : character.ToString());
        }

        return escaped.ToString();
    }
}
