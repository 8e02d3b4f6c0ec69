using Tenancy.Core.Manifests;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Execution;

/// <summary>A tenant's schema as a project makes it.</summary>
internal static class NewSchema
{
    /// <summary>Adds what makes it; the role is the owner's from then on.</summary>
    /// <param name="commands">The commands.</param>
    /// <param name="project">The project.</param>
    /// <param name="name">The schema's name, unquoted.</param>
    public static void AddCreate(CommandList commands, TenancyProject project, string name)
    {
        commands.Add($"CREATE SCHEMA {SqlIdentifier.Quote(name)}{(project.Owner is { } role ? " AUTHORIZATION " + SqlIdentifier.Quote(role) : "")}");
        if (project.Owner is { } owner)
        {
            commands.Add("SET LOCAL ROLE " + SqlIdentifier.Quote(owner));
        }
    }

    /// <summary>Adds the project's grants on the schema itself.</summary>
    /// <param name="commands">The commands.</param>
    /// <param name="project">The project.</param>
    /// <param name="name">The schema's name, unquoted.</param>
    public static void AddGrants(CommandList commands, TenancyProject project, string name)
    {
        foreach (var grant in project.Grants.Where(static grant => grant.On == "schema"))
        {
            commands.Add($"GRANT {string.Join(", ", grant.Privileges)} ON SCHEMA {SqlIdentifier.Quote(name)} TO {(grant.To == "public" ? "PUBLIC" : SqlIdentifier.Quote(grant.To))}");
        }
    }
}
