using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using TenancyMigrate.Tests.Hosting;
using Xunit;

namespace TenancyMigrate.Tests.Modules;

/// <summary>A page with <c>console</c> blocks in which what is typed stands behind <c>PS> </c>, and what it shows below.</summary>
/// <param name="path">The page.</param>
internal sealed partial class Transcript(string path)
{
    private const string Prompt = "PS> ";

    // What is otherwise each time, by name.
    private static readonly (string Name, Regex Form)[] Placeholders =
    [
        ("<run>", Guids()), ("<time>", Times()), ("<shape>", Shapes()), ("<number>", Numbers()),
    ];

    private readonly string text = File.ReadAllText(path).ReplaceLineEndings("\n");

    /// <summary>What is typed, in order.</summary>
    public IReadOnlyList<string> Commands => [.. Parts().Select(static part => part.Command)];

    /// <summary>What each command shows on the page.</summary>
    public IReadOnlyList<string> Shown => [.. Parts().Select(static part => part.Shown)];

    /// <summary>Runs the commands in one session.</summary>
    /// <param name="environment">Variables of the process.</param>
    /// <param name="folder">Where it runs.</param>
    /// <returns>What each shows.</returns>
    public async Task<IReadOnlyList<string>> RunAsync(IReadOnlyDictionary<string, string?> environment, string folder)
    {
        var commands = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(commands, JsonSerializer.Serialize(Commands));
            using var process = PwshProcess.StartIn(environment, folder, "-File", Path.Combine(AppContext.BaseDirectory, "Hosting", "Prompt.ps1"), commands);
            var end = await process.WaitAsync(TimeSpan.FromMinutes(4));
            Assert.Equal((0, ""), (end.ExitCode, end.Error));
            return [.. end.Output.ReplaceLineEndings("\n").Split('\u0001').Skip(1).Select(static part => Clean(part[(part.IndexOf('\n', StringComparison.Ordinal) + 1)..]))];
        }
        finally
        {
            File.Delete(commands);
        }
    }

    /// <summary>True where two texts are equal but for what is otherwise each time, and the order of lines: tenants end in any.</summary>
    public static bool IsSame(string one, string other) => Lines(one).SequenceEqual(Lines(other));

    /// <summary>The page with what was shown now, where that is not the same.</summary>
    public string With(IReadOnlyList<string> shown)
    {
        var page = new StringBuilder();
        var from = 0;
        foreach (var (part, now) in Parts().Zip(shown))
        {
            page.Append(text, from, part.From - from).Append(IsSame(part.Shown, now) ? text[part.From..part.To] : (now.Length > 0 ? now + "\n" : "") + (part.IsLast ? "" : "\n"));
            from = part.To;
        }

        return page.Append(text, from, text.Length - from).ToString();
    }

    // Blank lines at both ends go, and spaces at the ends of lines.
    private static string Clean(string shown) => string.Join('\n', shown.Split('\n').Select(static line => line.TrimEnd())).Trim('\n');

    // What is broken into lines is put together: where it breaks follows from the length of paths. Spaces and rules fill columns.
    private static IEnumerable<string> Lines(string shown) => Placeholders.Aggregate(Breaks().Replace(shown, ""), static (text, placeholder) => placeholder.Form.Replace(text, placeholder.Name)).Split('\n')
        .Select(static line => Rules().Replace(line.Replace(" ", "", StringComparison.Ordinal), "-")).Where(static line => line.Length > 0).Order(StringComparer.Ordinal);

    private IEnumerable<(string Command, string Shown, int From, int To, bool IsLast)> Parts() =>
        from block in Blocks().Matches(text)
        let inside = block.Groups[1]
        let prompts = Prompts().Matches(inside.Value)
        from number in Enumerable.Range(0, prompts.Count)
        let start = prompts[number].Index + prompts[number].Length
        let end = number + 1 < prompts.Count ? prompts[number + 1].Index : inside.Length
        select (prompts[number].Groups[1].Value, Clean(inside.Value[start..end]), inside.Index + start, inside.Index + end, number + 1 == prompts.Count);

    [GeneratedRegex("^```console\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Blocks();

    [GeneratedRegex("^" + Prompt + "(.*)\n", RegexOptions.Multiline)]
    private static partial Regex Prompts();

    [GeneratedRegex("\n {12,}")]
    private static partial Regex Breaks();

    [GeneratedRegex("-{2,}")]
    private static partial Regex Rules();

    [GeneratedRegex("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")]
    private static partial Regex Guids();

    [GeneratedRegex(@"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?Z")]
    private static partial Regex Times();

    [GeneratedRegex(@"\b[0-9a-f]{12}\b")]
    private static partial Regex Shapes();

    // Seconds, and versions.
    [GeneratedRegex(@"\b\d+(\.\d+)+\b")]
    private static partial Regex Numbers();
}
