using Tenancy.Core.Manifests;
using Tenancy.Model;

namespace Tenancy.Core.Sql;

/// <summary>Takes the errors of one text and gives them their place. Finds lines by search, so that many places in a long text stay cheap.</summary>
internal sealed class SqlErrors
{
    /// <summary>A dump read by mistake has an error a line; nobody reads past this many.</summary>
    private const int Most = 100;

    private readonly SourceText source;
    private readonly ICollection<ManifestError> errors;
    private int[]? lineStarts;

    public SqlErrors(SourceText source, ICollection<ManifestError> errors)
    {
        this.source = source;
        this.errors = errors;
    }

    /// <summary>How many errors there were, those not kept included.</summary>
    public int Count { get; private set; }

    public void Add(int offset, string message) => Add(offset, message, null);

    public void Add(int offset, string message, string? suggestion)
    {
        Count++;
        if (Count > Most)
        {
            return;
        }

        var position = PositionAt(offset);
        errors.Add(new ManifestError
        {
            File = position.File,
            Line = position.Line,
            Column = position.Column,
            Message = Count == Most ? message + $" (More than {Most - 1} errors in this SQL: the rest are not listed.)" : message,
            Suggestion = suggestion,
        });
    }

    public SourcePosition PositionAt(int offset)
    {
        lineStarts ??= FindLines(source.Text);
        var line = Array.BinarySearch(lineStarts, offset);
        line = line < 0 ? ~line - 1 : line;
        return source.PositionAt(line, offset - lineStarts[line]);
    }

    private static int[] FindLines(string text)
    {
        var starts = new List<int> { 0 };
        for (var at = text.IndexOf('\n', StringComparison.Ordinal); at >= 0; at = text.IndexOf('\n', at + 1))
        {
            starts.Add(at + 1);
        }

        return [.. starts];
    }
}
