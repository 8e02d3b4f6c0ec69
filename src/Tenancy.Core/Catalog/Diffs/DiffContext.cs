using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Tenancy.Core.Operations;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Catalog.Diffs;

/// <summary>What the rules of the kinds need to know, and where they write to.</summary>
/// <param name="options">How to write.</param>
/// <param name="from">The objects as they are, by their names afterwards.</param>
/// <param name="to">The objects as they are to be.</param>
internal sealed class DiffContext(DiffOptions options, ObjectSet from, ObjectSet to)
{
    private readonly SqlForManifest sql = new(options.OwnToken, options.Scope == Manifests.MigrationScope.Tenant ? "tenant" : "shared");

    private readonly List<ManifestOperation> operations = [];

    private readonly List<ChangeHazard> hazards = [];

    /// <summary>How to write.</summary>
    public DiffOptions Options => options;

    /// <summary>The objects as they are.</summary>
    public ObjectSet From => from;

    /// <summary>The objects as they are to be.</summary>
    public ObjectSet To => to;

    /// <summary>The containers that this diff creates: nobody uses them yet, so nothing on them blocks anybody.</summary>
    public HashSet<ObjectIdentity> Created { get; } = [];

    /// <summary>What goes and comes again, by statements of its own.</summary>
    public HashSet<ObjectIdentity> Replaced { get; } = [];

    /// <summary>Columns whose type is another, or another of the same name.</summary>
    public HashSet<ObjectIdentity> Retyped { get; } = [];

    /// <summary>Routines whose bodies name what is made after them.</summary>
    public HashSet<ObjectIdentity> Unchecked { get; } = [];

    /// <summary>What cannot be said.</summary>
    public List<InexpressibleDifference> Inexpressible { get; } = [];

    /// <summary>Is the table made by this diff?</summary>
    public bool IsNew(string? table) => table is not null && to.Relation(table) is { } relation && Created.Contains(relation.Identity);

    /// <summary>A table, as hazards name it, that others use already; null for one that this diff makes.</summary>
    /// <param name="printed">The table as the server printed it, or as an operation names it.</param>
    public string? InUse(string printed)
    {
        var name = OwnNames.Parse(printed, options.OwnToken);
        return name.Schema is null && IsNew(name.Name) ? null : name.ToString();
    }

    /// <summary>True while a change is written that must not commit.</summary>
    public bool IsPlain { get; set; }

    /// <summary>Are forms used that let writers go on? Not for tables that nobody has seen, nor, of most forms, for divided ones.</summary>
    public bool IsOnline(string? table) => !options.UsesPlainForms && !IsPlain && !IsNew(table);

    /// <summary>Is the table divided into partitions?</summary>
    public bool IsPartitioned(string? table) => table is not null && (to.Relation(table) ?? from.Relation(table))?["partition_by"] is not null;

    /// <summary>Writes an operation.</summary>
    public void Write(string operation, params ReadOnlySpan<(string Key, JsonNode? Value)> entries) => operations.Add(ManifestOperation.Typed(operation, entries));

    /// <summary>Writes SQL.</summary>
    public void WriteSql(string text) => operations.Add(new("sql", JsonValue.Create(text)));

    /// <summary>Tells a hazard.</summary>
    public void Warn(ChangeHazard hazard)
    {
        if (!hazards.Contains(hazard))
        {
            hazards.Add(hazard);
        }
    }

    /// <summary>Tells that nobody may use a table for an instant, unless this diff makes it.</summary>
    /// <param name="table">The table's name.</param>
    public void WarnInstant(string table)
    {
        if (!IsNew(table))
        {
            Warn(Hazards.Instant(table));
        }
    }

    /// <summary>Tells what cannot be said.</summary>
    public void Refuse(ObjectIdentity identity, string message) => Inexpressible.Add(new(identity, message));

    /// <summary>Takes what was written for one change.</summary>
    public (ImmutableArray<ManifestOperation> Operations, ImmutableArray<ChangeHazard> Hazards) Take()
    {
        var taken = (operations.ToImmutableArray(), hazards.ToImmutableArray());
        operations.Clear();
        hazards.Clear();
        return taken;
    }

    /// <summary>SQL of the server as a manifest may hold it.</summary>
    public string Sql(string text) => sql.Of(text);

    /// <summary>An expression of the server as a manifest may hold it; absent for null.</summary>
    public JsonNode? Expression(string? text) => text is null ? null : JsonValue.Create(sql.Of(PropertyValue.Bare(text)));

    /// <summary>A name of the compared schema as typed operations take it.</summary>
    public static string Named(string name) => name.AsSpan().IndexOfAny('.', '"') >= 0 ? SqlIdentifier.Quote(name) : name;

    /// <summary>A name of the compared schema in SQL: qualified, so that both modes can run it.</summary>
    public string InSql(string name) => $"{Token}.{SqlIdentifier.Quote(name)}";

    /// <summary>A name as the server printed it in SQL: qualified.</summary>
    public string Qualified(string printed) => ObjectName.Parse(printed) is { Schema: null } own ? InSql(own.Name) : printed;

    /// <summary>A type as the server printed it, as people read it: without the compared schema's token.</summary>
    public string Shown(string printed) => OwnNames.Bare(printed, options.OwnToken);

    /// <summary>The token of the compared schema in SQL.</summary>
    public string Token => SqlTokens.InSql(options.OwnToken);

    /// <summary>The compared schema, quoted, within a string that is a name.</summary>
    public string Placeholder => $"${{{(options.Scope == Manifests.MigrationScope.Tenant ? "tenant" : "shared")}.quoted}}";

    /// <summary>Storage parameters as a manifest writes them; absent where there are none.</summary>
    public static JsonNode? Parameters(CatalogObject? item, string property = "with") => item is null ? null : Parameters(item.Parameters(property));

    /// <summary>The parameters that change, null for those that go; absent where none does.</summary>
    public static JsonNode? ParameterChanges(CatalogObject from, CatalogObject to, string property = "with")
    {
        var (before, after) = (from.Parameters(property), to.Parameters(property));
        return Parameters([.. after.Where(parameter => !before.Contains(parameter)), .. before.Where(parameter => after.All(other => other.Name != parameter.Name)).Select(static parameter => (parameter.Name, ManifestMapping.Null))]);
    }

    private static JsonObject? Parameters(ImmutableArray<(string Name, string Value)> parameters) =>
        parameters.IsEmpty ? null : new JsonObject(parameters.Select(static parameter => KeyValuePair.Create(parameter.Name, (JsonNode?)JsonValue.Create(parameter.Value))));
}
