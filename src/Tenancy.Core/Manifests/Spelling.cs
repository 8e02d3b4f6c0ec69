namespace Tenancy.Core.Manifests;

/// <summary>Finds what somebody meant to write.</summary>
public static class Spelling
{
    /// <summary>Longer words are not compared: no legal word is that long, and the cost grows with the square.</summary>
    private const int LongestWord = 100;

    /// <summary>The legal word nearest to <paramref name="word"/>, by Damerau-Levenshtein distance without regard to case.</summary>
    /// <param name="word">The word as written.</param>
    /// <param name="legal">The words that would be right.</param>
    /// <returns>The first of the nearest words; null when none is within a third of the word's length (one slip for words up to five letters).</returns>
    public static string? Nearest(string word, IEnumerable<string> legal)
    {
        ArgumentNullException.ThrowIfNull(word);
        ArgumentNullException.ThrowIfNull(legal);
        if (word.Length is 0 or > LongestWord)
        {
            return null;
        }

        var folded = word.ToUpperInvariant();
        string? best = null;
        var limit = Math.Max(1, word.Length / 3);
        foreach (var candidate in legal)
        {
            if (Math.Abs(candidate.Length - word.Length) > limit)
            {
                continue;
            }

            var distance = Distance(folded, candidate.ToUpperInvariant());
            if (distance <= limit && (best is null || distance < limit))
            {
                best = candidate;
                limit = distance;
            }
        }

        return best;
    }

    /// <summary>Insertions, deletions, replacements and swaps of neighbours between two words (optimal string alignment).</summary>
    private static int Distance(string left, string right)
    {
        var beforeLast = new int[right.Length + 1];
        var last = new int[right.Length + 1];
        var current = new int[right.Length + 1];
        for (var column = 0; column <= right.Length; column++)
        {
            last[column] = column;
        }

        for (var row = 1; row <= left.Length; row++)
        {
            current[0] = row;
            for (var column = 1; column <= right.Length; column++)
            {
                var cost = left[row - 1] == right[column - 1] ? 0 : 1;
                var distance = Math.Min(Math.Min(last[column] + 1, current[column - 1] + 1), last[column - 1] + cost);
                if (row > 1 && column > 1 && left[row - 1] == right[column - 2] && left[row - 2] == right[column - 1])
                {
                    distance = Math.Min(distance, beforeLast[column - 2] + 1);
                }

                current[column] = distance;
            }

            (beforeLast, last, current) = (last, current, beforeLast);
        }

        return last[right.Length];
    }
}
