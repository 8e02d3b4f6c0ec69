using Tenancy.Core;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace TenancyMigrate.Tenants;

/// <summary>Finds the tenants that are meant.</summary>
/// <param name="fleet">The fleet.</param>
/// <param name="report">Takes what is no tenant, and why.</param>
internal sealed class TenantSelection(Fleet fleet, Func<TenancyException, object, Task> report)
{
    /// <summary>True for a tenant of which only the name is known.</summary>
    public static bool IsNameOnly(Tenant tenant) => tenant.Schema.Length == 0;

    /// <summary>A tenant of which only the name is known, which is taken for its schema's.</summary>
    public static Tenant AsSchema(Tenant tenant)
    {
        var name = new NamePattern(tenant.Name, ignoreCase: true).Literal ?? tenant.Name;
        return tenant with { Name = name, Schema = name };
    }

    /// <summary>Every tenant of the project.</summary>
    public async Task<List<Tenant>> ReadAllAsync(CancellationToken cancellation)
    {
        var all = new List<Tenant>();
        await foreach (var finding in fleet.GetTenantsAsync(null, cancellation).ConfigureAwait(false))
        {
            if (finding.Error is { } error)
            {
                await report(error, finding.Tenant).ConfigureAwait(false);
            }
            else
            {
                all.Add(finding.Tenant);
            }
        }

        return all;
    }

    /// <summary>The tenants meant, in the order given, each once. Names, with and without wildcards, are looked up among all of the project.</summary>
    /// <param name="given">What the user gave.</param>
    /// <param name="mustExist">True to report a name that the project does not know; false to take it for a schema's: the engine says what is wrong with it, if anything is.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<List<Tenant>> SelectAsync(IReadOnlyCollection<Tenant> given, bool mustExist, CancellationToken cancellation)
    {
        var all = given.Any(IsNameOnly) ? await ReadAllAsync(cancellation).ConfigureAwait(false) : [];
        var meant = new List<Tenant>();
        foreach (var tenant in given)
        {
            var found = IsNameOnly(tenant) ? Find(tenant.Name, all) : [tenant];
            if (found is not null)
            {
                meant.AddRange(found);
            }
            else if (mustExist)
            {
                await report(new TenancyException("TenantNotFound", $"There is no tenant named '{tenant.Name}'.", "Get-Tenant shows all."), tenant).ConfigureAwait(false);
            }
            else
            {
                meant.Add(AsSchema(tenant));
            }
        }

        return [.. meant.DistinctBy(static tenant => (tenant.Server, tenant.Database, tenant.Schema))];
    }

    // Null for a name, without wildcards, that nothing has.
    private static List<Tenant>? Find(string name, List<Tenant> all)
    {
        var pattern = new NamePattern(name, ignoreCase: true);
        if (pattern.Literal is not { } literal)
        {
            return all.FindAll(tenant => pattern.IsMatch(tenant.Name));
        }

        // The case of a name counts where it tells tenants apart.
        List<Tenant>[] attempts = [all.FindAll(tenant => tenant.Name == literal), all.FindAll(tenant => tenant.Schema == literal), all.FindAll(tenant => pattern.IsMatch(tenant.Name))];
        return attempts.FirstOrDefault(static found => found.Count > 0);
    }
}
