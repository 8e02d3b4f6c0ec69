using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Npgsql;
using Tenancy.Core.Catalog.Scratch;
using Tenancy.Core.Execution;
using Tenancy.Core.Execution.Servers;
using Tenancy.Core.Execution.Waiting;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Policies;
using Tenancy.Core.Provisioning;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core;

/// <content>Tenants come, change their names, and go.</content>
public sealed partial class Fleet
{
    /// <summary>
    /// Makes tenants' schemas, registers them, and brings them to where the request says: from a snapshot of what one replay of the history gives, each in one transaction; by replaying the history on each where that is asked
    /// for or a snapshot cannot say it. One result a tenant.
    /// </summary>
    /// <param name="tenants">The tenants.</param>
    /// <param name="request">Where to bring them, <c>base</c> too; its direction must be up.</param>
    /// <param name="log">Takes what the run says.</param>
    /// <param name="cancellation">Cancels the running statement and rolls back.</param>
    public async IAsyncEnumerable<MigrationResult> CreateTenantsAsync(
        IReadOnlyList<Tenant> tenants, MigrationRequest request, IRunLog log, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(log);
        List<Tenant> created = [];
        var (databases, faults) = Group(tenants, request);
        foreach (var fault in faults)
        {
            yield return Failed(fault.Tenant, connector.Default, request, Describe(fault.Error!));
        }

        if (databases.Count > 0 && request.To != "base")
        {
            // A target that is none, and arguments that are missing, are said before a schema is made, however tenants are made.
            var plan = new Planner(Project, Revisions, request, MigrationScope.Tenant, new(ImmutableHashSet<string>.Empty, [])).PlanFor(new() { Scope = MigrationScope.Tenant, Schema = "", Oid = 1 });
            ArgumentBinder.Bind([.. plan.Revisions.Concat(plan.Waiting).Select(static step => step.Manifest)], Revisions.All.Select(static node => node.Manifest), request.Arguments);
        }

        request = (await LimitAsync(databases, request, log, cancellation)) with { IsKept = false };
        await foreach (var (address, members) in InTurnAsync(databases))
        {
            var making = CreateInAsync(address, members, created, request, log, cancellation);
            await foreach (var result in databases.Count == 1 ? making : GuardAsync(address, members, making, static result => result.Schema, (tenant, failure) => Failed(tenant, address, request, failure), cancellation))
            {
                yield return result;
            }
        }

        if (request.To == "base")
        {
            // Where they are: a run up could not be asked for it.
            foreach (var tenant in created)
            {
                yield return Result(tenant, connector.Locate(tenant), request) with { Status = MigrationStatus.Migrated };
            }
        }
        else if (created.Count > 0)
        {
            await foreach (var result in MigrateAsync(created, request, log, cancellation))
            {
                yield return result.Status == MigrationStatus.UpToDate && result.Scope == "tenant" ? result with { Status = MigrationStatus.Migrated } : result;
            }
        }
    }

    // In one database. Those on which a run is to replay the history are added to the list, and get their results from that.
    private async IAsyncEnumerable<MigrationResult> CreateInAsync(
        DatabaseAddress address, IReadOnlyList<Tenant> members, List<Tenant> created, MigrationRequest request, IRunLog log, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var database = await PrepareAsync(address, request, log, cancellation);
        var taken = await TakenNames.FindAsync(database, members, cancellation);
        foreach (var tenant in members.Where(tenant => taken.ContainsKey(tenant.Schema)))
        {
            yield return Failed(tenant, address, request, taken[tenant.Schema]);
        }

        IReadOnlyList<Tenant> left = [.. members.Where(tenant => !taken.ContainsKey(tenant.Schema))];
        if (left.Count > 0 && !request.ReplaysHistory && request.To != "base")
        {
            var snapshot = new SnapshotTenants(database, Project, Revisions, connector, request, log);
            await foreach (var result in snapshot.CreateAsync(left, token => MigrateSharedAsync(address, request, log, token), cancellation))
            {
                yield return result;
            }

            left = snapshot.Left;
        }

        var creation = new TenantCreation(database);
        foreach (var tenant in left)
        {
            if (await creation.CreateAsync(tenant, cancellation) is { } failure)
            {
                yield return Failed(tenant, address, request, failure);
            }
            else
            {
                created.Add(tenant);
            }
        }
    }

    // The shared schema alone, as a run over tenants would bring it on.
    private async Task<IReadOnlyList<MigrationResult>> MigrateSharedAsync(DatabaseAddress address, MigrationRequest request, IRunLog log, CancellationToken cancellation)
    {
        var gate = StartGate.Of(request, Project, connector, log, 0);
        await gate.PrepareAsync([address], cancellation);
        List<MigrationResult> results = [];
        await foreach (var result in MigrateEachAsync([(address, [])], request, gate, isWhole: true, log, cancellation))
        {
            results.Add(result);
        }

        return results;
    }

    /// <summary>Copies a tenant in its database: the definition of its schema, and where that is asked for its rows. Warns of what may still name the source's schema.</summary>
    /// <param name="source">The tenant.</param>
    /// <param name="newName">The copy's name.</param>
    /// <param name="newSchema">The copy's schema; null for the same as its name.</param>
    /// <param name="withRows">True to copy rows and where sequences stand.</param>
    /// <param name="log">Takes what the work says.</param>
    /// <param name="cancellation">Cancels and rolls back.</param>
    /// <returns>What the copy ended with: a failure of its own is in it.</returns>
    /// <exception cref="TenancyException"><c>InvalidTenant</c>: it cannot have that name; or the database cannot be worked on.</exception>
    public async Task<MigrationResult> CopyTenantAsync(Tenant source, string newName, string? newSchema, bool withRows, IRunLog log, CancellationToken cancellation = default)
    {
        var (address, members) = GroupValid([source])[0];
        source = members[0];
        var copy = GroupValid([source with { Name = newName, Schema = newSchema ?? newName }])[0].Tenants[0];
        var request = new MigrationRequest();
        if (copy.Schema == source.Schema)
        {
            return Failed(copy, address, request, Describe(new("SchemaExists", $"schema {copy.Schema} is the source's own.", "Choose another schema for the copy.")));
        }

        var database = await PrepareAsync(address, request, log, cancellation);
        var context = await ScratchContext.ReadAsync(Project, connector, database.Session, request, log, cancellation);
        return await new TenantCopy(database, context, Revisions).CopyAsync(source, copy, withRows, cancellation);
    }

    /// <summary>Renames a tenant, its schema, or both; warns of what may still have the schema's name.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="newName">Its new name; null to keep it.</param>
    /// <param name="newSchema">Its schema's new name; null to keep it.</param>
    /// <param name="log">Takes what the work says.</param>
    /// <param name="cancellation">Cancels and rolls back.</param>
    /// <returns>The tenant as it is now.</returns>
    /// <exception cref="MigrationException">It cannot be renamed; nothing was changed.</exception>
    /// <exception cref="TenancyException"><c>InvalidTenant</c>: it cannot have that name.</exception>
    public async Task<Tenant> RenameTenantAsync(Tenant tenant, string? newName, string? newSchema, IRunLog log, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(log);
        var (address, members) = GroupValid([tenant])[0];
        tenant = members[0];
        var renamed = GroupValid([tenant with { Name = newName ?? tenant.Name, Schema = newSchema ?? tenant.Schema }])[0].Tenants[0];
        var database = await PrepareAsync(address, new(), log, cancellation);
        if (await new TenantRename(database).RenameAsync(tenant, renamed, cancellation) is { } failure)
        {
            throw new MigrationException(failure);
        }

        if (Project.Tenants is { Registry: false })
        {
            log.Warn($"Tenants of this project come from elsewhere than the registry: write '{renamed.Name}' with schema {renamed.Schema} there too.");
        }

        return renamed;
    }

    /// <summary>Drops a tenant's schema and forgets where it was; its history stays. Goes on with a removal that was begun.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="keepsSchema">True to forget the tenant and leave its schema.</param>
    /// <param name="log">Takes what the run says.</param>
    /// <param name="cancellation">Cancels and rolls back.</param>
    /// <exception cref="MigrationException">It cannot be removed; the message says whether a part of it is gone.</exception>
    /// <exception cref="TenancyException"><c>InvalidTenant</c>; or its database cannot be worked on.</exception>
    public async Task RemoveTenantAsync(Tenant tenant, bool keepsSchema, IRunLog log, CancellationToken cancellation = default)
    {
        var (address, members) = GroupValid([tenant])[0];
        tenant = members[0];
        var database = await PrepareAsync(address, new(), log, cancellation);
        var removal = new TenantRemoval(database);
        if (await (keepsSchema ? removal.ForgetAsync(tenant, cancellation) : removal.RemoveAsync(tenant, cancellation)) is { } failure)
        {
            throw new MigrationException(failure);
        }
    }

    /// <summary>Drops tenants one after another, each as <see cref="RemoveTenantAsync"/> does. A server that does not answer is waited for once: its other tenants have the same error.</summary>
    /// <param name="tenants">The tenants; the next is asked for when the one before is gone.</param>
    /// <param name="keepsSchema">True to forget the tenants and leave their schemas.</param>
    /// <param name="log">Takes what the run says.</param>
    /// <param name="cancellation">Cancels and rolls back.</param>
    /// <returns>Each tenant, with what <see cref="RemoveTenantAsync"/> threw; null where it is gone.</returns>
    public async IAsyncEnumerable<(Tenant Tenant, TenancyException? Error)> RemoveTenantsAsync(
        IAsyncEnumerable<Tenant> tenants, bool keepsSchema, IRunLog log, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        Dictionary<ServerAddress, TenancyException> silent = [];
        await foreach (var tenant in tenants.WithCancellation(cancellation))
        {
            yield return (tenant, await TryAsync(tenant));
        }

        async Task<TenancyException?> TryAsync(Tenant tenant)
        {
            try
            {
                if (silent.TryGetValue(connector.Locate(tenant).Server, out var known))
                {
                    return new(known.ErrorId, $"{known.Message}; that was tried before, and not for this one", known.RecommendedAction, known.InnerException!);
                }

                await RemoveTenantAsync(tenant, keepsSchema, log, cancellation);
                return null;
            }
            catch (TenancyException error)
            {
                if (TransientErrors.IsServerSilent(error))
                {
                    silent.Add(connector.Locate(tenant).Server, error);
                }

                return error;
            }
        }
    }

    private async Task<ProvisionedDatabase> PrepareAsync(DatabaseAddress address, MigrationRequest request, IRunLog log, CancellationToken cancellation)
    {
        var database = new ProvisionedDatabase(Project, Revisions, connector, address, request, log);
        try
        {
            await database.PrepareAsync(cancellation);
        }
        catch (NpgsqlException error) when (!cancellation.IsCancellationRequested)
        {
            throw DatabaseFailure.Of(address, error);
        }

        return database;
    }
}
