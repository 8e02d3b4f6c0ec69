using Tenancy.Core.Manifests;
using Xunit;

namespace Tenancy.Core.Tests.Manifests;

public sealed class SpellingTests
{
    private static readonly string[] Legal = ["create_table", "drop_table", "add_column", "name", "nullable", "up"];

    [Theory]
    [InlineData("crate_table", "create_table")]
    [InlineData("create_tabel", "create_table")]
    [InlineData("Create_Table", "create_table")]
    [InlineData("nmae", "name")]
    [InlineData("nulable", "nullable")]
    [InlineData("add_colum", "add_column")]
    public void A_slip_finds_the_word(string word, string expected) => Assert.Equal(expected, Spelling.Nearest(word, Legal));

    [Theory]
    [InlineData("")]
    [InlineData("xyz")]
    [InlineData("revision")]
    [InlineData("something_else_entirely")]
    public void A_strange_word_finds_nothing(string word) => Assert.Null(Spelling.Nearest(word, Legal));

    [Fact]
    public void The_nearest_wins_over_the_first() => Assert.Equal("tenant.name", Spelling.Nearest("tenant.nam", ["tenant.names", "tenant.name"]));

    [Fact]
    public void A_huge_word_costs_nothing() => Assert.Null(Spelling.Nearest(new string('a', 10_000_000), ["a"]));
}
