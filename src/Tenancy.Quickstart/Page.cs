using System.Globalization;

namespace Tenancy.Quickstart;

/// <summary>Writes text for a terminal of 100 columns.</summary>
/// <param name="output">Where to.</param>
internal sealed class Page(TextWriter output)
{
    private const int Width = 100;
    private const string Margin = "   ";

    private int steps;

    /// <summary>Begins a step.</summary>
    /// <param name="title">What happens in it.</param>
    public void Step(string title)
    {
        Break();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{++steps}. {title}"));
    }

    /// <summary>Leaves a line empty.</summary>
    public void Break() => output.WriteLine();

    /// <summary>Writes a paragraph, broken between words.</summary>
    /// <param name="text">One line of any length.</param>
    public void Say(string text) => Write(Margin, Margin, text);

    /// <summary>Writes a named value; further lines of it stand below its first.</summary>
    /// <param name="name">The name.</param>
    /// <param name="value">The value.</param>
    public void Field(string name, string value)
    {
        var first = Margin + name.PadRight(12);
        foreach (var line in value.TrimEnd().Split('\n'))
        {
            Write(first, new string(' ', first.Length), line.TrimEnd());
            first = new string(' ', first.Length);
        }
    }

    /// <summary>Writes a table: the first column to the left, those with numbers to the right.</summary>
    /// <param name="headings">The headings.</param>
    /// <param name="rows">The rows, each with a cell a heading.</param>
    public void Table(IReadOnlyList<string> headings, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        var widths = headings.Select((heading, column) => rows.Select(row => row[column].Length).Append(heading.Length).Max()).ToList();
        var isNumber = headings.Select((_, column) => rows.All(row => row[column].Length > 0 && char.IsAsciiDigit(row[column][0]))).ToList();
        foreach (var row in rows.Prepend([.. widths.Select(static width => new string('-', width))]).Prepend(headings))
        {
            var cells = row.Select((cell, column) => isNumber[column] ? cell.PadLeft(widths[column]) : cell.PadRight(widths[column]));
            output.WriteLine((Margin + string.Join("  ", cells)).TrimEnd());
        }
    }

    private void Write(string first, string further, string text)
    {
        var line = first;
        var isEmpty = true;
        foreach (var word in text.Split(' '))
        {
            if (!isEmpty && line.Length + 1 + word.Length > Width)
            {
                output.WriteLine(line);
                line = further;
                isEmpty = true;
            }

            line += isEmpty ? word : " " + word;
            isEmpty = false;
        }

        output.WriteLine(line.TrimEnd());
    }
}
