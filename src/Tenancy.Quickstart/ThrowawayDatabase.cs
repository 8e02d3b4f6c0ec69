using Npgsql;
using Tenancy.Core.Tenants;
using Tenancy.LocalPostgres;

namespace Tenancy.Quickstart;

/// <summary>A database of its own on a server of its own, with an empty shared schema. Both are gone when it is disposed, or when the process ends.</summary>
internal sealed class ThrowawayDatabase : IAsyncDisposable
{
    /// <summary>The database's name.</summary>
    public const string Name = "saas";

    private readonly NpgsqlDataSource source;

    private ThrowawayDatabase(LocalPostgresServer server)
    {
        Server = server;
        source = NpgsqlDataSource.Create(server.ConnectionString(Name));
    }

    /// <summary>The server.</summary>
    public LocalPostgresServer Server { get; }

    /// <summary>How the engine connects to it.</summary>
    public ConnectionSettings Settings => new() { Host = Server.Host, Port = Server.Port, Database = Name, Username = Server.SuperUser };

    /// <summary>Starts the server and makes the database.</summary>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<ThrowawayDatabase> StartAsync(CancellationToken cancellation)
    {
        var server = await LocalPostgresServer.StartAsync(ct: cancellation);
        try
        {
            await using (var maintenance = NpgsqlDataSource.Create(server.ConnectionString()))
            {
                await using var create = maintenance.CreateCommand($"CREATE DATABASE {Name}");
                await create.ExecuteNonQueryAsync(cancellation);
            }

            var database = new ThrowawayDatabase(server);
            await database.ExecuteAsync("CREATE SCHEMA shared", cancellation);
            return database;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs SQL, as the product or a person would beside the engine.</summary>
    /// <param name="sql">The statements.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task ExecuteAsync(string sql, CancellationToken cancellation)
    {
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await source.DisposeAsync();
        await Server.DisposeAsync();
    }
}
