using System.Text.Json;
using Tenancy.Core;
using Tenancy.Model;

namespace Tenancy.Quickstart;

/// <summary>The server with a shared schema and 25 tenants at base, for another process to work with.</summary>
internal static class Serving
{
    /// <summary>Starts it, says where it is in one line of JSON, and lives until the input ends.</summary>
    /// <param name="output">Takes the line.</param>
    /// <param name="input">Its end is the end of the server: it ends with the process that holds the other side.</param>
    /// <param name="cancellation">Ends it too.</param>
    public static async Task RunAsync(TextWriter output, TextReader input, CancellationToken cancellation)
    {
        await using var database = await ThrowawayDatabase.StartAsync(cancellation);
        await using (var fleet = Fleet.Open(Example.ProjectFolder, database.Settings))
        {
            await foreach (var result in fleet.CreateTenantsAsync(Example.Tenants, new() { To = "base" }, new Warnings(), cancellation))
            {
                UnexpectedOutcomeException.Unless(result.Failure is null, $"tenant '{result.Name}' could not be made: {result.Error}");
            }
        }

        await output.WriteLineAsync(JsonSerializer.Serialize(new
        {
            host = database.Server.Host,
            port = database.Server.Port,
            database = ThrowawayDatabase.Name,
            user = database.Server.SuperUser,
            project = Example.ProjectFolder,
            tenants = Example.Tenants.Count,
            version = database.Server.Version,
        }));
        await output.FlushAsync(cancellation);
        while (await input.ReadLineAsync(cancellation) is not null)
        {
            // What is typed means nothing; only the end does.
        }
    }
}
