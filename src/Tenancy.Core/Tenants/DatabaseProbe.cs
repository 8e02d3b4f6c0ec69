using System.Collections.Immutable;
using Tenancy.Model;

namespace Tenancy.Core.Tenants;

/// <summary>Tries a connection, before anything depends on it.</summary>
public static class DatabaseProbe
{
    /// <summary>Connects once, and tells what was found.</summary>
    /// <param name="settings">What the user says.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The database without any secret, and warnings to show.</returns>
    /// <exception cref="TenancyException"><c>InvalidConnection</c>, <c>ServiceNotFound</c>, <c>ConnectionFailed</c>, <c>AuthenticationFailed</c>, <c>DatabaseNotFound</c> or <c>ServerTooOld</c>.</exception>
    public static async Task<(TenantDatabase Database, ImmutableArray<string> Warnings)> TryAsync(ConnectionSettings settings, CancellationToken cancellation)
    {
        await using var connector = new DatabaseConnector(settings);
        var address = connector.Default;
        await using var connection = await connector.OpenAsync(address, cancellation);
        var facts = await ServerFacts.ReadAsync(connection, cancellation);
        facts.EnsureSupported(address);
        var database = new TenantDatabase
        {
            Server = address.Server.ToString(),
            Database = address.Database,
            UserName = connector.Username,
            // Distributions put the name of their package behind it.
            Version = facts.Version.Split(' ')[0],
            IsBehindPooler = facts.IsBehindPooler,
            DirectServer = settings.DirectServer,
        };
        return (database, connector.Warnings);
    }
}
