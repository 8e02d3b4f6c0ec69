using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;
using Tenancy.Core.Operations;
using Tenancy.Core.Sql;
using Tenancy.Model;

namespace Tenancy.Core.Catalog.Diffs;

/// <summary>
/// The objects of a snapshot as they will be called after renames, so that a diff finds under one name what is one thing. What PostgreSQL prints with the new name by itself (columns in keys and
/// conditions, tables in keys) is written so here; views keep what they call their columns, and so are printed in another way: they differ, and are replaced.
/// </summary>
internal sealed class RenamedObjects
{
    private static readonly string[] Types = ["enum", "domain", "composite_type", "range_type"];

    private static readonly string[] Expressions = ["check", "where", "generated", "exclude", "partition_by", "using", "with_check", "when", "expression"];

    private readonly Dictionary<ObjectIdentity, CatalogObject> objects;

    private readonly Dictionary<ObjectIdentity, ObjectIdentity> names = [];

    private readonly string token;

    /// <summary>The objects of a snapshot whose properties are canonical (<see cref="PropertyValue.Canonical(SchemaSnapshot)"/>), not renamed yet.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="token">What its own names are qualified with, where they are.</param>
    public RenamedObjects(SchemaSnapshot snapshot, string token) => (objects, this.token) = (new(snapshot.Objects), token);

    /// <summary>The objects under their new names.</summary>
    public IEnumerable<CatalogObject> Objects => objects.Values;

    /// <summary>The renames that take a statement, in order.</summary>
    public List<ChangeNode> Steps { get; } = [];

    /// <summary>The dependencies of the snapshot under the new names.</summary>
    public IEnumerable<(ObjectIdentity From, ObjectIdentity To)> Dependencies(SchemaSnapshot snapshot) => snapshot.Dependencies.Select(pair => (Now(pair.From), Now(pair.To)));

    /// <summary>Renames what was asked for.</summary>
    /// <param name="rename">The rename.</param>
    /// <param name="target">The snapshot that has the new name.</param>
    /// <exception cref="TenancyException"><c>RenameNotFound</c>: there is no such object, or there is none of the new name.</exception>
    public void Apply(ObjectRename rename, SchemaSnapshot target)
    {
        var identity = Find(rename);
        var renamed = identity with { Name = rename.Kind is "function" or "procedure" ? $"{rename.To}{identity.Name[identity.Name.IndexOf('(', StringComparison.Ordinal)..]}" : rename.To };
        if (!target.Objects.ContainsKey(renamed))
        {
            throw new TenancyException("RenameNotFound", $"The rename {rename} leads to nothing: the schema that is wanted has no {renamed}.", "Check the name, or leave the rename out.");
        }

        if (objects.ContainsKey(renamed))
        {
            throw new TenancyException("RenameNotFound", $"The rename {rename} cannot be: there is a {renamed} already.", "Leave the rename out, or rename that one too, before this. Names that are exchanged, or go round in a circle, need a step in between that only a manifest written by hand has: rename one to a name that nothing has, then the others, then that one.");
        }

        var old = objects[identity];
        Steps.Add(new ChangeNode(renamed, ChangeStep.Rename) { From = old, To = target.Objects[renamed] });
        Rewrite(rename, identity, renamed);
    }

    /// <summary>Takes as one what is one but for its name (constraints, indexes and the sequences of columns, of equal definition), and renames it.</summary>
    /// <param name="target">The snapshot that is wanted.</param>
    public void MatchDefinitions(SchemaSnapshot target)
    {
        foreach (var kind in (ReadOnlySpan<string>)["constraint", "index", "sequence"])
        {
            bool IsOpen(CatalogObject item, IReadOnlyDictionary<ObjectIdentity, CatalogObject> others) =>
                item.Identity.Kind == kind && (kind != "sequence" || item["owned_by"] is not null) && !(others.TryGetValue(item.Identity, out var same) && same.Equals(item));
            var gone = objects.Values.Where(item => IsOpen(item, target.Objects)).OrderBy(static item => item.Identity).ToList();
            var open = target.Objects.Values.Where(item => IsOpen(item, objects)).OrderBy(static item => item.Identity).ToList();
            if (gone.Count == 0 && open.Count == 0)
            {
                continue;
            }

            // Of several names that PostgreSQL made alike but for a number, each must be the one that is wanted: else a later change would hit another.
            var groups = gone.Concat(open).Select(Group).ToHashSet();
            var wanted = open.GroupBy(Definition).ToDictionary(static group => group.Key, static group => new Queue<CatalogObject>(group));
            Match([.. gone.Select(item => (Item: item, Wanted: wanted.TryGetValue(Definition(item), out var candidates) && candidates.TryDequeue(out var candidate) ? candidate : null)).Where(static pair => pair.Wanted is not null).Select(static pair => (pair.Item, pair.Wanted!))]);
            Align(objects.Values.Where(item => item.Identity.Kind == kind && target.Objects.TryGetValue(item.Identity, out var other) && other.Name() != item.Name() && (groups.Contains(Group(item)) || groups.Contains(Group(other)))), target);
        }

        IdentityNames.Align(objects, target, Before, Steps);
    }

    /// <summary>The identity of an object after the renames.</summary>
    public ObjectIdentity Now(ObjectIdentity identity) => names.GetValueOrDefault(identity, identity);

    private static string Definition(CatalogObject item) => $"{item.Identity.Table}\n{string.Join('\n', item.Properties.Where(static pair => pair.Key is not ("comment" or "with" or "statistics")).Select(static pair => $"{pair.Key}={pair.Value}"))}";

    private void Match(List<(CatalogObject Item, CatalogObject Wanted)> pairs)
    {
        foreach (var (item, _) in pairs)
        {
            objects.Remove(item.Identity);
        }

        // What stands where a matched one goes differs from it, and so goes away: under its actual name, which it keeps.
        foreach (var (item, wanted) in pairs)
        {
            if (objects.Remove(wanted.Identity, out var other))
            {
                var aside = other.Identity with { Name = $"{other.Identity.Name}\0" };
                names[Before(other.Identity)] = aside;
                objects[aside] = other.As(aside, other.Properties, other.Name());
            }

            names[Before(item.Identity)] = wanted.Identity;
            objects[wanted.Identity] = item.As(wanted.Identity, item.Properties, item.Name());
        }
    }

    /// <summary>Gives each the name that it has in the schema that is wanted, one after another as names become free; where they stand in a circle, one takes another name for a while.</summary>
    private void Align(IEnumerable<CatalogObject> items, SchemaSnapshot target)
    {
        var pending = items.OrderBy(static item => item.Identity).ToList();
        while (pending.Count > 0)
        {
            var taken = pending.Select(static item => (Table: Scope(item), Name: item.Name())).ToHashSet();
            var next = pending.FindIndex(item => !taken.Contains((Scope(item), target.Objects[item.Identity].Name())));
            var old = pending[Math.Max(next, 0)];
            var identity = old.Identity;
            var renamed = old.As(identity, old.Properties, next < 0 ? IndexText.Temporary(old.Name()) : target.Objects[identity].Name());
            Steps.Add(new ChangeNode(next < 0 ? identity with { Name = $"{identity.Name}\0" } : identity, ChangeStep.Rename) { From = old, To = renamed });
            objects[identity] = renamed;
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
        foreach (var item in objects.Values.Where(static item => item["default"]?.Contains("::regclass", StringComparison.Ordinal) == true).ToList())
        {
            objects[item.Identity] = item.With(item.Properties.SetItem("default", InDefault(item["default"]!, from, to)));
        }
    }

    private string InDefault(string value, string from, string to) => new[] { "", $"{SqlName(token)}." }
        .Aggregate(value, (text, schema) => text.Replace($"'{schema}{SqlName(from)}'::regclass", $"'{schema}{SqlName(to)}'::regclass", StringComparison.Ordinal));

    private static string Scope(CatalogObject item) => item.Identity.Kind == "constraint" ? item.Identity.Table! : "";

    private static string Group(CatalogObject item) => $"{item.Identity.Table}\n{item.Name().TrimEnd(Digits)}";

    private static readonly char[] Digits = [.. "0123456789"];

    /// <summary>The identity in the snapshot, before any rename.</summary>
    private ObjectIdentity Before(ObjectIdentity identity) => names.FirstOrDefault(pair => pair.Value == identity) is { Key.Kind: not null } pair ? pair.Key : identity;

    private ObjectIdentity Find(ObjectRename rename)
    {
        var exact = new ObjectIdentity(rename.Kind, rename.From, rename.Table);
        if (objects.ContainsKey(exact))
        {
            return exact;
        }

        var actual = objects.Values.Where(item => item.Identity.Kind == rename.Kind && item.Identity.Table == rename.Table
            && (item.Name() == rename.From || (rename.Kind is "function" or "procedure" && item.Identity.Name.StartsWith(rename.From + "(", StringComparison.Ordinal)))).ToList();
        return actual switch
        {
            [var only] => only.Identity,
            [] => throw new TenancyException("RenameNotFound", $"The rename {rename} begins at nothing: there is no {exact}.", "Check the name, or leave the rename out. A part of a table is named by the table's new name, and a table is renamed before its parts."),
            _ => throw new TenancyException("RenameNotFound", $"The rename {rename} fits several: {string.Join(", ", actual)}.", "Write the argument types too."),
        };
    }

    private void Rewrite(ObjectRename rename, ObjectIdentity from, ObjectIdentity to)
    {
        var tables = rename.Kind == "column" ? Family(rename.Table!) : [];
        foreach (var item in objects.Values.ToList())
        {
            var identity = item.Identity == from ? to
                : rename.Kind is "table" or "view" or "materialized_view" or "domain" && item.Identity.Table == from.Name ? item.Identity with { Table = to.Name }
                : item.Identity.Kind is "column" or "identity_sequence" && item.Identity.Table is { } owner && tables.Contains(owner) && item.Identity.Name == from.Name ? item.Identity with { Name = to.Name }
                : Types.Contains(rename.Kind) && item.Identity.Kind is "function" or "procedure" or "aggregate" ? item.Identity with { Name = Replace(item.Identity.Name, from.Name, to.Name) }
                : item.Identity;
            var properties = item.Properties;
            foreach (var (key, value) in item.Properties)
            {
                properties = properties.SetItem(key, Rewrite(rename, item, tables, key, value));
            }

            if (identity != item.Identity || properties != item.Properties)
            {
                objects.Remove(item.Identity);
                names[Before(item.Identity)] = identity;
                objects[identity] = item.As(identity, properties, item.Identity == from ? to.Name : item.ActualName ?? (identity.Name == item.Identity.Name ? null : identity.Name));
            }
        }
    }

    /// <summary>A table with those that inherit its columns.</summary>
    private HashSet<string> Family(string table)
    {
        HashSet<string> family = new(StringComparer.Ordinal) { table };
        while (objects.Values.Where(item => item.Identity.Kind == "table" && item.Texts("inherits").Concat(item["partition_of"] is { } parent ? [parent] : []).Any(parent => family.Contains(ObjectName.Parse(parent).Name))).Any(item => family.Add(item.Identity.Name)))
        {
        }

        return family;
    }

    private string Rewrite(ObjectRename rename, CatalogObject item, HashSet<string> tables, string key, string value)
    {
        var isOwn = item.Identity.Table is { } table ? tables.Contains(table) : item.Identity.Kind == "table" && tables.Contains(item.Identity.Name);
        return rename.Kind switch
        {
            "column" when key == "references" => References(value, reference => tables.Contains(Name(reference)) ? Rename(reference, "columns", rename) : reference),
            "column" when key == "owned_by" => References(value, owner => tables.Contains(PropertyValue.Text(owner["table"])) && PropertyValue.Text(owner["column"]) == rename.From ? With(owner, "column", rename.To) : owner),
            "column" when isOwn && value.StartsWith('[') => List(value, rename),
            "column" when isOwn && Expressions.Contains(key) => Replace(value, rename.From, rename.To),
            "table" when key == "references" => References(value, reference => Name(reference) == rename.From ? With(reference, "table", Renamed(PropertyValue.Text(reference["table"]), rename)) : reference),
            "table" when key == "owned_by" => References(value, owner => PropertyValue.Text(owner["table"]) == rename.From ? With(owner, "table", rename.To) : owner),
            "table" when key is "inherits" => new JsonArray([.. JsonNode.Parse(value)!.AsArray().Select(parent => (JsonNode)Renamed(PropertyValue.Text(parent), rename))]).ToJsonString(PropertyValue.Plain),
            "table" when key is "partition_of" => Renamed(value, rename),
            "sequence" when key == "default" => InDefault(value, rename.From, rename.To),
            "index" when key == "cluster_on" && value == rename.From => rename.To,
            "index" when key == "replica_identity" && value.StartsWith('{') => References(value, index => PropertyValue.Text(index["index"]) == rename.From ? With(index, "index", rename.To) : index),
            _ when Types.Contains(rename.Kind) && key is "type" or "default" or "check" or "where" or "generated" or "returns" => Replace(value, rename.From, rename.To),
            _ => value,
        };
    }

    private static string Name(JsonObject reference) => ObjectName.Parse(PropertyValue.Text(reference["table"])).Name;

    private string Renamed(string text, ObjectRename rename) =>
        ObjectName.Parse(text) is var name && name.Name == rename.From && (name.Schema is null || name.Schema == token) ? $"{(name.Schema is null ? "" : $"{SqlName(token)}.")}{SqlName(rename.To)}" : text;

    /// <summary>A name as the server prints it.</summary>
    private static string SqlName(string name) => name.All(static character => char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character == '_') && !char.IsAsciiDigit(name[0]) ? name : SqlIdentifier.Quote(name);

    private static string References(string value, Func<JsonObject, JsonObject> change) => JsonNode.Parse(value) is JsonObject mapping && change(mapping) is var changed && changed != mapping ? changed.ToJsonString(PropertyValue.Plain) : value;

    private static JsonObject With(JsonObject mapping, string key, string value)
    {
        var copy = mapping.DeepClone().AsObject();
        copy[key] = value;
        return copy;
    }

    private static JsonObject Rename(JsonObject mapping, string key, ObjectRename rename)
    {
        var copy = mapping.DeepClone().AsObject();
        copy[key] = new JsonArray([.. mapping[key]!.AsArray().Select(name => (JsonNode)(PropertyValue.Text(name) == rename.From ? rename.To : PropertyValue.Text(name)))]);
        return copy;
    }

    private static string List(string value, ObjectRename rename)
    {
        JsonNode Item(JsonNode? node) => node switch
        {
            JsonValue text when PropertyValue.Text(text) == rename.From => rename.To,
            JsonObject mapping => new JsonObject(mapping.Select(pair => KeyValuePair.Create(pair.Key, pair.Key switch
            {
                "column" => Item(pair.Value),
                "expression" => (JsonNode?)Replace(PropertyValue.Text(pair.Value), rename.From, rename.To),
                _ => pair.Value?.DeepClone(),
            }))),
            JsonArray list => new JsonArray([.. list.Select(Item)]),
            _ => node!.DeepClone(),
        };
        return JsonNode.Parse(value) is JsonArray items && items.ToJsonString() is var before && Item(items) is var after && after.ToJsonString() != before ? after.ToJsonString(PropertyValue.Plain) : value;
    }

    /// <summary>A text of SQL with one name for another, wherever it stands as a name.</summary>
    private static string Replace(string sql, string from, string to)
    {
        if (!sql.Contains(from, StringComparison.Ordinal))
        {
            return sql;
        }

        var text = new StringBuilder();
        foreach (var token in SqlLexer.Tokenize(sql))
        {
            var piece = sql.Substring(token.Start, token.Length);
            text.Append(token.IsName && SqlIdentifier.Unquote(piece) == from ? SqlName(to) : piece);
        }

        return text.ToString();
    }
}
