using System.Globalization;
using Npgsql;
using Tenancy.Core.Catalog;
using Tenancy.Core.Execution;
using Tenancy.Core.History;
using Tenancy.Core.Planning;
using Tenancy.Core.Sql;
using Tenancy.Model;

namespace Tenancy.Core.Provisioning;

/// <summary>
/// Several tenants, made from a blueprint in one transaction: they are there whole, all of them, or none is. PostgreSQL forgets every plan when a schema is made; here all schemas are made first, and what
/// proves them is planned once for all. An error is nobody's: whoever is to know whose it is makes each alone (<see cref="BlueprintTenant"/>).
/// </summary>
/// <param name="database">The database.</param>
/// <param name="context">The run.</param>
/// <param name="blueprint">What they are made from.</param>
/// <param name="tenants">The tenants, whose schemas do not exist.</param>
internal sealed class BlueprintTenants(ProvisionedDatabase database, RunContext context, Blueprint blueprint, IReadOnlyList<Tenant> tenants)
{
    private readonly string[] schemas = [.. tenants.Select(static tenant => tenant.Schema)];
    private readonly SchemaTarget[] targets = [.. tenants.Select(tenant => SchemaTarget.Of(tenant, database.Session.Address))];

    /// <summary>Makes them and commits.</summary>
    /// <param name="connection">The connection, outside a transaction; afterwards the transaction is to be rolled back where this has thrown.</param>
    /// <param name="proved">What depends on the shared schema, and which <c>touches</c> count.</param>
    /// <param name="heads">Where they are to be.</param>
    /// <param name="revisions">The revisions that they are to have.</param>
    /// <param name="cancellation">Cancels what comes before COMMIT.</param>
    /// <exception cref="PostgresException">A statement failed.</exception>
    /// <exception cref="TenancyException"><c>NotEqual</c>.</exception>
    /// <exception cref="OutcomeUnknownException">The connection was lost at COMMIT.</exception>
    public async Task MakeAsync(NpgsqlConnection connection, PlanTransaction proved, IReadOnlyCollection<string> heads, IReadOnlyCollection<MadeRevision> revisions, CancellationToken cancellation)
    {
        var oids = await BeginAsync(connection, proved, cancellation);
        await FillAsync(connection, oids, blueprint.OwnText, cancellation);
        if (proved.Touches.IsEmpty)
        {
            await CommitAsync(connection, proved, oids, heads, revisions, cancellation);
            return;
        }

        // Keys to shared tables lock these: of all tenants at the end, one such transaction after the other.
        await context.TouchGate.WaitAsync(cancellation);
        try
        {
            if (blueprint.Last is not null)
            {
                await FillAsync(connection, oids, blueprint.LastText, cancellation);
            }

            await CommitAsync(connection, proved, oids, heads, revisions, cancellation);
        }
        finally
        {
            context.TouchGate.Release();
        }
    }

    private async Task CommitAsync(
        NpgsqlConnection connection, PlanTransaction proved, Dictionary<string, uint> oids, IReadOnlyCollection<string> heads, IReadOnlyCollection<MadeRevision> revisions, CancellationToken cancellation)
    {
        await ProveEqualAsync(connection, cancellation);
        CommandList commands = [];
        PlacementProof.AddProofOfMany(commands, context, oids.Values, proved.Touches, areNew: true);
        await commands.ExecuteAsync(connection, cancellation);
        commands.Clear();
        BlueprintTenant.AddHistory(commands, database, context, [.. tenants.Select(tenant => (tenant, oids[tenant.Schema]))], heads, revisions);
        TransactionCommands.AddCleanUp(commands, context);
        await TransactionalWork.CommitAsync(connection, commands);
    }

    // Locks, proof and schemas of all.
    private async Task<Dictionary<string, uint>> BeginAsync(NpgsqlConnection connection, PlanTransaction proved, CancellationToken cancellation)
    {
        CommandList commands = [];
        commands.AddBegin(context, targets[0]);
        var history = context.History.Quoted;
        commands.Add($"SELECT {history}.lock($1, 'tenant', s) FROM pg_catalog.unnest($2) s", context.Project.Fleet, schemas);
        commands.Add($"SELECT {history}.claim_name($1, n, s) FROM ROWS FROM (pg_catalog.unnest($2), pg_catalog.unnest($3)) u (n, s)", context.Project.Fleet, tenants.Select(static tenant => tenant.Name).ToArray(), schemas);
        commands.Add($"SELECT {history}.start_proof($1)", schemas[0]);
        PlacementProof.AddBefore(commands, context);
        foreach (var schema in schemas)
        {
            new TenantCreation(database).AddSchema(commands, schema);
        }

        new TransactionCommands(context, targets[0]).AddOtherScope(commands, proved);
        await commands.ExecuteAsync(connection, cancellation);
        Dictionary<string, uint> oids = new(StringComparer.Ordinal);
        await using var batch = new NpgsqlBatch(connection);
        batch.Add("SELECT n.nspname::pg_catalog.text, n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname::pg_catalog.text = ANY ($1)", (object)schemas);
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            oids.Add(reader.GetString(0), reader.GetFieldValue<uint>(1));
        }

        return oids;
    }

    private async Task FillAsync(NpgsqlConnection connection, Dictionary<string, uint> oids, Func<SqlValues, string> text, CancellationToken cancellation)
    {
        foreach (var target in targets)
        {
            await FillAsync(connection, target, oids[target.Schema], text(target.Values(context.Project, context.Arguments)), cancellation);
        }
    }

    // As one command: that takes the server and the client less than a hundred.
    private async Task FillAsync(NpgsqlConnection connection, SchemaTarget target, uint oid, string text, CancellationToken cancellation)
    {
        CommandList commands = [];
        BlueprintTenant.AddOwnPath(commands, context, target);
        if (context.Project.Owner is { } owner)
        {
            commands.Add("SET LOCAL ROLE " + SqlIdentifier.Quote(owner));
        }

        context.Log.Debug(context.Mask(text));
        commands.Add($"DO {SqlLiteral.Quote($"BEGIN EXECUTE {SqlLiteral.Quote(text)}; END")}");
        BlueprintTenant.AddLeave(commands);
        commands.Add($"SELECT {context.History.Quoted}.assert_place($1::pg_catalog.text::pg_catalog.oid, pg_catalog.current_schema())", oid.ToString(CultureInfo.InvariantCulture));
        await commands.ExecuteAsync(connection, cancellation);
    }

    private async Task ProveEqualAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        var equal = 0;
        await foreach (var made in FleetFingerprints.ReadAsync(connection, schemas, cancellation))
        {
            equal += made.Fingerprint == blueprint.Shape.Fingerprint ? 1 : 0;
        }

        if (equal < tenants.Count)
        {
            throw new TenancyException("NotEqual", "what was made differs from what it was made from.", "Make each alone, to see how.");
        }
    }
}
