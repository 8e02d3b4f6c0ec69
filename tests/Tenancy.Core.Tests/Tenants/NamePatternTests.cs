using Tenancy.Core.Tenants;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Tenants;

public sealed class NamePatternTests
{
    [Theory]
    [InlineData("t_*", "t_1", true)]
    [InlineData("t_*", "at_1", false)]
    [InlineData("t?", "t1", true)]
    [InlineData("t?", "t12", false)]
    [InlineData("t[a-c]", "tb", true)]
    [InlineData("t[a-c]", "td", false)]
    [InlineData("t[x-]", "t-", true)]
    [InlineData("t[^a]", "tb", false)]
    [InlineData("t[^a]", "t^", true)]
    [InlineData("a.c", "abc", false)]
    [InlineData("`*x*", "*x", true)]
    [InlineData("`*x*", "ax", false)]
    [InlineData("`[x]", "[x]", true)]
    [InlineData("a*", "a\nb", true)]
    [InlineData("a?", "a\n", true)]
    [InlineData("a", "a\n", false)]
    [InlineData("*a", "a\n", false)]
    public void A_pattern_matches_whole_names(string pattern, string name, bool matches)
    {
        Assert.Equal(matches, new NamePattern(pattern, ignoreCase: false).IsMatch(name));
    }

    [Fact]
    public void Case_counts_only_where_asked()
    {
        Assert.False(new NamePattern("T*", ignoreCase: false).IsMatch("t1"));
        Assert.True(new NamePattern("T*", ignoreCase: true).IsMatch("t1"));
        Assert.True(new NamePattern("T1", ignoreCase: true).IsMatch("t1"));
        Assert.False(new NamePattern("T1", ignoreCase: false).IsMatch("t1"));
        Assert.True(new NamePattern("a*", ignoreCase: false).IsWildcard);
        Assert.False(new NamePattern("a`*", ignoreCase: false).IsWildcard);
    }

    [Theory]
    [InlineData("a[b")]
    [InlineData("a[]")]
    [InlineData("a[c-a]")]
    public void A_broken_pattern_is_an_error(string pattern)
    {
        Assert.Equal("InvalidPattern", Assert.Throws<TenancyException>(() => new NamePattern(pattern, ignoreCase: true)).ErrorId);
    }
}
