using System.Buffers;
using System.Collections.Immutable;
using Tenancy.Core.Manifests;

namespace Tenancy.Core.Revisions;

/// <summary>The ids and labels of a project: each stands for one revision.</summary>
internal sealed class RevisionNames
{
    /// <summary>Words of the identifier grammar.</summary>
    public static readonly ImmutableArray<string> Reserved = ["base", "current", "head", "heads"];

    private static readonly SearchValues<char> Signs = SearchValues.Create("@+:");

    private readonly GraphErrors errors;

    private RevisionNames(GraphErrors errors) => this.errors = errors;

    /// <summary>Revisions by id.</summary>
    public Dictionary<string, RevisionNode> Ids { get; } = new(StringComparer.Ordinal);

    /// <summary>Revisions by the label they carry.</summary>
    public Dictionary<string, RevisionNode> Labels { get; } = new(StringComparer.Ordinal);

    /// <summary>Takes the names of all manifests; of doubles the first in ordinal order of path stands.</summary>
    public static RevisionNames Collect(ImmutableArray<Manifest> manifests, GraphErrors errors)
    {
        var names = new RevisionNames(errors);
        foreach (var manifest in manifests.OrderBy(static manifest => manifest.Path, StringComparer.Ordinal))
        {
            names.AddId(manifest);
        }

        foreach (var node in names.Ids.Values)
        {
            foreach (var label in node.Manifest.Labels)
            {
                names.AddLabel(node, label);
            }
        }

        return names;
    }

    private void AddId(Manifest manifest)
    {
        var id = manifest.Revision;
        if (!Ids.TryAdd(id, new(manifest)))
        {
            errors.Add(manifest, $"Revision '{id}' is also in {Ids[id].Manifest.Path}: give one of {manifest.Path} and {Ids[id].Manifest.Path} another id.");
            return;
        }

        Check(manifest, "revision id", id);
    }

    private void AddLabel(RevisionNode node, string label)
    {
        Check(node.Manifest, "label", label);
        if (Ids.TryGetValue(label, out var same))
        {
            errors.Add(node.Manifest, $"Label '{label}' of revision '{node.Id}' is also the id of the revision in {same.Manifest.Path}: an identifier must mean one of them.");
        }
        else if (!Labels.TryAdd(label, node))
        {
            var first = Labels[label];
            errors.Add(node.Manifest, ReferenceEquals(first, node)
                ? $"Label '{label}' of revision '{node.Id}' is written twice."
                : $"Label '{label}' of revision '{node.Id}' is also on revision '{first.Id}' in {first.Manifest.Path}: a label marks one revision, and all that follow it have it.");
        }
    }

    private void Check(Manifest manifest, string what, string name)
    {
        if (name.Length == 0)
        {
            errors.Add(manifest, $"A {what} is empty.");
        }
        else if (Reserved.Contains(name))
        {
            errors.Add(manifest, $"'{name}' cannot be a {what}: the word means a place in the graph (as do {string.Join(", ", Reserved.Where(word => word != name))}).");
        }
        else if (name.AsSpan().ContainsAny(Signs) || name.Any(char.IsWhiteSpace))
        {
            errors.Add(manifest, $"'{name}' cannot be a {what}: '@', '+', ':' and white space have a meaning in identifiers such as 'label@head' and 'rev+1'. Use letters, digits, '_' and '-'.");
        }
        else if (ReadsAsRelative(name))
        {
            errors.Add(manifest, $"'{name}' cannot be a {what}: a '-' at its start, or before digits at its end, would read as so many revisions back, as in 'rev-1'.");
        }
    }

    private static bool ReadsAsRelative(string name)
    {
        var digits = name.AsSpan().TrimEnd("0123456789");
        return name[0] == '-' || (digits.Length < name.Length && digits.EndsWith("-"));
    }
}
