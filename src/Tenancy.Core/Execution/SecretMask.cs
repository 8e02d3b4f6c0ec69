using System.Text;
using System.Text.RegularExpressions;

namespace Tenancy.Core.Execution;

/// <summary>Takes secrets out of a text, also where SQL or the server wrote them with quotes and backslashes doubled, as often as they stand inside another string.</summary>
internal sealed class SecretMask
{
    private const string Shown = "***";

    private readonly Regex? secrets;

    /// <summary>A mask for these secrets.</summary>
    /// <param name="secrets">The values; empty ones cannot be masked.</param>
    public SecretMask(IEnumerable<string> secrets)
    {
        // The longest first: one secret may be the start of another.
        var patterns = secrets.Where(static secret => secret.Length > 0).Distinct(StringComparer.Ordinal).OrderByDescending(static secret => secret.Length).Select(Pattern).ToList();
        this.secrets = patterns.Count == 0 ? null : new(string.Join('|', patterns), RegexOptions.CultureInvariant);
    }

    /// <summary>The text without them.</summary>
    /// <param name="text">The text.</param>
    public string Apply(string text) => secrets is null ? text : secrets.Replace(text, Shown);

    private static string Pattern(string secret)
    {
        var pattern = new StringBuilder();
        for (var at = 0; at < secret.Length; at++)
        {
            var isDoubled = secret[at] is '\'' or '"' or '\\';
            if (!isDoubled || at == 0 || secret[at] != secret[at - 1])
            {
                pattern.Append(Regex.Escape(secret[at].ToString())).Append(isDoubled ? "+" : "");
            }
        }

        return pattern.ToString();
    }
}
