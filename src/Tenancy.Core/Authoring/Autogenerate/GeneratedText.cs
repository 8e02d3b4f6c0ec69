using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;
using Tenancy.Core.Catalog;
using Tenancy.Core.Catalog.Diffs;
using Tenancy.Core.Catalog.Drift;
using Tenancy.Core.Manifests;
using Tenancy.Core.Operations;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Authoring.Autogenerate;

/// <summary>The part of a generated manifest that is not its head: what it costs as comments, <c>touches</c>, <c>up</c> and <c>down</c>.</summary>
internal static class GeneratedText
{
    private const int LongestDescription = 72;

    /// <summary>The text, with line feeds only.</summary>
    /// <param name="project">The project.</param>
    /// <param name="desired">Where it is said how the schema is to be.</param>
    /// <param name="up">The changes.</param>
    /// <param name="down">The changes back.</param>
    /// <param name="shapes">Both schemas, with bare names.</param>
    public static string Write(TenancyProject project, string desired, SchemaDiff up, SchemaDiff down, params ReadOnlySpan<SchemaSnapshot> shapes)
    {
        var text = new StringBuilder();
        Comment(text, $"Generated, and proved on a copy of the specimen. As it is to be: {desired}");
        AddCosts(text, up);
        AddTouches(text, FindTouches(project, up, down, shapes));
        text.Append("up:\n").Append(up.ToYaml());
        if (!down.Inexpressible.IsEmpty)
        {
            return text.Append("down: {irreversible: ").Append(YamlText.Quoted(string.Join(" ", down.Inexpressible.Select(static left => left.ToString())))).Append("}\n").ToString();
        }

        return (down.Changes.IsEmpty ? text.Append("down: []\n") : text.Append("down:\n").Append(down.ToYaml())).ToString();
    }

    /// <summary>The text of a repair: for tenants that are named, and only recorded on all others. To undo it does nothing, because nobody wants drift back.</summary>
    /// <param name="project">The project.</param>
    /// <param name="desired">Where it is said how the schema is to be.</param>
    /// <param name="tenants">The schemas that have drifted so.</param>
    /// <param name="up">The changes.</param>
    /// <param name="shapes">Both schemas, with bare names.</param>
    public static string WriteRepair(TenancyProject project, string desired, ImmutableArray<RepairedSchema> tenants, SchemaDiff up, params ReadOnlySpan<SchemaSnapshot> shapes)
    {
        var text = new StringBuilder();
        Comment(text, $"Generated, and proved on a copy of a tenant that has drifted. As it is to be: {desired}");
        Comment(text, "It is run on these tenants, as long as their schemas are as they were, and only recorded on all others:");
        foreach (var tenant in tenants.OrderBy(static tenant => tenant.Name, StringComparer.Ordinal))
        {
            Comment(text, $"  {tenant.Name} ({tenant.Mark[..8]})");
        }

        AddCosts(text, up);
        text.Append("requires:\n  - sql: |\n");
        foreach (var line in RepairedSchema.Question(tenants).Split('\n'))
        {
            text.Append("      ").Append(line).Append('\n');
        }

        text.Append("    on_fail: mark_applied\n    message: it is not among the tenants that had drifted so, or is not as it was then\n");
        AddTouches(text, FindTouches(project, up, up, shapes));
        return text.Append("up:\n").Append(up.ToYaml()).Append("down: []\n").ToString();
    }

    private static void AddCosts(StringBuilder text, SchemaDiff up)
    {
        foreach (var change in up.Changes)
        {
            foreach (var hazard in change.Hazards)
            {
                Comment(text, $"{change.Identity}: {hazard.Message}");
            }
        }

        foreach (var left in up.Inexpressible)
        {
            Comment(text, $"NOT in here: {left}");
        }
    }

    private static void AddTouches(StringBuilder text, SortedSet<string> touches)
    {
        if (touches.Count > 0)
        {
            text.Append("touches: [").AppendJoin(", ", touches.Select(YamlText.Scalar)).Append("]\n");
        }
    }

    /// <summary>What the changes are, in one line.</summary>
    /// <param name="diff">The changes.</param>
    public static string Describe(SchemaDiff diff)
    {
        var said = "";
        var changes = diff.Changes.Where(static change => !change.IsRebuild).ToList();
        foreach (var change in changes)
        {
            var next = $"{(said.Length == 0 ? "" : ", ")}{change.Kind.ToString().ToLowerInvariant()} {change.Identity}";
            if (said.Length > 0 && said.Length + next.Length > LongestDescription)
            {
                var rest = changes.Count - changes.IndexOf(change);
                said += $" and {rest} more";
                break;
            }

            said += next;
        }

        return said.Length == 0 ? "Changes" : char.ToUpperInvariant(said[0]) + said[1..];
    }

    private static void Comment(StringBuilder text, string line) => text.Append("# ").Append(line.ReplaceLineEndings(" ")).Append('\n');

    // Making or dropping a key locks the table that it goes to.
    private static SortedSet<string> FindTouches(TenancyProject project, SchemaDiff up, SchemaDiff down, ReadOnlySpan<SchemaSnapshot> shapes)
    {
        var changed = up.Changes.Concat(down.Changes).SelectMany(static change => change.With.Prepend(change.Identity)).ToHashSet();
        SortedSet<string> touches = new(StringComparer.Ordinal);
        foreach (var shape in shapes)
        {
            foreach (var key in shape.Objects.Values)
            {
                if (key["references"] is { } references && (changed.Contains(key.Identity) || changed.Any(other => other.Table is null && other.Name == key.Identity.Table))
                    && ObjectName.Parse(JsonNode.Parse(references)!["table"]!.GetValue<string>()) is { Schema: { } schema } table)
                {
                    touches.Add($"{(schema == project.SharedSchema ? project.Tokens.Shared : schema)}.{table.Name}");
                }
            }
        }

        return touches;
    }
}
