using System.Globalization;
using System.Text;

namespace Tenancy.Core.Manifests.Forms;

/// <summary>Writes canonical JSON: keys in ordinal order, no white space, every text quoted. JSON is YAML, so the result reads as a manifest again.</summary>
/// <param name="sql">What to write for a piece of SQL: the text itself, or its normal form for the checksum.</param>
/// <param name="include">The content of an SQL file, by its path as written.</param>
internal sealed class CanonicalWriter(Func<string, string> sql, Func<string, string> include)
{
    private readonly StringBuilder text = new();

    /// <summary>Writes a text.</summary>
    public void Text(string value)
    {
        text.Append('"');
        foreach (var character in value)
        {
            switch (character)
            {
                case '"' or '\\':
                    text.Append('\\').Append(character);
                    break;
                case '\n':
                    text.Append("\\n");
                    break;
                case '\t':
                    text.Append("\\t");
                    break;

                // YAML takes these for line ends or refuses them raw (YAML 1.2, 5.1).
                case < ' ' or (>= '\u007F' and <= '\u009F') or '\u2028' or '\u2029' or '\uFEFF' or '\uFFFE' or '\uFFFF':
                    text.Append("\\u").Append(((int)character).ToString("X4", CultureInfo.InvariantCulture));
                    break;
                default:
                    text.Append(character);
                    break;
            }
        }

        text.Append('"');
    }

    /// <summary>Writes a piece of SQL.</summary>
    public void Sql(string value) => Text(sql(value));

    /// <summary>The content of an SQL file.</summary>
    public string Include(string path) => include(path);

    /// <summary>Writes a boolean, a number or null as it is.</summary>
    public void Raw(string value) => text.Append(value);

    /// <summary>Writes a list.</summary>
    public void List<T>(IEnumerable<T> items, Action<T> write)
    {
        text.Append('[');
        var isFirst = true;
        foreach (var item in items)
        {
            if (!isFirst)
            {
                text.Append(',');
            }

            isFirst = false;
            write(item);
        }

        text.Append(']');
    }

    /// <summary>Writes a mapping, its keys in ordinal order.</summary>
    public void Map<T>(IEnumerable<(string Key, T Value)> entries, Action<string, T> write)
    {
        text.Append('{');
        var isFirst = true;
        foreach (var (key, value) in entries.OrderBy(static entry => entry.Key, StringComparer.Ordinal))
        {
            if (!isFirst)
            {
                text.Append(',');
            }

            isFirst = false;
            Text(key);
            text.Append(':');
            write(key, value);
        }

        text.Append('}');
    }

    /// <inheritdoc/>
    public override string ToString() => text.ToString();
}
