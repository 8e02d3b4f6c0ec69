using Tenancy.Model;

namespace Tenancy.Core.Tests.Execution;

/// <summary>A project whose manifests hold nearly everything that a schema can: the folder <c>Rich</c>.</summary>
internal static class RichProject
{
    /// <summary>The head of its tenants.</summary>
    internal const string Head = "rich0006";

    /// <summary>Its head where the database has no extensions.</summary>
    internal const string HeadWithoutExtensions = "rich0005";

    /// <summary>Makes the project.</summary>
    /// <param name="database">The database.</param>
    /// <param name="mode"><c>search_path</c> or <c>token</c>.</param>
    /// <param name="extensions">False leaves out the manifest that needs citext, ltree, pg_trgm and pgcrypto.</param>
    /// <param name="edit">Rewrites each manifest, or null.</param>
    internal static FleetProject Create(TestDatabase database, string mode, bool extensions, Func<string, string>? edit = null)
    {
        var project = new FleetProject(database, $"fleet: test\nmode: {mode}");
        foreach (var file in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Execution", "Rich"), "*.yaml"))
        {
            var name = Path.GetFileNameWithoutExtension(file);
            if (extensions || name != "6-extensions")
            {
                var text = File.ReadAllText(file);
                project.With(name, edit is null ? text : edit(text));
            }
        }

        return project;
    }

    /// <summary>A tenant with a name of its own.</summary>
    internal static Tenant Tenant(string schema) => new() { Name = $"The one of '{schema}'", Schema = schema };
}
