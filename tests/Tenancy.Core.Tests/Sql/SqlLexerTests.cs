using Tenancy.Core.Sql;
using Xunit;

namespace Tenancy.Core.Tests.Sql;

public sealed class SqlLexerTests
{
    [Theory]
    [InlineData("a\"b\"c", "Word QuotedIdentifier Word")]
    [InlineData("\"a\"\"b\"", "QuotedIdentifier")]
    [InlineData("a$b$c", "Word")]
    [InlineData("Ünï_1$", "Word")]
    [InlineData("'a''b'", "String")]
    [InlineData("'a'\n  'b'", "String")]
    [InlineData("'a' -- c\n -- d\n 'b'", "String")]
    [InlineData("'a' 'b'", "String Whitespace String")]
    [InlineData("'a' /* c */\n'b'", "String Whitespace BlockComment Whitespace String")]
    [InlineData("'a\\'", "String")]
    [InlineData("E'a\\'b'", "EscapeString")]
    [InlineData("e'\\\\'", "EscapeString")]
    [InlineData("E'a'\n'\\''", "EscapeString")]
    [InlineData("U&'\\0041'", "UnicodeString")]
    [InlineData("u&\"a\"", "UnicodeIdentifier")]
    [InlineData("U & 'a'", "Word Whitespace Operator Whitespace String")]
    [InlineData("B'01' x'1F' N'a'", "BitString Whitespace BitString Whitespace String")]
    [InlineData("$$a$$", "DollarString")]
    [InlineData("$a$ $$ $b$ $a $a$", "DollarString")]
    [InlineData("$Ünï$x$Ünï$", "DollarString")]
    [InlineData("$1 $12a", "Parameter Whitespace Parameter Word")]
    [InlineData("$1$$a$$", "Parameter DollarString")]
    [InlineData("a$$b", "Word")]
    [InlineData("$ a", "Other Whitespace Word")]
    [InlineData("/* a /* b */ c */d", "BlockComment Word")]
    [InlineData("-- a\nb", "LineComment Whitespace Word")]
    [InlineData("1 1_000 0x1F 0o17 0b01 1e5 1.5e-5 1. .5 1..2", "Number Number Number Number Number Number Number Number Number Number DotDot Number")]
    [InlineData("a.b", "Word Dot Word")]
    [InlineData("a::b := c", "Word Cast Word Assign Word")]
    [InlineData("a[1:2]", "Word Other Number Other Number Other")]
    [InlineData("(a,b);", "OpenParenthesis Word Comma Word CloseParenthesis Semicolon")]
    [InlineData("${tenant.name}a${x.b}", "Placeholder Word Placeholder")]
    [InlineData("a${x.b}", "Word Placeholder")]
    public void Kinds(string sql, string kinds)
    {
        var tokens = Compiling.Tokens(sql);
        if (!kinds.Contains("Whitespace", StringComparison.Ordinal))
        {
            tokens.RemoveAll(token => token.Kind == SqlTokenKind.Whitespace);
        }

        Assert.Equal(kinds, string.Join(' ', tokens.Select(token => token.Kind)));
    }

    [Theory]
    [InlineData("a=-1", "a = - 1")]
    [InlineData("a@-1", "a @- 1")]
    [InlineData("a<>-1", "a <> - 1")]
    [InlineData("a*/* c */b", "a * b")]
    [InlineData("a+--c\n1", "a + 1")]
    [InlineData("a-+-+b", "a - + - + b")]
    [InlineData("a+-*-b", "a +-* - b")]
    [InlineData("a->>'b'", "a ->> 'b'")]
    [InlineData("a#>-'b'", "a #>- 'b'")]
    [InlineData("a||-b", "a ||- b")]
    public void Operators(string sql, string expected) => Assert.Equal(expected.Split(' '), Compiling.Words(sql));

    [Theory]
    [InlineData("E'a\\'b\\n\\x41\\101\\u0041\\U00000041c'", "a'b\nAAAAc")]
    [InlineData("'a''b'\n'c'", "a'bc")]
    [InlineData("'a\\n'", "a\\n")]
    [InlineData("$x$a''\\n$x$", "a''\\n")]
    [InlineData("N'a'", "a")]
    [InlineData("''", "")]
    public void Content_of_strings(string sql, string expected)
    {
        var content = SqlStringContent.Of(sql, Compiling.Tokens(sql)[0]);
        Assert.Equal(expected, content.Text);
        Assert.True(content.Offsets is null || content.Offsets.Length == expected.Length + 1);
    }

    [Theory]
    [InlineData("SELECT  a -- x\n ,/* y */b  ", "SELECT a , b")]
    [InlineData("  /* a */ SELECT 1", "SELECT 1")]
    [InlineData("a/**/b", "a b")]
    [InlineData("'a  b'   $$ c  -- d\n $$", "'a  b' $$ c  -- d\n $$")]
    [InlineData("'a' -- x\n 'b'", "'a' -- x\n 'b'")]
    [InlineData("'a' /* x */\n 'b'", "'a' 'b'")]
    [InlineData("1 - -1", "1 - -1")]
    public void Normalizing_takes_out_what_says_nothing(string sql, string expected)
    {
        Assert.Equal(expected, SqlNormalizer.Normalize(sql));
        Assert.Equal(expected, SqlNormalizer.Normalize(expected));
    }
}
