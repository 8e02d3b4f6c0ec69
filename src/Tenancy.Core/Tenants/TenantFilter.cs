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
    private readonly Dictionary<(string? Server, string? Database), (DatabaseAddress Address, string Server, HashSet<string> Seen)> places = [];
    private readonly Dictionary<DatabaseAddress, HashSet<string>> seen = [];
    private readonly int most;
    private (string? Server, string? Database) lastKey;
    private (DatabaseAddress Address, string Server, HashSet<string> Seen)? last;

    /// <summary>A filter for one run; it remembers what has passed.</summary>
    /// <param name="connector">Says where a tenant is that names no server or database.</param>
    /// <param name="reserved">Schemas that never are tenants.</param>
    /// <param name="most">How many there will be; 0 where nobody knows.</param>
    public TenantFilter(DatabaseConnector connector, ReservedSchemas reserved, int most = 0)
    {
        this.most = most;
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
    public TenantFinding? Check(Tenant tenant) => Check(tenant, out _);

    /// <summary>Checks one tenant.</summary>
    /// <param name="tenant">As above.</param>
    /// <param name="address">Its database; null where it has an error.</param>
    /// <returns>As above.</returns>
    internal TenantFinding? Check(Tenant tenant, out DatabaseAddress? address)
    {
        ArgumentNullException.ThrowIfNull(tenant);
        address = null;
        tenant = tenant.Schema.Length == 0 ? tenant with { Schema = tenant.Name } : tenant.Name.Length == 0 ? tenant with { Name = tenant.Schema } : tenant;
        try
        {
            if (FindFault(tenant) is { } fault)
            {
                return new(tenant, Invalid(tenant, fault.What, fault.Action));
            }

            (address, var server, var schemas) = Locate(tenant);
            return schemas.Add(tenant.Schema) ? new(tenant with { Database = address.Database, Server = server }, null) : null;
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

        if (tenant.Name.Contains('\0', StringComparison.Ordinal) || (!Ascii.IsValid(tenant.Name) && tenant.Name.EnumerateRunes().Any(static rune => rune == Rune.ReplacementChar)))
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

    private (DatabaseAddress Address, string Server, HashSet<string> Seen) Locate(Tenant tenant)
    {
        // Most often it is where the one before it is, which is cheaper to see than to look up.
        var key = (tenant.Server, tenant.Database);
        if (last is { } same && key == lastKey)
        {
            return same;
        }

        if (!places.TryGetValue(key, out var place))
        {
            EnsurePlace(tenant);
            var address = connector.Locate(tenant);
            if (!seen.TryGetValue(address, out var schemas))
            {
                seen[address] = schemas = new(seen.Count == 0 ? most : 0, StringComparer.Ordinal);
            }

            places[key] = place = (address, address.Server.ToString(), schemas);
        }

        (lastKey, last) = (key, place);
        return place;
    }

    // The server cuts a database's name that is too long, and would connect to another.
    private static void EnsurePlace(Tenant tenant)
    {
        if (tenant.Server?.Contains('\0', StringComparison.Ordinal) == true)
        {
            throw Invalid(tenant, "has a server whose name holds U+0000", "Correct the server in its source.");
        }

        try
        {
            SqlIdentifier.Check(tenant.Database ?? "none");
        }
        catch (TenancyException error)
        {
            throw Invalid(tenant, $"has a database that PostgreSQL cannot have. {error.Message.TrimEnd('.')}", "Correct the database in its source.");
        }
    }

    private static TenancyException Invalid(Tenant tenant, string what, string action)
    {
        var name = tenant.Name.Length == 0 ? "A tenant" : $"'{PrintableText.Line(tenant.Name)}'";
        return new("InvalidTenant", $"{name} {what}.", action);
    }
}
