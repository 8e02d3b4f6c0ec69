using Tenancy.Core.Planning;
using Tenancy.Core.Tenants;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>How many connections a run uses where nobody says.</summary>
public sealed class ConnectionChoiceTests
{
    private static readonly int Here = Math.Clamp(2 * Environment.ProcessorCount, 2, 16);

    [Fact]
    public async Task On_this_machine_two_for_each_core()
    {
        await using var databases = await ManyDatabases.CreateAsync(databases: 1, tenants: Here + 3);
        using var project = databases.Project(ManyDatabases.Gated, "fleet: test\ntimeouts: {lock: 60s}");
        var gates = await databases.HoldGateAsync();

        var run = project.MigrateAsync(databases.Tenants, new() { ThrottleLimit = 0 });
        await databases.All[0].UntilAsync($"SELECT count(*) = {Here} FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%pg_advisory_xact_lock_shared%'");
        await Task.Delay(300);
        Assert.Equal(Here, await databases.WaitingAsync());
        gates.ForEach(static gate => gate.Dispose());

        Outcome.AssertMigrated(await run);
        Assert.Matches($"{Here} connections at once \\(two for each of the {Environment.ProcessorCount} cores of this machine, but 16 at the most; [0-9]+ are free\\)", project.Log.Text);
    }

    [Fact]
    public async Task Half_of_what_is_free_is_left_to_others()
    {
        await using var databases = await ManyDatabases.CreateAsync(databases: 1, tenants: 4);
        var roles = await TestRoles.CreateAsync("deploy");
        await PostgresFixture.ExecuteAsync($"ALTER ROLE {roles["deploy"]} CONNECTION LIMIT 3");
        var schemas = string.Join("; ", databases.Tenants.Select(tenant => $"ALTER SCHEMA {tenant.Schema} OWNER TO {roles["deploy"]}"));
        await databases.All[0].ExecuteAsync($"GRANT CREATE ON DATABASE {databases.All[0].Name} TO {roles["deploy"]}; {schemas}");
        using var project = databases.Project(ManyDatabases.Thing, username: roles["deploy"]);

        Outcome.AssertMigrated(await project.MigrateAsync(databases.Tenants, new() { ThrottleLimit = 0 }));

        Assert.Contains("1 connection at once (half of the 2 that are free).", project.Log.Text, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Behind_a_pooler_a_share_of_its_pool()
    {
        await using var databases = await ManyDatabases.CreateAsync(databases: 1, tenants: 6);
        await using var pooler = await PgBouncerServer.StartAsync(databases.All[0].Server);
        using var project = databases.Project(ManyDatabases.Thing);
        project.Connection = new ConnectionSettings { Host = pooler.Host, Port = pooler.Port, Database = databases.All[0].Name, Username = "postgres" };

        Outcome.AssertMigrated(await project.MigrateAsync(databases.Tenants, new() { ThrottleLimit = 0 }));

        Assert.Matches("4 connections at once \\(behind a connection pooler; [0-9]+ are free\\)", project.Log.Text);
    }

    [Fact]
    public async Task A_role_that_may_not_ask_works_with_a_few()
    {
        await using var databases = await ManyDatabases.CreateAsync(databases: 1, tenants: 6);
        var roles = await TestRoles.CreateAsync("deploy");
        var schemas = string.Join("; ", databases.Tenants.Select(tenant => $"ALTER SCHEMA {tenant.Schema} OWNER TO {roles["deploy"]}"));
        await databases.All[0].ExecuteAsync($"GRANT CREATE ON DATABASE {databases.All[0].Name} TO {roles["deploy"]}; {schemas}; REVOKE SELECT ON pg_stat_database FROM PUBLIC");
        using var project = databases.Project(ManyDatabases.Thing, username: roles["deploy"]);

        Outcome.AssertMigrated(await project.MigrateAsync(databases.Tenants, new() { ThrottleLimit = 0 }));

        Assert.Contains("4 connections at once (", project.Log.Text, StringComparison.Ordinal);
        Assert.Contains("could not be asked what the server can take).", project.Log.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(3, 0, 3)]
    [InlineData(0, 2, 2)]
    [InlineData(8, 2, 2)]
    public async Task What_the_user_says_goes(int database, int server, int atOnce)
    {
        await using var databases = await ManyDatabases.CreateAsync(databases: 1, tenants: 5);
        using var project = databases.Project(ManyDatabases.Gated, "fleet: test\ntimeouts: {lock: 60s}");
        var gates = await databases.HoldGateAsync();

        var run = project.MigrateAsync(databases.Tenants, new() { ThrottleLimit = database, ServerThrottleLimit = server });
        await databases.All[0].UntilAsync($"SELECT count(*) = {atOnce} FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%pg_advisory_xact_lock_shared%'");
        await Task.Delay(300);
        Assert.Equal(atOnce, await databases.WaitingAsync());
        gates.ForEach(static gate => gate.Dispose());
        Outcome.AssertMigrated(await run);
    }

    [Fact]
    public async Task A_server_that_cannot_be_reached_is_the_error_of_a_run_on_it_alone()
    {
        await using var databases = await ManyDatabases.CreateAsync(databases: 1, tenants: 0);
        using var project = databases.Project(ManyDatabases.Thing);
        project.Connection = project.Connection with { Port = 1 };

        var error = await Assert.ThrowsAsync<TenancyException>(() => project.MigrateAsync(FleetProject.Tenants("t0", "t1"), new() { ThrottleLimit = 0 }));

        Assert.Equal("ConnectionFailed", error.ErrorId);
    }
}
