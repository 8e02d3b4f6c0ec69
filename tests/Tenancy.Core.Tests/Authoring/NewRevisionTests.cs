using System.Text.RegularExpressions;
using Tenancy.Core.Authoring;
using Tenancy.Core.Manifests;
using Tenancy.Core.Tests.Manifests;
using Tenancy.Core.Tests.Revisions;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Authoring;

public sealed class NewRevisionTests
{
    [Fact]
    public void The_first_revision_follows_none_and_has_eight_hexadecimal_digits()
    {
        using var project = Project();
        var manifest = Files(project).Create(new() { Message = "Orders" });

        Assert.Matches(new Regex("^[0-9a-f]{8}$"), manifest.Node.Id);
        Assert.Empty(manifest.Node.Parents);
        Assert.Equal(Path.Combine(project.Folder, $"{manifest.Node.Id}_orders.yaml"), manifest.Path);
        Assert.False(File.Exists(manifest.Path));
    }

    [Fact]
    public void A_revision_follows_the_one_head_of_its_scope()
    {
        using var project = Project("aaaa1", "bbbb1 < aaaa1", "ssss1 shared");

        Assert.Equal("bbbb1", Parents(project, new() { Message = "x" }));
        Assert.Equal("ssss1", Parents(project, new() { Message = "x", Scope = MigrationScope.Shared }));
    }

    [Fact]
    public void Several_heads_need_a_parent()
    {
        using var project = Project("aaaa1", "bbbb1 < aaaa1", "cccc1 < aaaa1 label billing");
        var error = Graphs.Fails("MultipleHeads", () => Files(project).Create(new() { Message = "x" }));

        Assert.Contains("'bbbb1', 'cccc1' (billing)", error.Message, StringComparison.Ordinal);
        Assert.Contains("-Parent", error.RecommendedAction, StringComparison.Ordinal);
        Assert.Equal("cccc1", Parents(project, new() { Message = "x", Parents = ["billing@head"] }));
        Assert.Equal("bbbb1", Parents(project, new() { Message = "x", Parents = ["bbbb"] }));
        Assert.Equal("", Parents(project, new() { Message = "x", Parents = ["base"] }));
        Assert.Equal("bbbb1 cccc1", Parents(project, new() { Message = "x", Parents = ["heads"] }));
    }

    [Fact]
    public void A_parent_that_is_no_head_needs_splice()
    {
        using var project = Project("aaaa1", "bbbb1 < aaaa1");
        var error = Graphs.Fails("NotAHead", () => Files(project).Create(new() { Message = "x", Parents = ["aaaa1"] }));

        Assert.Contains("followed by 'bbbb1'", error.Message, StringComparison.Ordinal);
        var node = Files(project).Create(new() { Message = "x", Parents = ["aaaa1"], IsSplice = true }).Node;
        Assert.True(Assert.Single(node.Parents).IsBranchPoint);
    }

    [Theory]
    [InlineData("OverlappingParents", "aaaa1", "bbbb1")]
    [InlineData("OverlappingParents", "base", "bbbb1")]
    [InlineData("WrongScope", "ssss1")]
    [InlineData("UnknownRevision", "nowhere")]
    public void Impossible_parents_are_told(string errorId, params string[] parents)
    {
        using var project = Project("aaaa1", "bbbb1 < aaaa1", "ssss1 shared");
        Graphs.Fails(errorId, () => Files(project).Create(new() { Message = "x", Parents = [.. parents], IsSplice = true }));
    }

    [Fact]
    public void Dependencies_may_cross_scopes_and_labels_stay_labels()
    {
        using var project = Project("aaaa1 label first", "bbbb1", "ssss1 shared");
        var manifest = Files(project).Create(new() { Message = "x", Parents = ["bbbb1"], DependsOn = ["first", "ssss", "aaaa"], Labels = ["billing"] });

        Assert.Equal(["first", "ssss1", "aaaa1"], manifest.Node.Manifest.DependsOn.AsEnumerable());
        Assert.Equal(["billing"], manifest.Node.Manifest.Labels.AsEnumerable());
        Graphs.Fails("UnknownRevision", () => Files(project).Create(new() { Message = "x", Parents = ["bbbb1"], DependsOn = ["tttt"] }));
    }

    [Theory]
    [InlineData("aaaa1", null)]
    [InlineData("head", null)]
    [InlineData("x+1", null)]
    [InlineData(null, "first")]
    [InlineData(null, "aaaa1")]
    [InlineData(null, "a@b")]
    public void Ids_and_labels_that_cannot_be_are_told_before_anything_is_written(string? id, string? label)
    {
        using var project = Project("aaaa1 label first");
        Assert.Throws<ManifestException>(() => Files(project).Create(new() { Message = "x", Revision = id, Labels = label is null ? [] : [label] }));
    }

    [Fact]
    public void What_is_written_is_a_draft_that_new_revisions_may_follow_and_that_nothing_runs()
    {
        using var project = Project("aaaa1");
        var draft = Files(project).Create(new() { Message = "Loyalty: \"points\"\n# and \\ more" });
        draft.Write();

        var error = Assert.Single(Assert.Throws<ManifestException>(() => Fleet.Open(project.Folder, new())).Errors);
        Assert.Equal((draft.Path, 7), (error.File, error.Line));
        Assert.Contains("no operation in 'up'", error.Message, StringComparison.Ordinal);

        var files = Files(project);
        var read = files.Revisions[draft.Node.Id];
        Assert.Equal("Loyalty: \"points\"\n# and \\ more", read.Manifest.Description);
        Assert.True(read.Describe().IsDraft);
        Assert.False(files.Revisions["aaaa1"].Describe().IsDraft);
        Assert.Equal(draft.Node.Id, Assert.Single(files.Create(new() { Message = "x" }).Node.Parents).Id);
        Graphs.Fails("FileExists", () =>
        {
            draft.Write();
            return draft;
        });
    }

    [Fact]
    public void The_example_in_a_draft_is_what_the_reader_takes()
    {
        using var project = Project();
        var draft = Files(project).Create(new() { Message = "Points" });
        var lines = draft.Text.Split('\n');
        var written = lines.Where(static line => line != "up: []" && !line.StartsWith("# Write", StringComparison.Ordinal)).Select(static line => line.StartsWith("# ", StringComparison.Ordinal) ? line[2..] : line);

        Assert.Single(TestProject.ReadText(string.Join('\n', written)).Up);
    }

    [Fact]
    public void A_merge_joins_all_heads_and_runs_as_it_is()
    {
        using var project = Project("aaaa1", "bbbb1 < aaaa1", "cccc1 < aaaa1", "ssss1 shared");
        var merge = Files(project).Merge(new());
        merge.Write();

        using var fleet = new FleetOf(project);
        Assert.Equal("Merge bbbb1 and cccc1", fleet.Value.Revisions[merge.Node.Id].Manifest.Description);
        Assert.Equal(merge.Node.Id, Assert.Single(fleet.Value.Revisions.Heads(MigrationScope.Tenant)).Id);
        Assert.False(fleet.Value.Revisions[merge.Node.Id].Describe().IsDraft);
        Assert.Contains("only 'ssss1'", Graphs.Fails("NothingToMerge", () => Files(project).Merge(new() { Scope = MigrationScope.Shared })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_merge_joins_those_given()
    {
        using var project = Project("aaaa1", "bbbb1 < aaaa1", "cccc1 < aaaa1", "dddd1 < aaaa1");
        var merge = Files(project).Merge(new() { Parents = ["dddd1", "bbbb1"], Message = "Two" });

        Assert.Equal("dddd1 bbbb1", string.Join(' ', merge.Node.Parents));
        Graphs.Fails("NotAHead", () => Files(project).Merge(new() { Parents = ["aaaa1", "cccc1"] }));
        Graphs.Fails("NothingToMerge", () => Files(project).Merge(new() { Parents = ["bbbb", "bbbb1"] }));
    }

    [Fact]
    public void Ids_differ_in_what_one_types()
    {
        var graph = Graphs.Of([.. Enumerable.Range(0, 4096).Select(static number => $"{number:x3}fffff")]);
        for (var round = 0; round < 100; round++)
        {
            var id = NewId.For(graph);
            Assert.Empty(graph.StartingWith(id[..4]));
            Assert.Matches(new Regex("^(?=.*[abcdf])[0-9a-f]{8}$"), id);
        }
    }

    [Fact]
    public void A_graph_with_every_beginning_still_gets_ids()
    {
        var graph = Graphs.Of([.. Enumerable.Range(0, 65536).Select(static number => $"{number:x4}gggg")]);
        Assert.Empty(graph.StartingWith(NewId.For(graph)));
    }

    private static MigrationFiles Files(TestProject project) => MigrationFiles.Open(project.Folder);

    private static string Parents(TestProject project, NewRevision request) => string.Join(' ', Files(project).Create(request).Node.Parents);

    /// <summary>A project with the revisions of a short graph, each with one operation.</summary>
    private static TestProject Project(params string[] lines)
    {
        var project = new TestProject();
        foreach (var manifest in Graphs.Manifests(lines))
        {
            var text = ManifestText.Write(manifest.Revision, manifest.Revision, manifest.Parents, manifest.DependsOn, manifest.Labels, manifest.Scope);
            project.Write(manifest.Path, text.Replace("up: []", "up: [{sql: SELECT 1}]", StringComparison.Ordinal).Replace("down: auto", "down: []", StringComparison.Ordinal));
        }

        return project;
    }

    /// <summary>The project as what runs reads it.</summary>
    private sealed class FleetOf(TestProject project) : IDisposable
    {
        public Fleet Value { get; } = Fleet.Open(project.Folder, new());

        public void Dispose() => Value.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }
}
