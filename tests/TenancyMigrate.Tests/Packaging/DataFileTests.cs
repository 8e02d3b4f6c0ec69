using TenancyMigrate.Packaging;
using Xunit;

namespace TenancyMigrate.Tests.Packaging;

/// <summary>What PowerShell's own reader makes of a data file; it is asked in <see cref="Modules.ManifestTests"/> for the module's.</summary>
public sealed class DataFileTests
{
    [Fact]
    public void Literals_lists_and_hashtables_are_read()
    {
        var read = Read(""""
            <# A comment
               of two lines. #>
            @{
                Text = 'It''s = one; # text'   # and a comment
                'Quoted' = "two ""words"""; Number = -12
                Flags = $true, $false,
                    $null
                List = @(
                    'a'
                    'b', 'c'
                    @{ Name = 'd' }
                )
                Empty = @()
                Table = @{ Inner = @{ Deep = 'yes' } }
            }
            """");
        Assert.Equal("It's = one; # text", read["text"]);
        Assert.Equal("two \"words\"", read["Quoted"]);
        Assert.Equal(-12L, read["Number"]);
        Assert.Equal([true, false, null], (object?[])read["Flags"]!);
        var list = (object?[])read["List"]!;
        Assert.Equal(["a", "b", "c"], list[..3]);
        Assert.Equal("d", ((IReadOnlyDictionary<string, object?>)list[3]!)["Name"]);
        Assert.Empty((object?[])read["Empty"]!);
        Assert.Equal("yes", ((IReadOnlyDictionary<string, object?>)((IReadOnlyDictionary<string, object?>)read["Table"]!)["Inner"]!)["Deep"]);
    }

    [Theory]
    [InlineData("@{\n  A = 'b'\n  C = $env:HOME\n}", 3)]
    [InlineData("@{\n  A = \"$HOME\"\n}", 2)]
    [InlineData("@{ A = (Get-Date) }", 1)]
    [InlineData("@{ A = 'b' ", 1)]
    [InlineData("@{ A = 'b }", 1)]
    [InlineData("@{ A 'b' }", 1)]
    [InlineData("@{ A = @('b' }", 1)]
    [InlineData("@{ }\nGet-Date", 2)]
    [InlineData("", 1)]
    public void What_would_be_evaluated_or_does_not_end_is_refused_with_its_line(string text, int line) =>
        Assert.Contains($"({line}): ", Assert.Throws<PackagingException>(() => Read(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_key_stands_there_once() =>
        Assert.EndsWith("a stands there twice.", Assert.Throws<PackagingException>(() => Read("@{ A = 1; a = 2 }")).Message, StringComparison.Ordinal);

    private static IReadOnlyDictionary<string, object?> Read(string text)
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, text);
            return DataFile.Read(path);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
