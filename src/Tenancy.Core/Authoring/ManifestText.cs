using System.Text;
using Tenancy.Core.Manifests;

namespace Tenancy.Core.Authoring;

/// <summary>The text of a new manifest.</summary>
internal static class ManifestText
{
    // What runs refuses a manifest without operations, so this cannot be applied by mistake.
    private const string Draft = """
        # Write the operations in the place of the brackets; until then nothing of this project runs. For example:
        # up:
        #   - add_column: {table: customer, name: points, type: integer, nullable: false, default: "0"}
        up: []
        down: auto

        """;

    private const string Merge = """
        # It only joins its parents: a merge may have operations, and needs none.
        up: []
        down: auto

        """;

    /// <summary>The text, with line feeds only; <paramref name="body"/> is what it does, null for a draft or a merge.</summary>
    public static string Write(string revision, string description, IReadOnlyCollection<string> parents, IReadOnlyCollection<string> dependsOn, IReadOnlyCollection<string> labels, MigrationScope scope, string? body = null)
    {
        var text = new StringBuilder();
        void Key(string name, params IReadOnlyCollection<string> values)
        {
            if (values.Count > 0)
            {
                text.Append(name).Append(": ").Append(YamlText.ScalarOrList(values)).Append('\n');
            }
        }

        Key("revision", revision);
        Key("parent", parents);
        Key("depends_on", dependsOn);
        Key("labels", labels);
        if (scope == MigrationScope.Shared)
        {
            Key("scope", "shared");
        }

        Key("description", description);
        return text.Append(body ?? (parents.Count > 1 ? Merge : Draft).ReplaceLineEndings("\n")).ToString();
    }
}
