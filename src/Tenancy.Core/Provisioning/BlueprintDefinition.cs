using System.Collections.Immutable;
using Tenancy.Core.Catalog;
using Tenancy.Core.Catalog.Diffs;
using Tenancy.Core.Manifests;
using Tenancy.Core.Operations;
using Tenancy.Core.Planning;
using Tenancy.Core.Revisions;
using Tenancy.Model;

namespace Tenancy.Core.Provisioning;

/// <summary>Turns a snapshot into statements: what leads from an empty schema to it, by the way of every difference (a manifest that is read and compiled), in parts with the rows between.</summary>
internal static class BlueprintDefinition
{
    private static readonly ImmutableHashSet<string> LateKinds = ["trigger", "rule", "policy", "materialized_view"];

    /// <summary>The statements.</summary>
    /// <param name="empty">A schema as a project makes it, without anything in it.</param>
    /// <param name="whole">The schema to be made.</param>
    /// <param name="project">The project.</param>
    /// <param name="touches">What the revisions behind it declare to change or lock outside the schema.</param>
    /// <param name="earlyKeys">Foreign keys that rows do not hinder.</param>
    /// <exception cref="TenancyException"><c>Inexpressible</c>: no statement makes some of it.</exception>
    public static Blueprint Of(SchemaSnapshot empty, SchemaSnapshot whole, TenancyProject project, IReadOnlyCollection<Touch> touches, IReadOnlySet<ObjectIdentity> earlyKeys)
    {
        var early = WithoutLate(whole, earlyKeys);
        var own = WithoutKeysElsewhere(whole);
        return new(Compile(empty, early, "early", project, touches), Compile(early, own, "late", project, touches), Compile(own, whole, "last", project, touches), whole);
    }

    private static PlanTransaction? Compile(SchemaSnapshot from, SchemaSnapshot to, string name, TenancyProject project, IReadOnlyCollection<Touch> touches)
    {
        var diff = SchemaDiff.Compare(from, to, new() { UsesPlainForms = true, Tokens = project.Tokens });
        if (diff.Inexpressible is [{ } first, ..] all)
        {
            throw new TenancyException("Inexpressible", $"{first}{(all.Length > 1 ? $" And {all.Length - 1} more." : "")}", "Replay the history.");
        }

        if (diff.Changes.IsEmpty)
        {
            return null;
        }

        var manifest = ManifestReader.ReadText($"revision: snapshot-{name}\nup:\n{diff.ToYaml()}down: {{irreversible: a snapshot}}\n", $"the snapshot ({name})", project);
        var stages = StageSplitter.Split(new RevisionStep { Manifest = manifest with { Touches = [.. manifest.Touches.Concat(touches).Distinct()] }, Direction = RevisionDirection.Up, Heads = HeadChange.Of([], []) }, project.Timeouts);
        return stages.FirstOrDefault(static stage => !stage.IsTransactional) is { } outside
            ? throw new TenancyException("Inexpressible", $"{outside.Description} cannot run in a transaction.", "Replay the history.")
            : new(stages);
    }

    // With all that needs them, and their parts.
    private static SchemaSnapshot WithoutLate(SchemaSnapshot whole, IReadOnlySet<ObjectIdentity> earlyKeys)
    {
        var late = whole.Objects.Values.Where(item => IsLate(item, earlyKeys)).Select(static item => item.Identity).ToHashSet();
        var tables = late.Where(static identity => identity.Kind == "materialized_view").Select(static identity => identity.Name).ToHashSet(StringComparer.Ordinal);
        for (var before = -1; before < late.Count;)
        {
            before = late.Count;
            late.UnionWith(whole.Objects.Keys.Where(identity => identity.Table is { } table && tables.Contains(table)));
            late.UnionWith(whole.Dependencies.Where(edge => late.Contains(edge.To)).Select(static edge => edge.From).Where(identity => identity.Kind is not "table" and not "column"));
            tables.UnionWith(late.Where(static identity => identity.Kind is "view" or "materialized_view").Select(static identity => identity.Name));
        }

        return Without(whole, late);
    }

    private static SchemaSnapshot WithoutKeysElsewhere(SchemaSnapshot whole)
    {
        var keys = whole.Objects.Values.Where(static item => item["foreign_key"] is not null && ObjectName.Parse(PropertyValue.Text(item.Mapping("references")!["table"])).Schema is not null).Select(static item => item.Identity).ToHashSet();
        return keys.Count == 0 ? whole : Without(whole, keys);
    }

    // Row-level security is forced at the end: it would hide rows from the check of a key.
    private static SchemaSnapshot Without(SchemaSnapshot whole, HashSet<ObjectIdentity> left) => new(
        whole.Objects.Values.Where(item => !left.Contains(item.Identity)).Select(static item => item["row_security_forced"] is null ? item : item.Without("row_security_forced")),
        whole.Dependencies.Where(edge => !left.Contains(edge.From) && !left.Contains(edge.To)));

    // Rows that were there before it need not meet what is not valid.
    private static bool IsLate(CatalogObject item, IReadOnlySet<ObjectIdentity> earlyKeys) =>
        LateKinds.Contains(item.Identity.Kind) || item.Is("not_valid") || (item["foreign_key"] is not null && !earlyKeys.Contains(item.Identity));

    private static CatalogObject Without(this CatalogObject item, string property) =>
        new() { Identity = item.Identity, Properties = item.Properties.Remove(property), Position = item.Position, ActualName = item.ActualName };
}
