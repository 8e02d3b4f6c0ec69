using Npgsql;
using Tenancy.Core.Execution.Waiting;
using Tenancy.Core.Manifests;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Catalog.Drift;

/// <summary>A short transaction that reads catalogs, changes nothing, and keeps nobody out. Where its connection is lost it is done again.</summary>
internal static class CatalogTransaction
{
    /// <summary>Runs work in it.</summary>
    /// <param name="connector">Opens the connection.</param>
    /// <param name="address">The database.</param>
    /// <param name="work">The work; from its beginning each time.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="TenancyException"><c>CatalogFailed</c>; <c>ConnectionLost</c>, each time; or what connecting throws.</exception>
    public static Task<T> RunAsync<T>(DatabaseConnector connector, DatabaseAddress address, Func<NpgsqlConnection, Task<T>> work, CancellationToken cancellation) => AgainAsync(
        address,
        new(),
        token => ReadOnlySession.RunAsync(
            connector,
            address,
            work,
            error => TransientErrors.IsLostConnection(error) ? Lost(address, error) : new("CatalogFailed", $"The catalog of {address} could not be read: {error.MessageText} ({error.SqlState}).", "Run again; the server's log says more.", error),
            token),
        static _ => { },
        cancellation);

    /// <summary>Does work that leaves nothing behind, again where its connection was lost; then also until the server is back.</summary>
    /// <param name="address">The database.</param>
    /// <param name="retries">How often.</param>
    /// <param name="work">The work; from its beginning each time.</param>
    /// <param name="say">Is told what happened, and when it is tried again.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="TenancyException"><c>ConnectionLost</c>, each time; or what the work throws.</exception>
    public static Task<T> AgainAsync<T>(DatabaseAddress address, MigrationRetries retries, Func<CancellationToken, Task<T>> work, Action<string> say, CancellationToken cancellation)
    {
        var isThere = false;
        return RetryPolicy.RunAsync(
            RetryPolicy.Build(retries, error => IsLost(error) || (isThere && TransientErrors.IsServerMissing(error))),
            async token =>
            {
                try
                {
                    return await work(token);
                }
                catch (Exception error) when (IsLost(error) && !token.IsCancellationRequested)
                {
                    isThere = true;
                    throw error as TenancyException ?? Lost(address, error);
                }
            },
            (error, pause) => say($"{error.Message} Tried again in {RetryPolicy.Told(pause)}."),
            cancellation);
    }

    // A standby is compared as it is; whatever needs a primary says so.
    private static bool IsLost(Exception error) => TransientErrors.IsLostConnection(error) && !(error is PostgresException answer && SessionEnd.IsStandby(answer));

    private static TenancyException Lost(DatabaseAddress address, Exception error) => new("ConnectionLost", $"The connection to {address} was lost: {error.Message}", "Run again: nothing was changed.", error);
}
