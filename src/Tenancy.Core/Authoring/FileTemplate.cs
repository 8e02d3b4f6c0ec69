using System.Globalization;
using System.Text.RegularExpressions;
using Tenancy.Core.Manifests;
using Tenancy.Core.Revisions;
using Tenancy.Model;

namespace Tenancy.Core.Authoring;

/// <summary>How the file of a new manifest is named (Alembic's <c>file_template</c>). A template with <c>/</c> starts at the folder of the manifests.</summary>
public sealed partial record FileTemplate
{
    private const int LongestSlug = 40;

    // Not allowed in a file name on Windows, where a colleague may check the project out; '/' parts folders.
    private const string Forbidden = "\\:*?\"<>|";

    // Before Standard, which is checked by them.
    private static readonly string[] Words = ["revision", "slug", "scope", "year", "month", "day", "hour", "minute", "second"];

    /// <summary>What holds unless set.</summary>
    public static readonly FileTemplate Standard = new("{revision}_{slug}");

    /// <summary>A template.</summary>
    /// <param name="text">The template.</param>
    /// <exception cref="TenancyException"><c>InvalidFileTemplate</c>.</exception>
    public FileTemplate(string text)
    {
        Text = text;
        if (Check(text) is { } fault)
        {
            throw new TenancyException("InvalidFileTemplate", $"The file template {fault}", $"Write it as '{Standard}'.");
        }
    }

    /// <summary>The template as written.</summary>
    public string Text { get; }

    /// <summary>True when it says in which folder of the manifests the file goes.</summary>
    public bool HasFolder => Text.Contains('/', StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => Text;

    /// <summary>What is wrong with a template: the rest of a sentence that begins with its name; null for nothing.</summary>
    internal static string? Check(string text)
    {
        var unknown = Word().Matches(text).Select(static match => match.Groups[1].Value).FirstOrDefault(static word => !Words.Contains(word));
        if (unknown is not null)
        {
            return $"has '{{{unknown}}}', which stands for nothing. There are: {string.Join(", ", Words.Select(static word => $"{{{word}}}"))}.";
        }

        if (Word().Replace(text, "").IndexOfAny(['{', '}']) >= 0)
        {
            return "has a brace without its partner.";
        }

        if (text.FirstOrDefault(static character => char.IsControl(character) || Forbidden.Contains(character, StringComparison.Ordinal)) is var bad && bad != default)
        {
            return string.Create(CultureInfo.InvariantCulture, $"has the character U+{(int)bad:X4}, which not every system allows in a file name.");
        }

        return text.Split('/').Any(static part => part.Length == 0 || part[0] is '.' or '_')
            ? $"is '{text}': it must be a path inside the folder of the manifests, without names that begin with '.' or '_', which are not read."
            : null;
    }

    /// <summary>The file's path, with its extension.</summary>
    /// <param name="revision">The revision's id.</param>
    /// <param name="message">Its description.</param>
    /// <param name="scope">Its scope.</param>
    /// <param name="time">Now, UTC.</param>
    internal string Render(string revision, string message, MigrationScope scope, DateTime time)
    {
        var text = Word().Replace(Text, match => match.Groups[1].Value switch
        {
            "revision" => revision,
            "slug" => Slug(message),
            "scope" => RevisionLinks.Name(scope),
            "year" => time.ToString("yyyy", CultureInfo.InvariantCulture),
            "month" => time.ToString("MM", CultureInfo.InvariantCulture),
            "day" => time.ToString("dd", CultureInfo.InvariantCulture),
            "hour" => time.ToString("HH", CultureInfo.InvariantCulture),
            "minute" => time.ToString("mm", CultureInfo.InvariantCulture),
            _ => time.ToString("ss", CultureInfo.InvariantCulture),
        });

        // A message of signs alone has no slug, and would leave 'id_' or '_id', which is not read.
        var parts = text.Split('/').Select(static part => part.Trim('_', '-', '.', ' ')).ToList();
        if (parts.Contains(""))
        {
            throw new TenancyException("InvalidFileTemplate", $"The file template '{Text}' gives no name for '{message}'.", "Put {revision} into it.");
        }

        var path = Path.Combine([.. parts]);
        return Path.GetExtension(path).ToUpperInvariant() is ".YAML" or ".YML" ? path : path + ".yaml";
    }

    /// <summary>The words of a message, small and joined by <c>-</c>; cut after a word, at forty characters at most.</summary>
    private static string Slug(string message)
    {
        var slug = "";
        foreach (var word in Letters().Matches(message).Select(static match => match.Value.ToLowerInvariant()))
        {
            if (slug.Length + 1 + word.Length > LongestSlug)
            {
                return slug.Length > 0 ? slug : word[..LongestSlug];
            }

            slug += slug.Length == 0 ? word : "-" + word;
        }

        return slug;
    }

    [GeneratedRegex(@"\{([^{}]*)\}", RegexOptions.CultureInvariant)]
    private static partial Regex Word();

    [GeneratedRegex(@"[\p{L}\p{M}\p{Nd}]+", RegexOptions.CultureInvariant)]
    private static partial Regex Letters();
}
