namespace Tenancy.Core.Manifests;

/// <summary>A piece of text from a manifest or an SQL file, that knows where each of its characters stood.</summary>
/// <param name="Text">The text, with line feeds only.</param>
/// <param name="Start">Where its first character stands.</param>
/// <param name="Indent">Columns that YAML took off every further line (the indentation of a block scalar); 0 for a file.</param>
/// <param name="IsVerbatim">False where YAML folded lines, so only <paramref name="Start"/> can be told.</param>
public sealed record SourceText(string Text, SourcePosition Start, int Indent = 0, bool IsVerbatim = true)
{
    /// <summary>Where the character at <paramref name="offset"/> stands.</summary>
    /// <param name="offset">From 0 to the length of the text.</param>
    public SourcePosition PositionAt(int offset)
    {
        var before = Text.AsSpan(0, Math.Clamp(offset, 0, Text.Length));
        return PositionAt(before.Count('\n'), before.Length - before.LastIndexOf('\n') - 1);
    }

    /// <summary>Where a character of a line of this text stands; for those who keep the starts of lines.</summary>
    /// <param name="line">Line of this text, from 0.</param>
    /// <param name="offset">Offset in that line, from 0.</param>
    internal SourcePosition PositionAt(int line, int offset)
    {
        if (!IsVerbatim || Start.Line == 0)
        {
            return Start;
        }

        return line == 0 ? Start with { Column = Start.Column + offset } : Start with { Line = Start.Line + line, Column = Indent + offset + 1 };
    }
}
