using System.Collections.Immutable;
using Tenancy.Core.Manifests;
using Tenancy.Core.Revisions;
using Tenancy.Core.Tests.Manifests;
using Xunit;

namespace Tenancy.Core.Tests.Revisions;

public sealed class GraphDrawingTests
{
    private static readonly ImmutableArray<CompiledOperation> Operations = TestProject.ReadUp("- sql: SELECT 1").Up;

    [Fact]
    public void A_line() => Assert.Equal(["* c (head)", "* b", "* a"], Draw("a", "b < a", "c < b"));

    [Fact]
    public void Branches_part_and_merge() => Assert.Equal(
        [
            "* f (head)",
            "* e",
            "├─╮",
            "* │ c (billing)",
            "│ * d",
            "├─╯",
            "* b",
            "* a",
        ],
        Draw("a", "b < a", "c < b label billing", "d < b", "e < c,d", "f < e"));

    [Fact]
    public void Three_branches_join_in_one_line() => Assert.Equal(
        [
            "* e (head)",
            "├─┬─╮",
            "* │ │ b",
            "│ * │ c",
            "│ │ * d",
            "├─┴─╯",
            "* a",
        ],
        Draw("a", "b < a", "c < a", "d < a", "e < b,c,d"));

    [Fact]
    public void Heads_scopes_and_dependencies_are_named() => Assert.Equal(
        ["* b (head) [needs s]", "* a", "", "* t (shared, head)", "* s (shared)"],
        Draw("a", "b < a needs s", "s shared", "t < s shared"));

    [Fact]
    public void A_line_leads_only_to_what_is_drawn()
    {
        var graph = RevisionGraph.Build([.. Graphs.Manifests("a", "b < a", "c < b").Select(Written)]);
        Assert.Equal(["* c (head)", "", "* a"], GraphDrawing.Draw(graph, [graph["a"], graph["c"]]));
        Assert.Empty(GraphDrawing.Draw(graph, []));
    }

    [Fact]
    public void What_starts_under_an_end_does_not_look_joined_to_it() =>
        Assert.Equal(["* b (head)", "* a", "", "* d (head)", "* c"], Draw("a", "b < a", "c", "d < c"));

    [Fact]
    public void A_description_and_a_draft_are_told_on_one_line()
    {
        var manifest = Graphs.Manifest("a", [], [], [], MigrationScope.Tenant) with { Description = "One\n  two" };
        var graph = RevisionGraph.Build([manifest]);
        Assert.Equal(["* a (head, draft) One two"], GraphDrawing.Draw(graph, graph.All));
    }

    [Fact]
    public void Following_the_lines_of_any_drawing_gives_the_parents()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var manifests = Enumerable.Range(0, random.Next(1, 40)).Select(index => Written(
                $"n{index:D2}",
                Enumerable.Range(0, random.Next(0, 4)).Where(_ => index > 0).Select(_ => $"n{random.Next(Math.Max(0, index - 8), index):D2}").Distinct()));
            var graph = RevisionGraph.Build([.. manifests]);
            var read = Parents(GraphDrawing.Draw(graph, graph.All));
            Assert.Equal(graph.All.Length, read.Count);
            Assert.All(graph.All, node => Assert.Equal(node.Parents.Select(static parent => parent.Id).Order(StringComparer.Ordinal), read[node.Id].Order(StringComparer.Ordinal)));
        }
    }

    [Fact]
    public void Mermaid_has_arrows_to_what_follows_and_dotted_ones_to_what_depends()
    {
        var graph = RevisionGraph.Build(
        [
            Written("a", []) with { Description = "A \"quoted\" <b> #1" },
            Written("end", ["a"]) with { DependsOn = ["s"] },
            Graphs.Manifest("s", [], [], [], MigrationScope.Shared),
        ]);
        Assert.Equal(
            [
                "flowchart TD",
                "    subgraph tenant",
                "        r0[\"a A #34;quoted#34; #60;b#62; #35;1\"]",
                "        r2([\"end (head) [needs s]\"])",
                "    end",
                "    subgraph shared",
                "        r1([\"s (shared, head, draft)\"])",
                "    end",
                "    r0 --> r2",
                "    r1 -.-> r2",
            ],
            MermaidDrawing.Draw(graph.All));
    }

    private static IReadOnlyList<string> Draw(params string[] lines)
    {
        var graph = RevisionGraph.Build([.. Graphs.Manifests(lines).Select(Written)]);
        return GraphDrawing.Draw(graph, graph.All);
    }

    /// <summary>With an operation: no draft.</summary>
    private static Manifest Written(Manifest manifest) => manifest with { Up = Operations };

    private static Manifest Written(string id, IEnumerable<string> parents) => Written(Graphs.Manifest(id, parents, [], [], MigrationScope.Tenant));

    /// <summary>Reads a drawing: by revision, where the lines that leave it downward arrive.</summary>
    private static Dictionary<string, List<string>> Parents(IReadOnlyList<string> drawing)
    {
        Dictionary<string, List<string>> parents = [];
        Dictionary<int, List<string>> lanes = [];
        foreach (var line in drawing)
        {
            var picture = new string([.. line.TakeWhile(static character => !char.IsAsciiLetter(character))]);
            foreach (var column in lanes.Keys.Where(column => column >= picture.Length || picture[column] is ' ' or '─').ToList())
            {
                lanes.Remove(column);
            }

            var (star, from) = (picture.IndexOf('*', StringComparison.Ordinal), picture.IndexOf('├', StringComparison.Ordinal));
            if (star >= 0)
            {
                var id = line[picture.Length..].Split(' ')[0];
                lanes.GetValueOrDefault(star, []).ForEach(child => parents[child].Add(id));
                (parents[id], lanes[star]) = ([], [id]);
            }

            for (var column = from + 1; from >= 0 && column < picture.Length; column++)
            {
                if (picture[column] is '┬' or '╮')
                {
                    lanes[column] = [.. lanes[from]];
                }
                else if (picture[column] is '┴' or '╯')
                {
                    lanes[from].AddRange(lanes[column]);
                    lanes.Remove(column);
                }
            }
        }

        return parents;
    }
}
