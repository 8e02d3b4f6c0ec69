using Npgsql;
using Tenancy.LocalPostgres;

namespace Tenancy.Core.Tests.Faults;

/// <summary>Databases of a server that a test has for itself, because of its settings or to crash it.</summary>
internal static class OwnServer
{
    /// <summary>Makes a database; it goes with the server, and only its <see cref="TestDatabase.DataSource"/> is to be disposed.</summary>
    internal static async Task<TestDatabase> CreateDatabaseAsync(this LocalPostgresServer server, string name)
    {
        await using var connection = new NpgsqlConnection(server.ConnectionString() + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"CREATE DATABASE {name} TEMPLATE template0", connection);
        await command.ExecuteNonQueryAsync();
        return new TestDatabase(server, name);
    }
}
