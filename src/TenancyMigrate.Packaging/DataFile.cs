using System.Globalization;
using System.Text;

namespace TenancyMigrate.Packaging;

/// <summary>Reads PowerShell's data files (.psd1) as far as module manifests need: texts, numbers, truth values, lists and hashtables. Nothing is evaluated.</summary>
internal sealed class DataFile
{
    private readonly string path;
    private readonly string text;
    private int at;

    private DataFile(string path)
    {
        this.path = path;
        text = File.ReadAllText(path);
    }

    /// <summary>The hashtable of a file, by keys in any case. A list is an <c>object?[]</c>, a number a <see cref="long"/>.</summary>
    /// <exception cref="PackagingException">Something else stands there; says where.</exception>
    public static IReadOnlyDictionary<string, object?> Read(string path)
    {
        var file = new DataFile(path);
        file.SkipLines();
        file.Take("@{");
        var table = file.ReadTable();
        file.SkipLines();
        return file.at == file.text.Length ? table : throw file.Unexpected();
    }

    private Dictionary<string, object?> ReadTable()
    {
        var table = new Dictionary<string, object?>(StringComparer.OrdinalIgnoreCase);
        for (SkipLines(); !TryTake("}"); SkipLines())
        {
            var key = IsQuote() ? ReadText() : ReadWord();
            SkipBlanks();
            Take("=");
            SkipBlanks();
            var values = ReadRow();
            if (!table.TryAdd(key, values.Count == 1 ? values[0] : values.ToArray()))
            {
                throw new PackagingException($"{path}: {key} stands there twice.");
            }
        }

        return table;
    }

    private object?[] ReadArray()
    {
        var values = new List<object?>();
        for (SkipLines(); !TryTake(")"); SkipLines())
        {
            values.AddRange(ReadRow());
        }

        return [.. values];
    }

    // Values with commas between them, on one line or more.
    private List<object?> ReadRow()
    {
        var values = new List<object?> { ReadValue() };
        for (SkipBlanks(); TryTake(","); SkipBlanks())
        {
            SkipLines();
            values.Add(ReadValue());
        }

        return values;
    }

    private object? ReadValue()
    {
        if (TryTake("@{"))
        {
            return ReadTable();
        }

        if (TryTake("@("))
        {
            return ReadArray();
        }

        if (IsQuote())
        {
            return ReadText();
        }

        return ReadWord() switch
        {
            "$true" => true,
            "$false" => false,
            "$null" => null,
            var word => long.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : throw Unexpected(),
        };
    }

    // Within double quotes the escapes and variables of PowerShell are refused.
    private string ReadText()
    {
        var quote = text[at++];
        var value = new StringBuilder();
        for (; at < text.Length; at++)
        {
            if (text[at] == quote && (++at == text.Length || text[at] != quote))
            {
                return value.ToString();
            }

            value.Append(quote == '"' && text[at] is '$' or '`' ? throw Unexpected() : text[at]);
        }

        throw Unexpected();
    }

    private string ReadWord()
    {
        var start = at;
        while (at < text.Length && (char.IsLetterOrDigit(text[at]) || text[at] is '_' or '$' or '-'))
        {
            at++;
        }

        return at > start ? text[start..at] : throw Unexpected();
    }

    private void SkipLines()
    {
        for (SkipBlanks(); at < text.Length && text[at] is '\n' or '\r' or ';'; SkipBlanks())
        {
            at++;
        }
    }

    // Blanks and comments.
    private void SkipBlanks()
    {
        for (; at < text.Length; at++)
        {
            if (TryTake("<#"))
            {
                at = Find("#>") + 1;
            }
            else if (text[at] == '#')
            {
                at = Find("\n") - 1;
            }
            else if (text[at] is not (' ' or '\t' or '\uFEFF'))
            {
                return;
            }
        }
    }

    private int Find(string end) => text.IndexOf(end, at, StringComparison.Ordinal) is >= 0 and var found ? found : text.Length;

    private bool IsQuote() => at < text.Length && text[at] is '\'' or '"';

    private bool TryTake(string what)
    {
        if (string.CompareOrdinal(text, at, what, 0, what.Length) != 0)
        {
            return false;
        }

        at += what.Length;
        return true;
    }

    private void Take(string what)
    {
        if (!TryTake(what))
        {
            throw Unexpected();
        }
    }

    private PackagingException Unexpected()
    {
        var before = text[..Math.Min(at, text.Length)];
        return new($"{path}({before.Count(static letter => letter == '\n') + 1}): only literals, lists and hashtables are read here, and something else stands there.");
    }
}
