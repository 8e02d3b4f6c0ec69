using Npgsql;
using Tenancy.Core.Tenants;

namespace Tenancy.Core.Catalog.Drift;

/// <summary>A short transaction that reads catalogs, changes nothing, and keeps nobody out.</summary>
internal static class CatalogTransaction
{
    /// <summary>Runs work in it.</summary>
    /// <param name="connector">Opens the connection.</param>
    /// <param name="address">The database.</param>
    /// <param name="work">The work.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="Model.TenancyException"><c>CatalogFailed</c>, or what connecting throws.</exception>
    public static Task<T> RunAsync<T>(DatabaseConnector connector, DatabaseAddress address, Func<NpgsqlConnection, Task<T>> work, CancellationToken cancellation) => ReadOnlySession.RunAsync(
        connector,
        address,
        work,
        error => new("CatalogFailed", $"The catalog of {address} could not be read: {error.MessageText} ({error.SqlState}).", "Run again; the server's log says more.", error),
        cancellation);
}
