using System.Text;
using System.Text.RegularExpressions;
using Tenancy.Model;

namespace Tenancy.Core.Tenants;

/// <summary>A name with PowerShell's wildcards: <c>*</c> any text, <c>?</c> one character, <c>[a-c]</c> one of these, and a backtick before what is meant literally.</summary>
public sealed class NamePattern
{
    private const string WildcardCharacters = "*?[";
    private readonly Regex? regex;
    private readonly string? literal;
    private readonly StringComparison comparison;

    /// <summary>Reads a pattern.</summary>
    /// <param name="text">The pattern.</param>
    /// <param name="ignoreCase">True where letters' case does not count. The case of a PostgreSQL name counts.</param>
    /// <exception cref="TenancyException"><c>InvalidPattern</c>: a bracket that does not end, or a range that runs backwards.</exception>
    public NamePattern(string text, bool ignoreCase)
    {
        ArgumentNullException.ThrowIfNull(text);
        Text = text;
        comparison = ignoreCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        var translated = new StringBuilder("^");
        var plain = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (WildcardCharacters.Contains(text[i], StringComparison.Ordinal))
            {
                IsWildcard = true;
            }

            switch (text[i])
            {
                case '*':
                    translated.Append(".*");
                    break;
                case '?':
                    translated.Append('.');
                    break;
                case '[':
                    i = AppendSet(translated, i);
                    break;
                default:
                    i += text[i] == '`' && i + 1 < text.Length ? 1 : 0;
                    translated.Append(Regex.Escape(text[i].ToString()));
                    plain.Append(text[i]);
                    break;
            }
        }

        if (!IsWildcard)
        {
            literal = plain.ToString();
            return;
        }

        try
        {
            // Linear in the length of the name, whatever the pattern.
            var options = RegexOptions.NonBacktracking | RegexOptions.Singleline | RegexOptions.CultureInvariant;
            regex = new(translated.Append("\\z").ToString(), ignoreCase ? options | RegexOptions.IgnoreCase : options);
        }
        catch (ArgumentException error)
        {
            throw Invalid(error);
        }
    }

    /// <summary>The pattern that a text without wildcards is, whatever its case.</summary>
    internal static NamePattern Literally(string text) => new(Escape(text), ignoreCase: true);

    /// <summary>A name as the pattern that means it alone.</summary>
    /// <param name="name">The name.</param>
    public static string Escape(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return string.Concat(name.Select(static character => (WildcardCharacters + "`").Contains(character, StringComparison.Ordinal) ? $"`{character}" : character.ToString()));
    }

    /// <summary>What it is without wildcards: the one name that it means; null with them.</summary>
    public string? Literal => literal;

    /// <summary>The pattern as written.</summary>
    public string Text { get; }

    /// <summary>True where it can match more than one name: a miss is then no error.</summary>
    public bool IsWildcard { get; }

    /// <summary>True where the whole name matches.</summary>
    /// <param name="name">The name.</param>
    public bool IsMatch(string name) => regex?.IsMatch(name) ?? string.Equals(name, literal, comparison);

    /// <summary>The pattern as a regular expression of PostgreSQL (manual, 9.7.3), for the operator <c>~</c>.</summary>
    internal string ToServerPattern()
    {
        var translated = new StringBuilder("^");
        for (var i = 0; i < Text.Length; i++)
        {
            switch (Text[i])
            {
                case '*':
                    translated.Append(".*");
                    break;
                case '?':
                    translated.Append('.');
                    break;
                case '[':
                    // Letters, digits and the codes of other characters mean the same in both.
                    i = AppendSet(translated, i);
                    break;
                default:
                    i += Text[i] == '`' && i + 1 < Text.Length ? 1 : 0;
                    translated.Append(char.IsLetterOrDigit(Text[i]) ? Text[i].ToString() : $"\\u{(int)Text[i]:X4}");
                    break;
            }
        }

        return translated.Append('$').ToString();
    }

    /// <summary>The pattern as written.</summary>
    public override string ToString() => Text;

    private int AppendSet(StringBuilder translated, int start)
    {
        var end = Text.IndexOf(']', start + 1);
        if (end <= start + 1)
        {
            throw Invalid(null);
        }

        translated.Append('[');
        for (var i = start + 1; i < end; i++)
        {
            var isRange = Text[i] == '-' && i > start + 1 && i < end - 1;
            translated.Append(isRange ? "-" : char.IsLetterOrDigit(Text[i]) ? Text[i].ToString() : $"\\u{(int)Text[i]:X4}");
        }

        translated.Append(']');
        return end;
    }

    private TenancyException Invalid(Exception? cause) =>
        new("InvalidPattern", $"The pattern '{Text}' cannot be read.", "Write [ab] or [a-c] for one of several characters, and `[ for a bracket that is part of the name.", cause);
}
