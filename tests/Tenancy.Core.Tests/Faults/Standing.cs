using System.Globalization;
using Xunit;

namespace Tenancy.Core.Tests.Faults;

/// <summary>Where the history has a tenant of <see cref="FaultFleet"/>: what its schema holds, and what else history says, follows from that.</summary>
/// <param name="Schema">The schema.</param>
/// <param name="Head">The number of its last revision; 0 at base.</param>
/// <param name="Done">How many stages of the next one are done.</param>
/// <param name="Started">True where one more is begun: the concurrent index or the batches.</param>
/// <param name="Position">The key of the last row that the batches reached; 0 for none.</param>
internal sealed record Standing(string Schema, int Head, int Done, bool Started, int Position)
{
    private const int Last = 6;

    internal bool IsAtHead => this is { Head: Last, Done: 0, Started: false };

    internal bool IsInProgress => Done > 0 || Started;

    /// <summary>What the tenant's table of transactions holds.</summary>
    internal IEnumerable<string> Ledger => Stages(static (revision, stage) => (revision, stage) is not (3, 2) and not (5, 2));

    /// <summary>The stages that history has as done, once each; a revision's last one is the revision itself.</summary>
    internal IEnumerable<string> History => Stages(static (_, _) => true).Select(static stage => IsLast(stage) ? stage[..1] : stage);

    /// <summary>Null where the index is there or not as it happened: a step that is begun.</summary>
    internal bool? HasIndex => Reaches(3, 2) ? true : (Head, Done, Started) == (2, 1, true) ? null : false;

    internal bool HasEnumValue => Reaches(4, 1);

    /// <summary>How many of the rows, by their key, the batches have changed.</summary>
    internal int Changed => !Reaches(1, 1) ? 0 : Reaches(5, 2) ? FaultFleet.Rows : (Head, Done) == (4, 1) ? Position : 0;

    internal bool HasRows => Reaches(1, 1);

    /// <summary>Makes one of history's rows.</summary>
    /// <param name="schema">The schema.</param>
    /// <param name="heads">The revisions of its heads.</param>
    /// <param name="marks">The stages, in order: revision, number, whether done, position.</param>
    internal static Standing Of(string schema, string[] heads, IReadOnlyList<(string Revision, int Number, bool IsDone, string? Position)> marks)
    {
        Assert.True(heads.Length <= 1, $"{schema} has the heads {string.Join(", ", heads)}");
        var head = heads is [var one] ? int.Parse(one[^1..], CultureInfo.InvariantCulture) : 0;
        Assert.All(marks, mark => Assert.Equal(FaultFleet.Id(head + 1), mark.Revision));
        Assert.Equal(Enumerable.Range(1, marks.Count), marks.Select(static mark => mark.Number));
        Assert.All(marks.SkipLast(1), static mark => Assert.True(mark.IsDone));
        var started = marks.Count > 0 && !marks[^1].IsDone;
        if (started)
        {
            // Only these are marked before they are done.
            Assert.True((head + 1, marks[^1].Number) is (3, 2) or (5, 2), schema);
        }

        return new(schema, head, marks.Count - (started ? 1 : 0), started, started && marks[^1].Position is { } position ? int.Parse(position.Trim('[', ']', '"', ' '), CultureInfo.InvariantCulture) : 0);
    }

    private static bool IsLast(string stage) => FaultFleet.Stages[stage[0] - '1'] == stage[2] - '0';

    private bool Reaches(int revision, int stage) => revision <= Head || (revision == Head + 1 && stage <= Done);

    private IEnumerable<string> Stages(Func<int, int, bool> counts) =>
        from revision in Enumerable.Range(1, Last)
        from stage in Enumerable.Range(1, FaultFleet.Stages[revision - 1])
        where Reaches(revision, stage) && counts(revision, stage)
        select string.Create(CultureInfo.InvariantCulture, $"{revision}.{stage}");
}
