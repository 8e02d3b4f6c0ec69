using Tenancy.Core.Manifests;
using Tenancy.Core.Policies;
using Tenancy.Core.Rollouts;
using Tenancy.Core.Tests.Manifests;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Policies;

/// <summary>What a rollout file says, and what is wrong with it.</summary>
public sealed class RolloutReaderTests
{
    [Fact]
    public void The_example_is_read_with_all_its_keys()
    {
        var rollout = RolloutReader.Read(Path.Combine(ExampleProject.Folder, "rollout.yaml"));

        Assert.Equal(["canary", "small", "rest"], rollout.Rings.Select(static ring => ring.Name));
        Assert.Equal("small", rollout.SharedRing);
        Assert.Equal((1, FailureLimit.None, TimeSpan.FromMinutes(30)), (rollout.Rings[0].Parallel, rollout.Rings[0].MaxFailures, rollout.Rings[0].Soak));
        Assert.StartsWith("SELECT count(*) = 0", rollout.Rings[0].Verify, StringComparison.Ordinal);
        Assert.Equal("2.5%", rollout.Rings[1].MaxFailures!.ToString());
    }

    [Theory]
    [InlineData("acme", "canary", "eu", "canary")]
    [InlineData("TESTING", "Canary", "us", "canary")]
    [InlineData("acme", "canary", "jp", "rest")]
    [InlineData("globex", "canary", "eu", "rest")]
    [InlineData("acme", "late", "eu", "rest")]
    public void Names_and_labels_must_both_fit_and_the_first_ring_that_takes_a_tenant_has_it(string name, string ring, string region, string expected)
    {
        var rollout = RolloutReader.Read(Path.Combine(ExampleProject.Folder, "rollout.yaml"));
        var tenant = new Tenant { Name = name, Schema = name, Labels = new() { ["ring"] = ring, ["region"] = region } };
        Assert.Equal(expected, rollout.Rings[RingTenants.NumberOf(rollout, tenant) - 1].Name);
        Assert.Equal("small", rollout.Rings[RingTenants.NumberOf(rollout, new() { Name = "x", Labels = new() { ["size"] = "small" } }) - 1].Name);
    }

    [Fact]
    public void The_file_that_a_project_names_is_read_from_its_folder_and_missed_where_it_is_to_be()
    {
        using var project = new TestProject("fleet: acme\nrollout: rings/all.yaml");
        var read = ProjectReader.Read(project.Folder);

        var missing = Assert.Single(Assert.Throws<ManifestException>(() => RolloutReader.ReadOf(read)).Errors);
        Assert.Equal(Path.Combine(project.Folder, "rings", "all.yaml"), missing.File);
        Assert.Contains($"where 'rollout' in {Path.Combine(project.Folder, "tenancy.yaml")} says that it is", missing.Message, StringComparison.Ordinal);

        project.Write("rings/all.yaml", "rings: [{name: canary, match: {names: a}}]");
        Assert.Equal(["canary", "rest"], RolloutReader.ReadOf(read)!.Rings.Select(static ring => ring.Name));
        Assert.Null(RolloutReader.ReadOf(TestProject.Standard));
    }

    [Fact]
    public void Who_is_in_no_ring_is_in_the_last() =>
        Assert.Equal(["canary", "rest"], RolloutReader.Parse("rings:\n  - {name: canary, match: {names: acme}}", "rollout.yaml").Rings.Select(static ring => ring.Name));

    [Fact]
    public void Values_of_a_label_are_ordered_canary_then_numbers_then_names()
    {
        string?[] values = ["10", "late", "2", "canary", null, "early", "Late", "[x"];
        Tenant[] tenants = [.. values.Select(static (value, index) => new Tenant { Name = $"t{index}", Labels = value is null ? [] : new() { ["ring"] = value } })];

        var rollout = Rollout.OfLabel("ring", tenants);

        Assert.Equal(["canary", "2", "10", "early", "late", "[x", "rest"], rollout.Rings.Select(static ring => ring.Name));
        Assert.Equal([3, 5, 2, 1, 7, 4, 5, 6], tenants.Select(tenant => RingTenants.NumberOf(rollout, tenant)));
        Assert.Equal("RingLabelNotFound", Assert.Throws<TenancyException>(() => Rollout.OfLabel("wave", tenants)).ErrorId);
    }

    [Theory]
    [InlineData("", "1,1", "empty")]
    [InlineData("rings: []", "1,8", "rings")]
    [InlineData("rings:\n  - {match: {names: a}}", "2,5", "no 'name'")]
    [InlineData("rings:\n  - {name: a, match: {name: x}}", "2,23", "'name' is not known")]
    [InlineData("rings:\n  - {name: a, soak: 30}", "2,21", "number and a unit")]
    [InlineData("rings:\n  - {name: a, max_failures: many}", "2,29", "a part such as 5%")]
    [InlineData("rings:\n  - {name: a, parallel: 0}", "2,25", "from 1 on")]
    [InlineData("rings:\n  - {name: a, match: {names: '[z-a]'}}", "2,30", "cannot be read")]
    [InlineData("rings:\n  - {name: a}\n  - {name: b}", "2,5", "takes every tenant")]
    [InlineData("rings:\n  - {name: a, match: {names: x}}\n  - {name: a}", "3,12", "two rings named 'a'")]
    [InlineData("rings:\n  - {name: rest, match: {names: x}}", "2,25", "no other ring takes")]
    [InlineData("rings:\n  - {name: early}\nshared: eraly", "3,9", "There are: early")]
    public void What_is_wrong_is_told_with_its_place(string text, string place, string message)
    {
        var error = Assert.Single(Assert.Throws<ManifestException>(() => RolloutReader.Parse(text, "rollout.yaml")).Errors);
        Assert.Equal(("rollout.yaml", place), (error.File, $"{error.Line},{error.Column}"));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }
}
