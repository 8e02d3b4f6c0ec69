using Tenancy.Model;

namespace Tenancy.Core.Tenants;

/// <summary>A tenant that a source gave, checked.</summary>
/// <param name="Tenant">The tenant, with server and database filled in where there is no error.</param>
/// <param name="Error">Why it cannot be used (<c>InvalidTenant</c>, <c>InvalidConnection</c>), or null.</param>
public sealed record TenantFinding(Tenant Tenant, TenancyException? Error);
