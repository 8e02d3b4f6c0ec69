using System.Collections.Immutable;
using System.Text.Json;
using Npgsql;
using Tenancy.Core.Execution.Servers;
using Tenancy.Core.History;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Revisions;
using Tenancy.Core.Sql;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Execution;

/// <summary>Makes and drops tenants' schemas in one database.</summary>
internal sealed class Provisioning
{
    private readonly DatabaseSession session;
    private readonly RunContext context;
    private bool isSharded;

    /// <summary>Provisioning in one database.</summary>
    public Provisioning(TenancyProject project, RevisionGraph graph, DatabaseConnector connector, DatabaseAddress address, MigrationRequest request, IRunLog log)
    {
        session = new(project, graph, connector, address);
        context = new()
        {
            Project = project,
            Request = request,
            Arguments = request.Arguments,
            Secrets = [],
            History = session.History,
            Connector = connector,
            Log = log,
            ExtensionSchemas = [],
        };
    }

    /// <summary>Makes sure that the database can be changed, and has its history schema.</summary>
    public async Task PrepareAsync(CancellationToken cancellation)
    {
        await session.PrepareAsync(cancellation);
        isSharded = await Citus.IsUsedAsync(context, session.Address, cancellation);
    }

    /// <summary>Makes a tenant's schema, with the project's owner and grants, and registers it, in one transaction.</summary>
    /// <returns>What went wrong, or null.</returns>
    public Task<MigrationFailure?> CreateAsync(Tenant tenant, CancellationToken cancellation) => AttemptAsync(tenant, async (connection, target) =>
    {
        CommandList commands = [];
        commands.AddLockedBegin(context, target);
        var begun = commands.Count;
        NewSchema.AddCreate(commands, context.Project, tenant.Schema);
        if (isSharded)
        {
            // By the schema's owner (EnsureSchemaOwner), while it is empty.
            Citus.AddDistribute(commands, tenant.Schema);
        }

        NewSchema.AddGrants(commands, context.Project, tenant.Schema);
        foreach (var command in commands.Skip(begun))
        {
            context.Log.Debug(command.Text);
        }

        commands.Add("SET LOCAL ROLE NONE");
        commands.Add(
            context.History.File("register"), context.Project.Fleet, tenant.Schema, tenant.Name, JsonSerializer.Serialize(tenant.Labels), context.Request.RunId, ToolVersion.Text);
        await commands.ExecuteAsync(connection, cancellation);
        await TransactionalWork.CommitAsync(connection);
    }, cancellation);

    /// <summary>Drops a tenant's schema and forgets where it was. Refuses where the drop would take objects of other schemas with it.</summary>
    /// <returns>What went wrong, or null.</returns>
    public Task<MigrationFailure?> RemoveAsync(Tenant tenant, bool keepsSchema, CancellationToken cancellation) => AttemptAsync(tenant, async (connection, target) =>
    {
        var oid = (await session.ReadAsync([tenant.Schema], cancellation))[tenant.Schema].Oid;
        CommandList commands = [];
        commands.AddLockedBegin(context, target);
        if (!keepsSchema)
        {
            commands.Add(context.History.File("other_fleets"), context.Project.Fleet, tenant.Schema);
        }

        PlacementProof.AddBefore(commands, context);
        if (oid is not null && !keepsSchema)
        {
            var drop = $"DROP SCHEMA {SqlIdentifier.Quote(tenant.Schema)} CASCADE";
            context.Log.Debug(drop);
            commands.Add(drop);
        }

        commands.Add(context.History.File("dropped_objects"), tenant.Schema);
        commands.Add(context.History.File("unregister"), context.Project.Fleet, tenant.Schema, tenant.Name, context.Request.RunId, ToolVersion.Text);
        await using (var batch = commands.ToBatch(connection))
        {
            await using var reader = await batch.ExecuteReaderAsync(cancellation);
            SortedSet<string> outside = new(StringComparer.Ordinal);
            do
            {
                if (reader.FieldCount == 1 && reader.GetName(0) == "other_fleet" && await reader.ReadAsync(cancellation))
                {
                    throw new TenancyException("OtherFleet", $"schema {tenant.Schema} belongs to the fleet '{reader.GetString(0)}' too.", $"Remove it there first, with -KeepSchema, or only here with -KeepSchema.");
                }

                while (reader.FieldCount == 2 && reader.GetName(0) == "dropped_schema" && await reader.ReadAsync(cancellation))
                {
                    outside.Add($"{reader.GetString(0)}.{reader.GetString(1)}");
                }
            }
            while (await reader.NextResultAsync(cancellation));
            if (outside.Count > 0)
            {
                throw new TenancyException("DependentObjects", $"dropping schema {tenant.Schema} would drop objects of other schemas that depend on it: {string.Join(", ", outside)}.", "Drop or change these first.");
            }
        }

        await TransactionalWork.CommitAsync(connection);
    }, cancellation);

    private Task<MigrationFailure?> AttemptAsync(Tenant tenant, Func<NpgsqlConnection, SchemaTarget, Task> work, CancellationToken cancellation)
    {
        var target = SchemaTarget.Of(tenant, session.Address);
        return LockedWork.AttemptAsync(context, target, connection => work(connection, target), cancellation);
    }
}
