using System.Collections.Immutable;
using Tenancy.Model;

namespace Tenancy.Core.Catalog.Diffs;

/// <summary>Finds what looks like a rename: a table or column that is gone while an alike one is new.</summary>
internal static class RenameSuggestions
{
    private const double Alike = 0.6;

    /// <summary>The suggestions, the most alike first; each object is in one at most. None of what is said not to be renamed.</summary>
    /// <exception cref="TenancyException"><c>RenameNotFound</c>: that does not go.</exception>
    public static ImmutableArray<RenameSuggestion> Find(DiffContext context)
    {
        var none = context.Options.Renames.Where(static rename => rename.IsNone).ToDictionary(static rename => new ObjectIdentity(rename.Kind, rename.From, rename.Table));
        foreach (var (identity, rename) in none)
        {
            if (!context.From.Objects.ContainsKey(identity) || context.To.Objects.ContainsKey(identity))
            {
                throw new TenancyException("RenameNotFound", $"'{rename}' says that the {identity} goes and is not renamed, and there is none that goes.", "Check the name, or leave it out. A part of a table is named by the table's new name.");
            }
        }

        var gone = context.From.Objects.Values.Where(item => !context.To.Objects.ContainsKey(item.Identity) && !none.ContainsKey(item.Identity)).ToLookup(static item => (item.Identity.Kind, item.Identity.Table));
        var made = context.To.Objects.Values.Where(item => !context.From.Objects.ContainsKey(item.Identity)).ToLookup(static item => (item.Identity.Kind, item.Identity.Table));
        var candidates = gone.Where(static group => group.Key.Kind is "table" or "column").SelectMany(group => group.SelectMany(before => made[group.Key].Select(after => (before, after, Likeness: Likeness(before, after, context)))))
            .Where(static pair => pair.Likeness >= Alike).OrderByDescending(static pair => pair.Likeness).ThenBy(static pair => pair.before.Identity).ThenBy(static pair => pair.after.Identity);
        HashSet<ObjectIdentity> used = [];
        return [.. candidates.Where(pair => !used.Contains(pair.before.Identity) && !used.Contains(pair.after.Identity) && used.Add(pair.before.Identity) && used.Add(pair.after.Identity))
            .Select(static pair => new RenameSuggestion(new(pair.before.Identity.Kind, pair.before.Identity.Table, pair.before.Identity.Name, pair.after.Identity.Name), Math.Round(pair.Likeness, 2)))];
    }

    private static double Likeness(CatalogObject before, CatalogObject after, DiffContext context)
    {
        if (before.Identity.Kind == "table")
        {
            var (old, now) = (Columns(context.From, before), Columns(context.To, after));
            return old.Count == 0 ? 0 : (double)old.Intersect(now).Count() / old.Union(now).Count();
        }

        // A column must be of the same type; how much else is equal, the name included, counts half.
        var (names, rest) = (Names(before.Identity.Name, after.Identity.Name), before.Properties.Count == 0 ? 1 : 1 - ((double)PropertyValue.Changed(before, after).Length / before.Properties.Keys.Union(after.Properties.Keys).Count()));
        return before["type"] != after["type"] ? 0 : 0.5 + (0.25 * names) + (0.25 * rest);
    }

    private static HashSet<string> Columns(ObjectSet set, CatalogObject table) => [.. set.ColumnsOf(table.Identity.Name).Select(static column => $"{column.Identity.Name} {column["type"]}")];

    /// <summary>How many pairs of neighbouring letters two names share (Dice's coefficient).</summary>
    private static double Names(string one, string other)
    {
        HashSet<string> Pairs(string name) => [.. Enumerable.Range(0, Math.Max(0, name.Length - 1)).Select(at => name.Substring(at, 2))];
        var (first, second) = (Pairs(one), Pairs(other));
        return first.Count + second.Count == 0 ? 0 : 2.0 * first.Intersect(second).Count() / (first.Count + second.Count);
    }
}
