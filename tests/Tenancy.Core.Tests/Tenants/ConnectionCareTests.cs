using Tenancy.Core.Tenants;
using Xunit;

namespace Tenancy.Core.Tests.Tenants;

public sealed class ConnectionCareTests
{
    [Fact]
    public void A_connection_is_worn_after_so_many_uses_whatever_the_others_do()
    {
        var care = new ConnectionCare();
        for (var use = 1; use < ConnectionCare.MostUses; use++)
        {
            Assert.False(care.IsWorn(1));
            Assert.False(use % 10 == 0 && care.IsWorn(2));
        }

        Assert.True(care.IsWorn(1));
        Assert.False(care.IsWorn(2));
    }

    [Fact]
    public async Task The_next_connection_is_a_new_one()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await using var connector = new DatabaseConnector(new() { Host = database.Server.Host, Port = database.Server.Port, Database = database.Name, Username = "postgres" });
        List<int> processes = [];
        for (var use = 0; use <= ConnectionCare.MostUses; use++)
        {
            await using var connection = await connector.OpenAsync(connector.Default, default);
            processes.Add(connection.ProcessID);
        }

        Assert.Single(processes.Take(ConnectionCare.MostUses).Distinct());
        Assert.NotEqual(processes[0], processes[^1]);
    }
}
