using Npgsql;
using Tenancy.Core.Execution;
using Tenancy.Core.Execution.Servers;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Revisions;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Provisioning;

/// <summary>One database in which tenants are made, copied, renamed or dropped: what all of that shares.</summary>
internal sealed class ProvisionedDatabase
{
    /// <summary>Provisioning in one database.</summary>
    public ProvisionedDatabase(TenancyProject project, RevisionGraph graph, DatabaseConnector connector, DatabaseAddress address, MigrationRequest request, IRunLog log)
    {
        Session = new(project, graph, connector, address) { Log = log };
        Context = new()
        {
            Project = project,
            Request = request,
            Arguments = request.Arguments,
            Secrets = [],
            History = Session.History,
            Connector = connector,
            Log = log,
            ExtensionSchemas = [],
        };
    }

    /// <summary>The database.</summary>
    public DatabaseSession Session { get; }

    /// <summary>What the work on it shares.</summary>
    public RunContext Context { get; }

    /// <summary>True where new schemas are to be distributed; known once it is prepared.</summary>
    public bool IsSharded { get; private set; }

    /// <summary>Makes sure that the database can be changed, and has its history schema.</summary>
    /// <param name="cancellation">Gives up.</param>
    public async Task PrepareAsync(CancellationToken cancellation)
    {
        await Session.PrepareAsync(cancellation);
        IsSharded = await Citus.IsUsedAsync(Context, Session.Address, cancellation);
    }

    /// <summary>Does work in a transaction under a tenant's lock: again while another run holds it, and after what passes by itself (<see cref="RetriedWork"/>).</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="made">The schema of the row of history that the work writes.</param>
    /// <param name="direction">The direction of that row.</param>
    /// <param name="work">Begins with <see cref="LockedWork.AddLockedBegin"/> and commits; from its beginning each time.</param>
    /// <param name="cancellation">Cancels and rolls back.</param>
    /// <returns>What went wrong, or null.</returns>
    public Task<MigrationFailure?> AttemptAsync(Tenant tenant, string made, string direction, Func<NpgsqlConnection, SchemaTarget, Task> work, CancellationToken cancellation)
    {
        var locked = SchemaTarget.Of(tenant, Session.Address);
        return new RetriedWork(Context, Session, locked, made, direction).RunAsync(connection => work(connection, locked), cancellation);
    }
}
