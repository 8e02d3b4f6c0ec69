using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Tenancy.Core.Tests.Fuzzing;

/// <summary>
/// Feeds a reader with texts that come from good ones by changes that a person, a broken disk or an attacker makes. What makes the reader answer in a
/// way not seen before is changed further: so it comes deeper than chance alone.
/// </summary>
/// <param name="seeds">Good texts.</param>
/// <param name="words">What means something to the reader.</param>
/// <param name="read">Reads a text; throws where a promise is broken; gives what it answered, or null for nothing worth telling apart.</param>
internal sealed partial class Fuzzer(IReadOnlyList<string> seeds, string[] words, Func<string, string?> read)
{
    private const int LongestText = 20_000;
    private const int MostKept = 5_000;

    // Of a text of this length nothing takes a tenth of it, even on a machine that does much else.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly List<string> corpus = [.. seeds];
    private readonly HashSet<string> answers = new(StringComparer.Ordinal);

    /// <summary>Reads texts for a time.</summary>
    /// <param name="time">How long.</param>
    /// <param name="most">How many texts at the most.</param>
    /// <param name="seed">Where chance begins: the same gives the same texts.</param>
    /// <returns>How many texts were read, and how many answers told apart.</returns>
    /// <exception cref="FuzzException">A promise is broken: carries the text.</exception>
    public (long Texts, int Answers) Run(TimeSpan time, long most, int seed)
    {
        var random = new Random(seed);
        var watch = Stopwatch.StartNew();
        var count = 0L;
        foreach (var text in seeds)
        {
            Try(text, seed);
            count++;
        }

        while (watch.Elapsed < time && count < most)
        {
            var text = Change(corpus[random.Next(corpus.Count)], random);
            if (Try(text, seed) && corpus.Count < MostKept)
            {
                corpus.Add(text);
            }

            count++;
        }

        return (count, answers.Count);
    }

    // Numbers and names say little about which way the reader went.
    [GeneratedRegex(@"\d+|'[^']*'|""[^""]*""")]
    private static partial Regex Details();

    private bool Try(string text, int seed)
    {
        var watch = Stopwatch.StartNew();
        string? answer;
        try
        {
            answer = read(text);
        }
        catch (Exception error)
        {
            throw new FuzzException(text, seed, error.ToString());
        }

        return watch.Elapsed > Patience
            ? throw new FuzzException(text, seed, $"It took {watch.Elapsed}.")
            : answer is not null && answers.Add(Details().Replace(answer, "~"));
    }

    private string Change(string text, Random random)
    {
        for (var changes = random.Next(1, 6); changes > 0; changes--)
        {
            var at = random.Next(text.Length + 1);
            var length = Math.Min(random.Next(1, 1 << random.Next(1, 10)), text.Length - at);
            text = random.Next(9) switch
            {
                0 => text.Remove(at, length),
                1 => text.Insert(at, text.Substring(at, length)),
                2 => text.Insert(at, words[random.Next(words.Length)]),
                3 => text.Remove(at, length).Insert(at, words[random.Next(words.Length)]),
                4 => text.Insert(at, ((char)random.Next(random.Next(2) == 0 ? 128 : 0xD800)).ToString(CultureInfo.InvariantCulture)),
                5 => text[..at],
                6 => Line(text, random) is var (start, end) ? text[..start] + text[end..] + text[start..end] : text,
                7 => Line(text, random) is var (start, end) ? text.Insert(start, new string(' ', random.Next(1, 5))) is var indented && end >= 0 ? indented : text : text,
                _ => Splice(text, at, corpus[random.Next(corpus.Count)], random),
            };
        }

        return text.Length > LongestText ? text[..LongestText] : text;
    }

    private static string Splice(string text, int at, string other, Random random)
    {
        var from = random.Next(other.Length + 1);
        return text.Insert(at, other.Substring(from, Math.Min(random.Next(200), other.Length - from)));
    }

    private static (int Start, int End) Line(string text, Random random)
    {
        var start = text.Length == 0 ? 0 : text.LastIndexOf('\n', random.Next(text.Length)) + 1;
        var end = text.IndexOf('\n', start);
        return (start, end < 0 ? text.Length : end + 1);
    }
}

/// <summary>A reader broke a promise.</summary>
/// <param name="text">The text that it did so on.</param>
/// <param name="seed">Where chance began.</param>
/// <param name="what">What happened.</param>
#pragma warning disable CA1032, CA1064 // Thrown and shown in tests only.
internal sealed class FuzzException(string text, int seed, string what)
    : Exception($"{what}\nSeed {seed}. The text, as base64 of UTF-16: {Convert.ToBase64String(Encoding.Unicode.GetBytes(text))}\nThe text:\n{text}");
#pragma warning restore CA1032, CA1064
