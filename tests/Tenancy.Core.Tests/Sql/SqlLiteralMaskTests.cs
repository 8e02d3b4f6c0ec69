using Tenancy.Core.Sql;
using Xunit;

namespace Tenancy.Core.Tests.Sql;

/// <summary>SQL of others, shown without its data.</summary>
public sealed class SqlLiteralMaskTests
{
    [Theory]
    [InlineData("UPDATE a.b SET n = 'x''y', m = 4.5e3\n WHERE id = $1 -- why 'x'", "UPDATE a.b SET n = ?, m = ? WHERE id = $1")]
    [InlineData("SELECT E'a\\'b', U&'c', B'01', $q$d$q$, \"Quoted 1\" /* e */", "SELECT ?, ?, ?, ?, \"Quoted 1\"")]
    [InlineData("SELECT 'cut in the mid", "SELECT ?")]
    [InlineData("SELECT $tag$cut in the mid", "SELECT ?")]
    [InlineData("SELECT 1 /* cut in the mid", "SELECT ?")]
    [InlineData("", "")]
    public void Strings_numbers_and_comments_go(string sql, string expected) => Assert.Equal(expected, SqlLiteralMask.Apply(sql, 100));

    [Fact]
    public void What_is_too_long_is_cut() => Assert.Equal("SELECT abc…", SqlLiteralMask.Apply("SELECT abcdefgh FROM x", 10));

    [Fact]
    public void Control_characters_do_not_get_into_a_log() => Assert.Equal("SELECT \"a b\"", SqlLiteralMask.Apply("SELECT \"a\u001bb\"", 100));
}
