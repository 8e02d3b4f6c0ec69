using System.Runtime.CompilerServices;
using Tenancy.Core.Execution;
using Tenancy.Core.Execution.Servers;
using Tenancy.Core.Scripts;
using Tenancy.Model;

namespace Tenancy.Core;

/// <content>What runs would do, as text.</content>
public sealed partial class Fleet
{
    /// <summary>
    /// Writes what <see cref="MigrateAsync"/> would run as scripts for psql, one a database. Connects to nothing where the request says where the schemas are; reads where it does not; writes nothing to a database.
    /// </summary>
    /// <param name="tenants">The tenants; none where the request has a pattern.</param>
    /// <param name="request">What to write.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="TenancyException">It cannot be written: <c>NotForScript</c>, <c>NotForLoop</c>, <c>FromUnknown</c>, or what planning throws for the shared schema.</exception>
    public async IAsyncEnumerable<MigrationScript> ExportAsync(
        IReadOnlyList<Tenant> tenants, ScriptRequest request, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.SchemaPattern is not null && request.From.IsEmpty)
        {
            throw new TenancyException("FromUnknown", "A loop over tenants begins at one state, and none is given.", "Give -From, such as -From base.");
        }

        var (databases, faults) = Group(tenants, request.Migration);
        if (request.SchemaPattern is not null)
        {
            databases = [(connector.Default, [])];
        }

        await foreach (var (address, members) in InTurnAsync(databases))
        {
            IReadOnlyList<SchemaTarget> targets = request.SchemaPattern is null ? [.. members.Select(tenant => SchemaTarget.Of(tenant, address))] : [DatabaseScript.MakeStandIn(address)];
            var session = new DatabaseSession(Project, Revisions, connector, address);
            var start = request.From.IsEmpty
                ? await StartingStates.ReadAsync(session, Project, request.Migration, targets, cancellation)
                : StartingStates.Of(Project, Revisions, request.From, targets, address);
            var script = new DatabaseScript(Project, session.Graph, connector, request, start).Write();
            yield return script with { Failures = [.. faults, .. script.Failures] };
            faults = [];
        }
    }
}
