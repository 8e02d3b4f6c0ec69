using System.Diagnostics;
using System.Net;

namespace Tenancy.Benchmarks;

/// <summary>The floor: a tenant's SQL in one message and one transaction, with nothing around it.</summary>
internal static class Floor
{
    /// <summary>Runs it.</summary>
    /// <param name="server">The server.</param>
    /// <param name="database">The database.</param>
    /// <param name="tenants">How many tenants.</param>
    /// <param name="connections">On how many connections.</param>
    /// <param name="sql">The statements, with the token <c>tenant_schema</c>.</param>
    /// <returns>Seconds, with the connecting.</returns>
    public static async Task<double> RunAsync(EndPoint server, string database, int tenants, int connections, string sql)
    {
        var transaction = $"BEGIN; {sql}; COMMIT";
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, connections).Select(worker => Task.Factory.StartNew(() => Work(worker), TaskCreationOptions.LongRunning)));
        return clock.Elapsed.TotalSeconds;

        void Work(int worker)
        {
            using var connection = new SimpleConnection(server, database);
            for (var number = worker; number < tenants; number += connections)
            {
                connection.Execute(transaction.Replace("tenant_schema", $"\"{TenantServer.Schema(number)}\"", StringComparison.Ordinal));
            }
        }
    }
}
