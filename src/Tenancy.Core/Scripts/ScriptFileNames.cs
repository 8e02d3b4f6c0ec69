using System.Globalization;

namespace Tenancy.Core.Scripts;

/// <summary>Names of files, each once, that every file system takes.</summary>
public sealed class ScriptFileNames
{
    private const int LongestName = 100;

    private readonly HashSet<string> taken = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>A name.</summary>
    /// <param name="name">What it is about; any text.</param>
    /// <param name="ending">How it ends.</param>
    public string Make(string name, string ending = ".sql")
    {
        ArgumentNullException.ThrowIfNull(name);
        var plain = string.Concat(name.Select(static character => char.IsLetterOrDigit(character) || character is '-' or '.' ? character : '_'));
        plain = plain.Length <= LongestName ? plain : plain[..LongestName];
        var made = plain;
        for (var number = 2; !taken.Add(made); number++)
        {
            made = string.Create(CultureInfo.InvariantCulture, $"{plain}-{number}");
        }

        return made + ending;
    }
}
