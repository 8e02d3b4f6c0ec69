using Tenancy.Core.Execution;
using Tenancy.Core.Execution.Servers;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Tenants;

namespace Tenancy.Core.Catalog.Scratch;

/// <summary>What scratch schemas need of a run where there is none: settings, paths, names.</summary>
internal static class ScratchContext
{
    /// <summary>Reads where the database's extensions are; writes nothing.</summary>
    /// <param name="project">The project.</param>
    /// <param name="connector">Opens connections.</param>
    /// <param name="session">The database.</param>
    /// <param name="request">Whose id names the scratch schemas.</param>
    /// <param name="log">Takes what is said.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<RunContext> ReadAsync(
        TenancyProject project, DatabaseConnector connector, DatabaseSession session, MigrationRequest request, IRunLog log, CancellationToken cancellation) => new()
        {
            Project = project,
            Request = request,
            Arguments = request.Arguments,
            Secrets = [],
            History = session.History,
            Connector = connector,
            Log = log,
            ExtensionSchemas = project.ExtensionSchemas is { } named ? named : (await session.ReadAsync([], cancellation)).ExtensionSchemas,
        };

    /// <summary>The same for SQL whose own names are bare, whatever the project's mode.</summary>
    /// <param name="context">The run.</param>
    public static RunContext WithBareNames(RunContext context) =>
        context.Project.Mode == SchemaMode.SearchPath ? context : Of(context, context.Project with { Mode = SchemaMode.SearchPath });

    /// <summary>A run's context for work that goes with the scratch schema, with another project.</summary>
    /// <param name="context">The run.</param>
    /// <param name="project">The project.</param>
    public static RunContext Of(RunContext context, TenancyProject project) => new()
    {
        Project = project,
        Request = context.Request,
        Arguments = context.Arguments,
        Secrets = context.Secrets,
        History = context.History,
        Connector = context.Connector,
        Log = context.Log,
        ExtensionSchemas = context.ExtensionSchemas,
    };
}
