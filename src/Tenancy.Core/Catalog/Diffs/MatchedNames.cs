namespace Tenancy.Core.Catalog.Diffs;

/// <summary>Takes as one what is one but for its name: constraints, indexes and the sequences of columns, of equal definition. Each gets the name that is wanted.</summary>
/// <param name="objects">The objects after the renames that were asked for.</param>
/// <param name="target">The snapshot that is wanted.</param>
internal sealed class MatchedNames(RenamedObjects objects, SchemaSnapshot target)
{
    private static readonly char[] Digits = [.. "0123456789"];

    /// <summary>Finds and renames them.</summary>
    public void Match()
    {
        List<CatalogObject> misnamed = [];
        foreach (var kind in (ReadOnlySpan<string>)["constraint", "index", "sequence"])
        {
            bool IsOpen(CatalogObject item, Func<ObjectIdentity, CatalogObject?> find) =>
                item.Identity.Kind == kind && (kind != "sequence" || item["owned_by"] is not null) && !item.Equals(find(item.Identity));
            var gone = objects.Objects.Where(item => IsOpen(item, target.Objects.GetValueOrDefault)).OrderBy(static item => item.Identity).ToList();
            var open = target.Objects.Values.Where(item => IsOpen(item, objects.Find)).OrderBy(static item => item.Identity).ToList();
            if (gone.Count == 0 && open.Count == 0)
            {
                continue;
            }

            // Of several names that PostgreSQL made alike but for a number, each must be the one that is wanted: else a later change would hit another.
            var groups = gone.Concat(open).Select(Group).ToHashSet();
            var wanted = open.GroupBy(Definition).ToDictionary(static group => group.Key, static group => new Queue<CatalogObject>(group));
            Take([.. gone.Select(item => (Item: item, Wanted: wanted.TryGetValue(Definition(item), out var candidates) && candidates.TryDequeue(out var candidate) ? candidate : null)).Where(static pair => pair.Wanted is not null).Select(static pair => (pair.Item, pair.Wanted!))]);
            misnamed.AddRange(objects.Objects.Where(item => item.Identity.Kind == kind && target.Objects.TryGetValue(item.Identity, out var other) && other.Name() != item.Name() && (groups.Contains(Group(item)) || groups.Contains(Group(other)))));
        }

        Align(misnamed);
    }

    private static string Definition(CatalogObject item) => $"{item.Identity.Table}\n{string.Join('\n', item.Properties.Where(static pair => pair.Key is not ("comment" or "with" or "statistics" or ObjectSet.ClusterOn or ObjectSet.ReplicaIdentity)).Select(static pair => $"{pair.Key}={pair.Value}"))}";

    private void Take(List<(CatalogObject Item, CatalogObject Wanted)> pairs)
    {
        foreach (var (item, _) in pairs)
        {
            objects.Remove(item.Identity, out _);
        }

        // What stands where a matched one goes differs from it, and so goes away: under its actual name, which it keeps.
        foreach (var (item, wanted) in pairs)
        {
            if (objects.Remove(wanted.Identity, out var other))
            {
                objects.Add(objects.Before(other.Identity), other.As(other.Identity with { Name = $"{other.Identity.Name}\0" }, other.Properties, other.Name()));
            }

            objects.Add(objects.Before(item.Identity), item.As(wanted.Identity, item.Properties, item.Name()));
        }
    }

    /// <summary>Gives each the name that it has in the schema that is wanted, one after another as names become free; where they stand in a circle, one takes another name for a while.</summary>
    private void Align(IEnumerable<CatalogObject> items)
    {
        var pending = items.OrderBy(static item => item.Identity).ToList();
        while (pending.Count > 0)
        {
            var taken = pending.SelectMany(ChangeOrder.Places).ToHashSet(StringComparer.Ordinal);
            var next = pending.FindIndex(item => !ChangeOrder.Places(target.Objects[item.Identity]).Any(taken.Contains));
            var old = pending[Math.Max(next, 0)];
            var identity = old.Identity;
            var renamed = old.As(identity, old.Properties, next < 0 ? IndexText.Temporary(old.Name()) : target.Objects[identity].Name());
            objects.Steps.Add(new ChangeNode(next < 0 ? identity with { Name = $"{identity.Name}\0" } : identity, ChangeStep.Rename) { From = old, To = renamed, IsRebuild = next < 0 });
            objects.Set(renamed);
            if (identity.Kind == "sequence")
            {
                RenameInDefaults(old.Name(), renamed.Name());
            }

            pending.RemoveAt(Math.Max(next, 0));
            if (next < 0)
            {
                pending.Add(renamed);
            }
        }
    }

    /// <summary>The server prints a sequence's new name in the defaults that use it.</summary>
    private void RenameInDefaults(string from, string to)
    {
        foreach (var item in objects.Objects.Where(static item => item["default"]?.Contains("::regclass", StringComparison.Ordinal) == true).ToList())
        {
            objects.Set(item.With(item.Properties.SetItem("default", objects.Values.InDefault(item["default"]!, from, to))));
        }
    }

    private static string Group(CatalogObject item) => $"{item.Identity.Table}\n{item.Name().TrimEnd(Digits)}";
}
