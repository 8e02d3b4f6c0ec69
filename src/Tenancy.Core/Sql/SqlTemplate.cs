using System.Collections.Immutable;
using System.Text;
using Tenancy.Model;

namespace Tenancy.Core.Sql;

/// <summary>SQL compiled once: joined with each tenant's quoted names.</summary>
/// <param name="Segments">The pieces in order.</param>
/// <param name="Source">The statement as written, before names and arguments: what history keeps.</param>
public sealed record SqlTemplate(ImmutableArray<SqlSegment> Segments, string Source)
{
    /// <summary>The SQL for one tenant.</summary>
    /// <param name="values">The tenant's names and the run's arguments.</param>
    /// <exception cref="TenancyException">
    /// <c>ArgumentMissing</c>, <c>TenantRequired</c>: there is no value. <c>InvalidName</c>, <c>InvalidValue</c>: PostgreSQL cannot have it.
    /// <c>NameNotAllowed</c>, <c>ArgumentNotAllowed</c>: it holds the closing dollar tag of the body around it.
    /// </exception>
    /// <exception cref="ArgumentException">A segment is part of a name, and no double quotes stand around it: no translator made such a template.</exception>
    public string Render(SqlValues values)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (Segments.IsEmpty)
        {
            return "";
        }

        if (Segments.Length == 1 && Segments[0].Kind == SqlSegmentKind.Text)
        {
            return Segments[0].Text;
        }

        var sql = new StringBuilder(Source.Length + (Segments.Length * 32));
        List<(int Start, int End, SqlSegment Segment)>? inDollarQuotes = null;
        List<int>? inNames = null;
        foreach (var segment in Segments)
        {
            var start = sql.Length;
            sql.Append(segment.Kind == SqlSegmentKind.Text ? segment.Text : SqlEscaping.Apply(Value(segment, values), segment.Escapes));
            if (!segment.DollarTag.IsDefaultOrEmpty)
            {
                (inDollarQuotes ??= []).Add((start, sql.Length, segment));
            }

            if (segment.Kind != SqlSegmentKind.Text && segment.Escapes[0] == SqlEscape.InsideIdentifier)
            {
                (inNames ??= []).Add(start);
            }
        }

        var text = sql.ToString();
        foreach (var (start, end, segment) in inDollarQuotes ?? [])
        {
            CheckTags(text, start, end, segment);
        }

        foreach (var start in inNames ?? [])
        {
            SqlIdentifier.Check(NameAround(text, start));
        }

        return text;
    }

    /// <summary>What a segment is filled with, before it is made safe for its place.</summary>
    internal static string Value(SqlSegment segment, SqlValues values) => segment.Kind switch
    {
        SqlSegmentKind.SharedSchema => values.SharedSchema,
        SqlSegmentKind.TenantSchema => values.TenantSchema ?? throw NoTenant(),
        SqlSegmentKind.TenantName => values.TenantName ?? throw NoTenant(),
        _ => values.Arguments.TryGetValue(segment.Text, out var value)
            ? value
            : throw new TenancyException("ArgumentMissing", $"The SQL uses the argument '{segment.Text}', and the run gives none.", $"Give a value for '{segment.Text}', or declare it with a default in the manifest."),
    };

    private static TenancyException NoTenant() =>
        new("TenantRequired", "The SQL names the tenant, but runs for the shared schema.", "Move the statement into a revision with scope: tenant.");

    /// <summary>The name in double quotes around a place in it: inside it quotes stand in pairs only, so that a run of odd length ends it on either side.</summary>
    private static string NameAround(string text, int at)
    {
        var first = at;
        while (Run(text, first - 1, -1) is var run && run % 2 == 0)
        {
            ThrowAtEnd(first <= 0);
            first -= Math.Max(1, run);
        }

        var last = at;
        while (Run(text, last, 1) is var run && run % 2 == 0)
        {
            ThrowAtEnd(last >= text.Length);
            last += Math.Max(1, run);
        }

        // Of an odd run one quote is the name's bound, and the others are pairs in it.
        first -= Run(text, first - 1, -1) - 1;
        last += Run(text, last, 1) - 1;
        return text[first..last].Replace("\"\"", "\"", StringComparison.Ordinal);

        void ThrowAtEnd(bool isEnd)
        {
            if (isEnd)
            {
                throw new ArgumentException($"No double quotes stand around the part of a name at {at}.", nameof(text));
            }
        }
    }

    private static int Run(string text, int at, int step)
    {
        var length = 0;
        for (; at >= 0 && at < text.Length && text[at] == '"'; at += step)
        {
            length++;
        }

        return length;
    }

    /// <summary>A tag that takes in part of the value, or that its neighbours make where it is empty, would end the body early.</summary>
    private static void CheckTags(string text, int start, int end, SqlSegment segment)
    {
        foreach (var tag in segment.DollarTag)
        {
            var from = Math.Max(0, start - tag.Length + 1);
            var to = Math.Min(text.Length, end + tag.Length - 1);
            if (text.IndexOf(tag, from, to - from, StringComparison.Ordinal) >= 0)
            {
                var (id, what) = segment.Kind == SqlSegmentKind.Argument ? ("ArgumentNotAllowed", $"The argument '{segment.Text}'") : ("NameNotAllowed", "A name");
                throw new TenancyException(id, $"{what} would close the body that stands in {tag}.", "Give the dollar quotes of the body a tag that no value holds, such as $body$.");
            }
        }
    }
}
