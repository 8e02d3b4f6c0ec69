using System.Collections.Immutable;

namespace Tenancy.Core.Sql;

/// <summary>Cuts templates out of a text.</summary>
internal static class SqlTemplates
{
    /// <summary>The template of a stretch of tokens.</summary>
    /// <param name="code">The tokens.</param>
    /// <param name="first">Index of the first.</param>
    /// <param name="last">Index of the last.</param>
    /// <param name="holes">All places to fill in the statement, in order.</param>
    public static SqlTemplate Cut(SqlCode code, int first, int last, IReadOnlyList<SqlHole> holes)
    {
        var (start, end) = (code[first].Start, code[last].End);
        var segments = ImmutableArray.CreateBuilder<SqlSegment>();
        var at = start;
        foreach (var hole in holes)
        {
            if (hole.Start < start || hole.End > end)
            {
                continue;
            }

            AddText(at, hole.Start);
            segments.Add(hole.Segment);
            at = hole.End;
        }

        AddText(at, end);
        return new SqlTemplate(segments.ToImmutable(), code.Text[start..end]);

        void AddText(int from, int to)
        {
            if (to > from)
            {
                segments.Add(new SqlSegment(SqlSegmentKind.Text, code.Text[from..to], [], []));
            }
        }
    }
}
