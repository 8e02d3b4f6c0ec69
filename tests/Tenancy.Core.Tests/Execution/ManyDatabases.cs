using Tenancy.Core.Tenants;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>Databases of one test, each with tenants of its own; the first is the project's default.</summary>
internal sealed class ManyDatabases : IAsyncDisposable
{
    internal const string Thing = """
        revision: aaaa0001
        up:
          - create_table: {name: thing, columns: [{name: id, type: integer}]}
        """;

    // As Thing, but each tenant stops at a lock that the test may hold, by HoldGateAsync.
    internal const string Gated = Thing + """

          - sql: SELECT pg_advisory_xact_lock_shared(4242)
            undo: SELECT 1
        """;

    private ManyDatabases(List<TestDatabase> databases, List<Tenant> tenants) => (All, Tenants) = (databases, tenants);

    internal List<TestDatabase> All { get; }

    /// <summary>All tenants, database after database.</summary>
    internal List<Tenant> Tenants { get; }

    internal static async Task<ManyDatabases> CreateAsync(int databases, int tenants)
    {
        List<TestDatabase> all = [];
        List<Tenant> members = [];
        for (var number = 0; number < databases; number++)
        {
            var database = await PostgresFixture.CreateDatabaseAsync();
            all.Add(database);
            for (var tenant = 0; tenant < tenants; tenant++)
            {
                await database.ExecuteAsync($"CREATE SCHEMA t{tenant}");
                members.Add(new() { Name = $"{database.Name}_t{tenant}", Schema = $"t{tenant}", Database = database.Name });
            }
        }

        return new(all, members);
    }

    internal FleetProject Project(string manifest, string project = "fleet: test", string? username = null) =>
        new FleetProject(new ConnectionSettings { Host = All[0].Server.Host, Port = All[0].Server.Port, Database = All[0].Name, Username = username ?? "postgres" }, project).With("1", manifest);

    /// <summary>Holds what <see cref="Gated"/> waits for, in every database; closing lets go.</summary>
    internal async Task<List<Npgsql.NpgsqlConnection>> HoldGateAsync()
    {
        List<Npgsql.NpgsqlConnection> gates = [];
        foreach (var database in All)
        {
            gates.Add(await database.HoldAsync("SELECT pg_advisory_lock(4242)"));
        }

        return gates;
    }

    /// <summary>How many tenants wait at the gate, over all databases.</summary>
    internal Task<long> WaitingAsync() => CountAsync("wait_event_type = 'Lock' AND query LIKE '%pg_advisory_xact_lock_shared%'");

    /// <summary>How many sessions of runs there are, over all databases.</summary>
    internal Task<long> SessionsAsync() => CountAsync("(application_name LIKE 'tenancy %' OR application_name = 'TenancyMigrate')");

    /// <summary>Asserts that no more than one session of runs is left; a server process ends some time after its connection.</summary>
    internal async Task AssertFewSessionsAsync()
    {
        for (var deadline = DateTime.UtcNow.AddMinutes(1); await SessionsAsync() > 1 && DateTime.UtcNow < deadline;)
        {
            await Task.Delay(100);
        }

        Assert.InRange(await SessionsAsync(), 0, 1);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var database in All)
        {
            await database.DisposeAsync();
        }
    }

    private Task<long> CountAsync(string condition) => All[0].ScalarAsync<long>(
        $"SELECT count(*) FROM pg_stat_activity WHERE datname IN ({string.Join(", ", All.Select(static database => $"'{database.Name}'"))}) AND pid <> pg_backend_pid() AND {condition}");
}
