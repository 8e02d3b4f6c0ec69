using Tenancy.Core.Execution;
using Tenancy.Core.Execution.Servers;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Catalog.Scratch;

/// <summary>What a replay needs of a run where there is none.</summary>
internal static class ReplayContext
{
    /// <summary>Binds the arguments of the manifests that are replayed.</summary>
    /// <param name="project">The project.</param>
    /// <param name="connector">Opens connections.</param>
    /// <param name="session">The database.</param>
    /// <param name="root">What is replayed.</param>
    /// <param name="owners">Whose the objects are.</param>
    /// <param name="request">Its arguments, and its id, which names the scratch schemas.</param>
    /// <param name="extensionSchemas">Where the database's extensions are.</param>
    /// <param name="log">Takes what is said.</param>
    /// <exception cref="TenancyException">An argument is missing, unknown or of the wrong type.</exception>
    public static RunContext Make(
        TenancyProject project, DatabaseConnector connector, DatabaseSession session, ReplayNode root, ReplayOwners owners, MigrationRequest request, IReadOnlyList<string> extensionSchemas, IRunLog log)
    {
        var manifests = root.All().Select(static node => node.Step?.Manifest).OfType<Manifest>().Distinct().ToList();
        var arguments = ArgumentBinder.Bind(manifests, session.Graph.All.Select(static node => node.Manifest), request.Arguments);
        return new()
        {
            Project = project with { Owner = owners.Role },
            Request = request,
            Arguments = arguments,
            Secrets = [.. ArgumentBinder.SecretNames(manifests).Select(name => arguments[name])],
            History = session.History,
            Connector = connector,
            Log = log,
            ExtensionSchemas = project.ExtensionSchemas is { } named ? named : extensionSchemas,
        };
    }
}
