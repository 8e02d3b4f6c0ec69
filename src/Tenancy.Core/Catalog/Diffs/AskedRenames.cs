using System.Collections.Immutable;
using Tenancy.Core.Operations;
using Tenancy.Model;

namespace Tenancy.Core.Catalog.Diffs;

/// <summary>Carries out renames that were asked for. One whose name another has yet waits for that one's rename; where they go round in a circle (exchanged names) one takes another name for a while.</summary>
/// <param name="objects">The objects.</param>
/// <param name="renames">The renames, a table's before its parts'.</param>
/// <param name="target">The snapshot that has the new names.</param>
internal sealed class AskedRenames(RenamedObjects objects, ImmutableArray<ObjectRename> renames, SchemaSnapshot target)
{
    /// <summary>What has the names of other things in its text, and is not known by it.</summary>
    private static readonly ImmutableArray<string> Texts = ["view", "materialized_view", "rule", "policy", "function", "procedure"];

    private static readonly ImmutableArray<string> Routines = ["function", "procedure"];

    private readonly HashSet<ObjectRename> begun = [];

    private readonly HashSet<ObjectRename> done = [];

    private readonly Dictionary<ObjectRename, ObjectIdentity> aside = [];

    /// <summary>Carries them out.</summary>
    /// <exception cref="TenancyException"><c>RenameNotFound</c>: one begins or leads to nothing, or its name is taken.</exception>
    public void Apply()
    {
        foreach (var rename in renames.Where(static rename => !rename.IsNone))
        {
            Apply(rename);
        }
    }

    private void Apply(ObjectRename rename)
    {
        if (!begun.Add(rename))
        {
            return;
        }

        var identity = Find(rename);
        var renamed = Named(identity, rename.To);
        if (!target.Objects.TryGetValue(renamed, out var wanted))
        {
            throw new TenancyException("RenameNotFound", $"The rename {rename} leads to nothing: the schema that is wanted has no {renamed}.", "Check the name, or leave the rename out.");
        }

        if (objects.Find(renamed) is { } other)
        {
            MakeRoom(rename, other);
            identity = aside.GetValueOrDefault(rename, identity);
        }

        Change(rename, identity, wanted);
        done.Add(rename);
    }

    private void MakeRoom(ObjectRename rename, CatalogObject other)
    {
        if (renames.FirstOrDefault(next => !next.IsNone && Fits(next, other)) is not { } way || done.Contains(way))
        {
            throw new TenancyException("RenameNotFound", $"The rename {rename} cannot be: there is a {other} already.", "Leave the rename out, or rename that one too.");
        }

        if (!begun.Contains(way))
        {
            Apply(way);
            return;
        }

        var taken = objects.Objects.Concat(target.Objects.Values).Where(item => item.Identity.Kind == way.Kind).Select(static item => item.Identity.Name.Split('(')[0]).ToHashSet(StringComparer.Ordinal);
        var moved = Named(other.Identity, SqlText.ConstraintName(way.From.Split('(')[0], [], "old", taken));
        aside[way] = moved;
        Change(way with { To = moved.Name.Split('(')[0] }, other.Identity, other.As(moved, other.Properties, null), isAside: true);
    }

    private void Change(ObjectRename rename, ObjectIdentity from, CatalogObject to, bool isAside = false)
    {
        objects.Steps.Add(new ChangeNode(to.Identity, ChangeStep.Rename) { From = objects.Find(from), To = to, IsRebuild = isAside });
        MarkUsers(from);
        Rewrite(rename with { From = from.Name }, from, to.Identity);
    }

    private static ObjectIdentity Named(ObjectIdentity identity, string name) =>
        identity with { Name = Routines.Contains(identity.Kind) ? $"{name}{identity.Name[identity.Name.IndexOf('(', StringComparison.Ordinal)..]}" : name };

    /// <summary>Is an object what a rename begins at? Its own name in the schema counts too, and a routine needs no argument types.</summary>
    private static bool Fits(ObjectRename rename, CatalogObject item) => item.Identity.Kind == rename.Kind && item.Identity.Table == rename.Table
        && (item.Identity.Name == rename.From || item.Name() == rename.From || (Routines.Contains(rename.Kind) && item.Identity.Name.StartsWith(rename.From + "(", StringComparison.Ordinal)));

    private ObjectIdentity Find(ObjectRename rename)
    {
        var exact = new ObjectIdentity(rename.Kind, rename.From, rename.Table);
        if (objects.Find(exact) is not null)
        {
            return exact;
        }

        return objects.Objects.Where(item => Fits(rename, item)).ToList() switch
        {
            [var only] => only.Identity,
            [] => throw new TenancyException("RenameNotFound", $"The rename {rename} begins at nothing: there is no {exact}.", "Check the name, or leave the rename out. A part of a table is named by the table's new name, and a table is renamed before its parts."),
            var several => throw new TenancyException("RenameNotFound", $"The rename {rename} fits several: {string.Join(", ", several)}.", "Write the argument types too."),
        };
    }

    /// <summary>What names a thing in its text keeps the old name in some way of its own, or has the new one already: it is not compared as text.</summary>
    private void MarkUsers(ObjectIdentity from)
    {
        foreach (var (user, _) in objects.Dependencies.Where(pair => Texts.Contains(pair.From.Kind) && (pair.To == from || pair.To.Table == from.Name) && pair.From.Table != from.Name).ToList())
        {
            if (objects.Find(user) is { } item && (!Routines.Contains(user.Kind) || item["sql_body"] is not null))
            {
                objects.Set(item.With(item.Properties.SetItem(RenamedObjects.Mark, "true")));
            }
        }
    }

    private void Rewrite(ObjectRename rename, ObjectIdentity from, ObjectIdentity to)
    {
        var tables = rename.Kind == "column" ? Family(rename.Table!) : [];
        foreach (var item in objects.Objects.ToList())
        {
            var identity = item.Identity == from ? to
                : rename.Kind is "table" or "view" or "materialized_view" or "domain" && item.Identity.Table == from.Name ? item.Identity with { Table = to.Name }
                : item.Identity.Kind is "column" or "identity_sequence" && item.Identity.Table is { } owner && tables.Contains(owner) && item.Identity.Name == from.Name ? item.Identity with { Name = to.Name }
                : RenamedValues.IsType(rename.Kind) && item.Identity.Kind is "function" or "procedure" or "aggregate" ? item.Identity with { Name = RenamedValues.RenameType(item.Identity.Name, rename.Kind, from.Name, to.Name) }
                : item.Identity;
            var properties = item.Properties;
            foreach (var (key, value) in item.Properties)
            {
                properties = properties.SetItem(key, objects.Values.Rewrite(rename, item, tables, key, value));
            }

            if (identity != item.Identity || properties != item.Properties)
            {
                objects.Remove(item.Identity, out _);
                objects.Add(objects.Before(item.Identity), item.As(identity, properties, item.Identity == from ? to.Name : item.ActualName ?? (identity.Name == item.Identity.Name ? null : identity.Name)));
            }
        }
    }

    /// <summary>A table with those that inherit its columns.</summary>
    private HashSet<string> Family(string table)
    {
        HashSet<string> family = new(StringComparer.Ordinal) { table };
        while (objects.Objects.Where(item => item.Identity.Kind == "table" && Inheritance.Parents(item, objects.OwnToken).Any(family.Contains)).Any(item => family.Add(item.Identity.Name)))
        {
        }

        return family;
    }
}
