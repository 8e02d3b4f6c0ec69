namespace Tenancy.Core.Catalog.Diffs;

/// <summary>The names of the sequences of identity columns: they stay when a table or column is renamed, and get the ones that are wanted.</summary>
internal static class IdentityNames
{
    private const string Kind = "identity_sequence";

    /// <summary>Renames them.</summary>
    /// <param name="objects">The objects after the renames that were asked for.</param>
    /// <param name="target">The snapshot that is wanted.</param>
    /// <param name="before">Gives the identity that an object had before these.</param>
    /// <param name="steps">Takes the renames.</param>
    public static void Align(Dictionary<ObjectIdentity, CatalogObject> objects, SchemaSnapshot target, Func<ObjectIdentity, ObjectIdentity> before, List<ChangeNode> steps)
    {
        List<(ObjectIdentity Sequence, string From, string To)> pending = [];
        foreach (var column in objects.Values.Where(column => IsIdentity(column) && target.Objects.TryGetValue(column.Identity, out var wanted) && IsIdentity(wanted)).OrderBy(static column => column.Identity).ToList())
        {
            var (sequence, old) = (column.Identity with { Kind = Kind }, before(column.Identity));
            var (was, name) = (objects.GetValueOrDefault(sequence)?["name"], target.Objects.GetValueOrDefault(sequence)?["name"]);
            if (was == name && (old == column.Identity || name is not null))
            {
                continue;
            }

            pending.Add((sequence, was ?? IdentitySequenceRules.Usual(old), name ?? IdentitySequenceRules.Usual(column.Identity)));
            SetName(objects, sequence, name);
        }

        pending.RemoveAll(static rename => rename.From == rename.To);
        while (pending.Count > 0)
        {
            // One after another as names become free; in a circle one takes another name for a while.
            var next = pending.FindIndex(rename => pending.TrueForAll(other => other.From != rename.To));
            var (sequence, from, to) = pending[Math.Max(next, 0)];
            pending.RemoveAt(Math.Max(next, 0));
            if (next < 0)
            {
                var temporary = IndexText.Temporary(from);
                steps.Add(Step(sequence with { Name = $"{sequence.Name}\0" }, from, temporary));
                pending.Add((sequence, temporary, to));
            }
            else
            {
                steps.Add(Step(sequence, from, to));
            }
        }
    }

    private static bool IsIdentity(CatalogObject column) => column.Identity.Kind == "column" && column["identity"] is not null && !column.Is("inherited");

    private static void SetName(Dictionary<ObjectIdentity, CatalogObject> objects, ObjectIdentity sequence, string? name)
    {
        var properties = objects.GetValueOrDefault(sequence)?.Properties ?? CatalogObject.NoProperties;
        properties = name is null ? properties.Remove("name") : properties.SetItem("name", name);
        objects.Remove(sequence);
        if (!properties.IsEmpty)
        {
            objects[sequence] = new CatalogObject { Identity = sequence, Properties = properties };
        }
    }

    private static ChangeNode Step(ObjectIdentity sequence, string from, string to)
    {
        CatalogObject Named(string name) => new() { Identity = sequence, Properties = CatalogObject.NoProperties, ActualName = name };
        return new(sequence, ChangeStep.Rename) { From = Named(from), To = Named(to) };
    }
}
