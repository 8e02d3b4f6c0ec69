using System.Collections.Immutable;

namespace Tenancy.Core.Revisions;

/// <summary>
/// Who needs whom within a scope, directly or not: a row of bits for each revision. Ancestors have smaller indexes, so a row ends at its own; ten thousand revisions
/// take six megabytes and a few milliseconds, so it is made once, and only where a graph asks for it.
/// </summary>
internal sealed class Ancestry
{
    private readonly ulong[][] rows;

    /// <summary>Makes room.</summary>
    /// <param name="count">Number of revisions.</param>
    public Ancestry(int count) => rows = new ulong[count][];

    /// <summary>Takes the rows of all revisions, in their order.</summary>
    public static Ancestry Of(ImmutableArray<RevisionNode> all)
    {
        var ancestry = new Ancestry(all.Length);
        foreach (var node in all)
        {
            ancestry.Add(node, node.Downs);
        }

        return ancestry;
    }

    /// <summary>Notes what a revision needs; after the revisions it needs.</summary>
    public void Add(RevisionNode node, IEnumerable<RevisionNode> downs)
    {
        var row = new ulong[(node.Index >> 6) + 1];
        foreach (var down in downs)
        {
            var other = rows[down.Index];
            for (var word = 0; word < other.Length; word++)
            {
                row[word] |= other[word];
            }
        }

        row[node.Index >> 6] |= 1UL << (node.Index & 63);
        rows[node.Index] = row;
    }

    /// <summary>True when <paramref name="node"/> needs <paramref name="ancestor"/>, or is it.</summary>
    public bool Includes(RevisionNode node, RevisionNode ancestor) =>
        ancestor.Index <= node.Index && (rows[node.Index][ancestor.Index >> 6] & (1UL << (ancestor.Index & 63))) != 0;
}
