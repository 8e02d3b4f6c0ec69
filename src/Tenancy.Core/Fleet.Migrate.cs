using System.Runtime.CompilerServices;
using Npgsql;
using Tenancy.Core.Execution;
using Tenancy.Core.Execution.Servers;
using Tenancy.Core.Planning;
using Tenancy.Core.Revisions;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core;

/// <content>Runs, and what they tell of themselves.</content>
public sealed partial class Fleet
{
    /// <summary>Migrates tenants. One result a tenant, as each ends; a tenant's own failure is in its result and stops no other.</summary>
    /// <param name="tenants">The tenants; doubles are worked on once.</param>
    /// <param name="request">What to do.</param>
    /// <param name="log">Takes what the run says.</param>
    /// <param name="cancellation">Cancels the running statement, rolls back, and lets go of locks before the sequence ends.</param>
    /// <exception cref="TenancyException">Nothing can run: an argument is missing, or the only database cannot be worked on.</exception>
    public async IAsyncEnumerable<MigrationResult> MigrateAsync(
        IReadOnlyList<Tenant> tenants, MigrationRequest request, IRunLog log, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(tenants);
        ArgumentNullException.ThrowIfNull(request);
        using var span = Telemetry.StartRun(request.RunId, request.Direction == RevisionDirection.Up ? "up" : "down", request.Target, tenants.Count);
        var failed = 0;
        var isEnded = false;
        try
        {
            await foreach (var result in RunAsync(tenants, request, log, cancellation))
            {
                failed += result.Failure is null ? 0 : 1;
                Tell(span, request, result);
                yield return result;
            }

            span.End(failed);
            isEnded = true;
        }
        finally
        {
            if (!isEnded)
            {
                span.Fail("RunEnded");
            }
        }
    }

    // Elsewhere a tenant's span is open while it is worked on.
    private void Tell(in TelemetrySpan span, MigrationRequest request, MigrationResult result)
    {
        Telemetry.Count(result);
        if (request.Transaction == TransactionMode.AllTenants && Telemetry.IsTraced)
        {
            var server = connector.Locate(result.Server, result.Database).Server;
            Telemetry.TellTenant(span, new(result.Name, result.Schema, result.Scope, result.Database, server.Host, server.Port), result);
        }
    }

    // Where databases are taken one after another, one limit does for all of them.
    private async Task<MigrationRequest> LimitAsync(List<(DatabaseAddress Address, List<Tenant> Tenants)> databases, MigrationRequest request, IRunLog log, CancellationToken cancellation)
    {
        if (request.ThrottleLimit > 0 || databases.Count == 0)
        {
            return request;
        }

        var choice = new ConnectionChoice(request, log, [.. databases.Select(static database => new DatabaseTenants(database.Address, database.Tenants))]);
        if (!choice.IsDecided)
        {
            choice.Decide(await AskLoadAsync(databases[0].Address, databases.Count, cancellation));
        }

        return request with { ThrottleLimit = (await choice.Limits).Database };
    }

    private async Task<ServerLoad?> AskLoadAsync(DatabaseAddress address, int databases, CancellationToken cancellation)
    {
        try
        {
            await using var connection = await connector.OpenAsync(address, cancellation);
            return await ServerLoad.ReadAsync(connection, cancellation);
        }
        catch (Exception error) when ((error is NpgsqlException || (error is TenancyException && databases > 1)) && !cancellation.IsCancellationRequested)
        {
            connector.GetDataSource(address).Clear();
            return null;
        }
    }
}
