using Tenancy.Core.Planning;
using Tenancy.Model;

namespace Tenancy.Core.Rollouts;

/// <summary>A run that can be gone on with.</summary>
/// <param name="Request">What it was asked to do; the limits of the one before are not in it.</param>
/// <param name="Tenants">Its tenants, by the names that they had; their schemas are those of now.</param>
/// <param name="Removed">Tenants that were removed since, which are left out.</param>
public sealed record StoppedRun(MigrationRequest Request, IReadOnlyList<Tenant> Tenants, IReadOnlyList<Tenant> Removed);
