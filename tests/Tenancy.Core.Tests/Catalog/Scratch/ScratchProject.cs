using Tenancy.Core.Catalog.Scratch;
using Tenancy.Core.Execution;
using Tenancy.Core.Execution.Servers;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Revisions;
using Tenancy.Core.Tenants;
using Tenancy.Core.Tests.Execution;

namespace Tenancy.Core.Tests.Catalog.Scratch;

/// <summary>A project's scratch schemas in one database.</summary>
internal sealed class ScratchProject : IAsyncDisposable
{
    private readonly FleetProject files;
    private readonly DatabaseConnector connector;

    internal ScratchProject(TestDatabase database, string project = "fleet: test", ConnectionSettings? connection = null)
    {
        files = connection is null ? new(database, project) : new(connection, project);
        connector = new(files.Connection);
        Project = ProjectReader.Read(files.Folder);
    }

    internal TenancyProject Project { get; }

    internal DatabaseAddress Address => connector.Default;

    internal ListLog Log => files.Log;

    /// <summary>A tenant that scratch schemas stand for.</summary>
    internal SchemaTarget Like => new(MigrationScope.Tenant, "t1", "First", Address, []);

    /// <summary>A run of its own.</summary>
    internal Task<RunContext> RunAsync() => ScratchContext.ReadAsync(
        Project, connector, new DatabaseSession(Project, RevisionGraph.Build([]), connector, Address), new MigrationRequest(), Log, CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await connector.DisposeAsync();
        files.Dispose();
    }
}
