using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Tenancy.Core.Manifests.Yaml;

namespace Tenancy.Core.Authoring;

/// <summary>Writes a text as a YAML scalar: bare where every reader takes it for a text, else in double quotes (YAML 1.2, 7.3.1).</summary>
internal static partial class YamlText
{
    /// <summary>A text on one line.</summary>
    public static string Scalar(string text)
    {
        return Plain().IsMatch(text) && !OtherType().IsMatch(text) ? text : Quoted(text);
    }

    /// <summary>A text on one line, in double quotes.</summary>
    public static string Quoted(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var character in text)
        {
            quoted.Append(character switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                _ when IsEscaped(character) => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)character:X4}"),
                _ => character.ToString(),
            });
        }

        return quoted.Append('"').ToString();
    }

    /// <summary>True for a character that no text may have as it is: YAML does not take it, or a reader would be misled (YAML 1.2, 5.1 and 5.7). Line feed and tab are among them.</summary>
    public static bool IsEscaped(char character) =>
        char.IsControl(character) || TextFile.IsTurning(character) || character is '\u2028' or '\u2029' or '\uFEFF' or '\uFFFE' or '\uFFFF';

    /// <summary>One text, or several in a list.</summary>
    public static string ScalarOrList(IReadOnlyCollection<string> texts) =>
        texts.Count == 1 ? Scalar(texts.First()) : $"[{string.Join(", ", texts.Select(Scalar))}]";

    [GeneratedRegex(@"\A[\p{L}\p{Nd}_](?:[\p{L}\p{Nd} _.,()/'-]*[\p{L}\p{Nd}_.()'])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Plain();

    // Numbers, dates, booleans and null, of YAML 1.1 too.
    [GeneratedRegex(@"\A(?:[0-9._eE-]+|0[xo].*|true|false|yes|no|on|off|y|n|null)\z", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex OtherType();
}
