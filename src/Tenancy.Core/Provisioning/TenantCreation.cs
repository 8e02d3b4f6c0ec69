using System.Text.Json;
using Tenancy.Core.Execution;
using Tenancy.Core.Execution.Servers;
using Tenancy.Core.History;
using Tenancy.Model;

namespace Tenancy.Core.Provisioning;

/// <summary>Makes tenants' schemas in one database.</summary>
/// <param name="database">The database.</param>
internal sealed class TenantCreation(ProvisionedDatabase database)
{
    private readonly RunContext context = database.Context;

    /// <summary>Makes a tenant's schema, with the project's owner and grants, and registers it, in one transaction.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="cancellation">Cancels and rolls back.</param>
    /// <returns>What went wrong, or null.</returns>
    public Task<MigrationFailure?> CreateAsync(Tenant tenant, CancellationToken cancellation) => database.AttemptAsync(tenant, tenant.Schema, "create", async (connection, target) =>
    {
        CommandList commands = [];
        commands.AddLockedBegin(context, target);
        TakenNames.AddClaim(commands, context, tenant.Name, tenant.Schema);
        AddSchema(commands, tenant.Schema);
        AddRegistration(commands, [tenant]);
        await commands.ExecuteAsync(connection, cancellation);
        await TransactionalWork.CommitAsync(connection);
    }, cancellation);

    /// <summary>Adds what makes the empty schema, as its owner. The role is the login's again afterwards.</summary>
    /// <param name="commands">The commands.</param>
    /// <param name="name">The schema's name.</param>
    public void AddSchema(CommandList commands, string name)
    {
        var begun = commands.Count;
        NewSchema.AddCreate(commands, context.Project, name);
        if (database.IsSharded)
        {
            // By the schema's owner (EnsureSchemaOwner), while it is empty.
            Citus.AddDistribute(commands, name);
        }

        NewSchema.AddGrants(commands, context.Project, name);
        foreach (var command in commands.Skip(begun))
        {
            context.Log.Debug(command.Text);
        }

        commands.Add("SET LOCAL ROLE NONE");
    }

    /// <summary>Adds tenants' places in the registry, and the rows of history that they were made.</summary>
    /// <param name="commands">The commands.</param>
    /// <param name="tenants">The tenants.</param>
    public void AddRegistration(CommandList commands, IReadOnlyCollection<Tenant> tenants) => commands.Add(
        context.History.File("register"),
        context.Project.Fleet,
        tenants.Select(static tenant => tenant.Schema).ToArray(),
        tenants.Select(static tenant => tenant.Name).ToArray(),
        tenants.Select(static tenant => JsonSerializer.Serialize(tenant.Labels)).ToArray(),
        context.Request.RunId,
        ToolVersion.Text);
}
