using Tenancy.Model;

namespace Tenancy.Core.Tenants;

/// <summary>A place where tenants come from. What it gives is not checked yet: <see cref="TenantFilter"/> does that.</summary>
public interface ITenantSource
{
    /// <summary>Reads the tenants. No transaction is open while they are taken, so the taker may be slow.</summary>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="TenancyException">The source cannot be read; no tenant of it is given.</exception>
    IAsyncEnumerable<Tenant> ReadAsync(CancellationToken cancellation);
}
