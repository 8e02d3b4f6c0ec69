using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Execution.Servers;

/// <summary>A database of a run, and what is to be done there.</summary>
/// <param name="Address">The database.</param>
/// <param name="Tenants">Its tenants; none where only its shared schema is meant.</param>
internal sealed record DatabaseTenants(DatabaseAddress Address, IReadOnlyList<Tenant> Tenants);
