using System.Runtime.CompilerServices;
using System.Text;
using Tenancy.Core.Sql;
using Tenancy.Model;

namespace Tenancy.Core.Tenants;

/// <summary>What holds for tenants of every source: valid names, no reserved schema, no doubles; server and database are filled in with where the tenant really is.</summary>
public sealed class TenantFilter
{
    private readonly DatabaseConnector connector;
    private readonly ReservedSchemas reserved;
    private readonly Dictionary<(string? Server, string? Database), (DatabaseAddress Address, string Server)> places = [];
    private readonly HashSet<(DatabaseAddress Address, string Schema)> seen = [];

    /// <summary>A filter for one run; it remembers what has passed.</summary>
    /// <param name="connector">Says where a tenant is that names no server or database.</param>
    /// <param name="reserved">Schemas that never are tenants.</param>
    public TenantFilter(DatabaseConnector connector, ReservedSchemas reserved)
    {
        this.connector = connector;
        this.reserved = reserved;
    }

    /// <summary>Checks all tenants of a source.</summary>
    /// <param name="source">The source.</param>
    /// <param name="cancellation">Gives up.</param>
    public async IAsyncEnumerable<TenantFinding> ReadAsync(ITenantSource source, [EnumeratorCancellation] CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(source);
        await foreach (var tenant in source.ReadAsync(cancellation))
        {
            if (Check(tenant) is { } finding)
            {
                yield return finding;
            }
        }
    }

    /// <summary>Checks one tenant.</summary>
    /// <param name="tenant">The tenant; name or schema may be missing, the other then stands for both.</param>
    /// <returns>The tenant or its error; null for one that has passed before (same server, database and schema).</returns>
    public TenantFinding? Check(Tenant tenant)
    {
        ArgumentNullException.ThrowIfNull(tenant);
        tenant = tenant.Schema.Length == 0 ? tenant with { Schema = tenant.Name } : tenant.Name.Length == 0 ? tenant with { Name = tenant.Schema } : tenant;
        try
        {
            if (FindFault(tenant) is { } fault)
            {
                return new(tenant, Invalid(tenant, fault.What, fault.Action));
            }

            var (address, server) = Locate(tenant);
            return seen.Add((address, tenant.Schema)) ? new(tenant with { Database = address.Database, Server = server }, null) : null;
        }
        catch (TenancyException error)
        {
            return new(tenant, error);
        }
    }

    private (string What, string Action)? FindFault(Tenant tenant)
    {
        if (tenant.Schema.Length == 0)
        {
            return ("has neither a name nor a schema", "Give at least one of them.");
        }

        if (tenant.Name.Contains('\0', StringComparison.Ordinal) || tenant.Name.EnumerateRunes().Any(static rune => rune == Rune.ReplacementChar))
        {
            return ("has a name that PostgreSQL cannot store: it holds U+0000, U+FFFD or half a character", "Correct the name in its source.");
        }

        try
        {
            SqlIdentifier.Check(tenant.Schema);
        }
        catch (TenancyException error)
        {
            return ($"has a schema that PostgreSQL cannot have. {error.Message.TrimEnd('.')}", "Use another schema name; the tenant's name may stay.");
        }

        return reserved.Describe(tenant.Schema) is { } kind ? ($"cannot be a tenant: the schema '{tenant.Schema}' is {kind}", "Take it out of the source of tenants.") : null;
    }

    private (DatabaseAddress Address, string Server) Locate(Tenant tenant)
    {
        var key = (tenant.Server, tenant.Database);
        if (!places.TryGetValue(key, out var place))
        {
            var address = connector.Locate(tenant);
            places[key] = place = (address, address.Server.ToString());
        }

        return place;
    }

    private static TenancyException Invalid(Tenant tenant, string what, string action)
    {
        var name = tenant.Name.Length == 0 ? "A tenant" : $"'{tenant.Name.Replace("\0", "\\0", StringComparison.Ordinal)}'";
        return new("InvalidTenant", $"{name} {what}.", action);
    }
}
