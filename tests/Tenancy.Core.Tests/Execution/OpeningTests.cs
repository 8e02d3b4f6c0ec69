using System.Globalization;
using Tenancy.Core.Tenants;
using Tenancy.LocalPostgres;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>The message that a run begins with, and what is done where it fails.</summary>
public sealed class OpeningTests
{
    private const string One = "revision: aaaa0001\nup:\n  - create_table: {name: a, columns: [{name: id, type: bigint}]}";
    private const string Two = "revision: aaaa0002\nparent: aaaa0001\nup:\n  - create_table: {name: b, columns: [{name: id, type: bigint}]}";
    private const string Patient = "fleet: test\nretries: {max: 100, pause: 100ms, longest_pause: 500ms}";

    [Fact]
    public async Task A_lock_on_the_history_is_waited_for_as_any_other_is()
    {
        await using var database = await CreateAsync();
        using var project = Project(database, "fleet: test\ntimeouts: {lock: 300ms}\nretries: {max: 50, pause: 100ms, longest_pause: 200ms}");
        await using var holder = await database.HoldAsync("BEGIN; LOCK tenancy.head");

        var run = project.MigrateAsync(FleetProject.Tenants("t1"));
        await project.Log.UntilAsync("Tried again");
        Assert.False(run.IsCompleted);
        await holder.CloseAsync();

        Outcome.AssertMigrated(await run);
    }

    [Theory]
    [InlineData("LOCK tenancy.head")]
    [InlineData("LOCK tenancy.run IN SHARE MODE")]
    public async Task A_lock_that_stays_is_told_with_who_holds_it(string held)
    {
        await using var database = await CreateAsync();
        using var project = Project(database, "fleet: test\ntimeouts: {lock: 1s}\nretries: {max: 1, pause: 100ms}");
        await using var holder = await database.HoldAsync($"BEGIN; {held} /* s3cret */", "a nightly job");

        var error = await Assert.ThrowsAsync<TenancyException>(() => project.MigrateAsync(FleetProject.Tenants("t1")));

        Assert.Equal("HistoryFailed", error.ErrorId);
        Assert.Contains($"(55P03). Blocked by process {holder.ProcessID.ToString(CultureInfo.InvariantCulture)} of postgres ('a nightly job', idle in transaction, its transaction ", error.Message, StringComparison.Ordinal);
        Assert.Contains("pg_terminate_backend", error.RecommendedAction, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("REVOKE SELECT ON tenancy.tenant FROM PUBLIC", "tenant")]
    [InlineData("REVOKE SELECT ON tenancy.head FROM PUBLIC", "head")]
    [InlineData("REVOKE USAGE ON SCHEMA tenancy FROM PUBLIC", "tenancy")]
    [InlineData("REVOKE SELECT ON tenancy.installation FROM PUBLIC", "installation")]
    public async Task A_role_that_may_not_read_the_history_is_told_what(string revoke, string named)
    {
        await using var database = await CreateAsync();
        var plain = (await TestRoles.CreateAsync("plain"))["plain"];
        await database.ExecuteAsync($"GRANT USAGE ON SCHEMA tenancy TO PUBLIC; GRANT ALL ON ALL TABLES IN SCHEMA tenancy TO PUBLIC; {revoke}; ALTER SCHEMA t1 OWNER TO {plain}");
        using var project = Project(database);
        project.Connection = project.Connection with { Username = plain };

        var error = await Assert.ThrowsAsync<TenancyException>(() => project.MigrateAsync(FleetProject.Tenants("t1")));

        Assert.Equal("HistoryDenied", error.ErrorId);
        Assert.Contains($"User '{plain}'", error.Message, StringComparison.Ordinal);
        Assert.Contains($"permission denied for {(named == "tenancy" ? "schema" : "table")} {named}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_history_that_was_renamed_is_not_begun_anew()
    {
        await using var database = await CreateAsync();
        await database.ExecuteAsync("ALTER SCHEMA tenancy RENAME TO kept");
        using var project = Project(database);
        var before = await database.DumpAsync();

        var error = await Assert.ThrowsAsync<TenancyException>(() => project.MigrateAsync(FleetProject.Tenants("t1")));

        Assert.Equal("HistoryElsewhere", error.ErrorId);
        Assert.Contains("ALTER SCHEMA \"kept\" RENAME TO \"tenancy\"", error.RecommendedAction, StringComparison.Ordinal);
        Assert.Equal(before, await database.DumpAsync());

        using var other = Project(database, "fleet: other");
        Assert.NotEqual("HistoryElsewhere", Assert.Single(await other.MigrateAsync(FleetProject.Tenants("t1"))).Failure?.ErrorId);
    }

    [Fact]
    public async Task A_server_that_restarts_just_then_is_waited_for()
    {
        await using var server = await LocalPostgresServer.StartAsync();
        var database = new TestDatabase(server, "postgres");
        await using var source = database.DataSource;
        await database.ExecuteAsync("CREATE SCHEMA t1");
        using var project = Project(database, Patient);
        await using var fleet = project.Open();
        // Its pool has a connection from now on.
        Outcome.AssertMigrated(await fleet.MigrateAsync(FleetProject.Tenants("t1"), new() { To = "aaaa0001" }, project.Log).ToListAsync());

        await server.StopAsync(StopMode.Immediate);
        var run = fleet.MigrateAsync(FleetProject.Tenants("t1"), new(), project.Log).ToListAsync().AsTask();
        await project.Log.UntilAsync("Tried again");
        await server.StartAgainAsync();

        Outcome.AssertMigrated(await run);    }

    [Fact]
    public async Task A_server_that_never_answered_is_told_at_once()
    {
        using var project = new FleetProject(new ConnectionSettings { Host = "127.0.0.1", Port = 1, Database = "postgres", Username = "postgres" }, Patient).With("1", One);

        var error = await Assert.ThrowsAsync<TenancyException>(() => project.MigrateAsync(FleetProject.Tenants("t1")));

        Assert.Equal("ConnectionFailed", error.ErrorId);
        Assert.DoesNotContain("Tried again", project.Log.Text, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_server_that_is_down_behind_a_pooler_is_waited_for(bool isKnown)
    {
        await using var server = await LocalPostgresServer.StartAsync();
        var database = new TestDatabase(server, "postgres");
        await using var source = database.DataSource;
        await database.ExecuteAsync("CREATE SCHEMA t1");
        await using var pooler = await PgBouncerServer.StartAsync(server);
        using var direct = Project(database);
        Outcome.AssertMigrated(await direct.MigrateAsync(FleetProject.Tenants("t1"), new() { To = "aaaa0001" }));
        using var project = Project(database, Patient);
        project.Connection = new ConnectionSettings { Host = pooler.Host, Port = pooler.Port, Database = "postgres", Username = server.SuperUser };
        await using var fleet = project.Open();
        if (isKnown)
        {
            // Connections of the run to the pooler are open, and stay so.
            Assert.Equal(MigrationStatus.UpToDate, Assert.Single(await fleet.MigrateAsync(FleetProject.Tenants("t1"), new() { To = "aaaa0001" }, project.Log).ToListAsync()).Status);
        }

        await server.StopAsync(StopMode.Immediate);
        var run = fleet.MigrateAsync(FleetProject.Tenants("t1"), new(), project.Log).ToListAsync().AsTask();
        // The pooler keeps some waiting, and tells others that there is none.
        await Task.Delay(TimeSpan.FromSeconds(2));
        Assert.False(run.IsCompleted);
        await server.StartAgainAsync();

        Outcome.AssertMigrated(await run);    }

    [SkippableFact]
    public async Task A_standby_is_refused_and_nothing_is_asked_of_it_twice()
    {
        await using var primary = await LocalPostgresServer.StartAsync();
        Skip.IfNot(primary.CanMakeStandby, "There is no pg_basebackup here.");
        var database = new TestDatabase(primary, "postgres");
        await using var source = database.DataSource;
        await database.ExecuteAsync("CREATE SCHEMA t1");
        using var first = Project(database);
        Outcome.AssertMigrated(await first.MigrateAsync(FleetProject.Tenants("t1"), new() { To = "aaaa0001" }));
        await using var standby = await primary.StartStandbyAsync();
        var copy = new TestDatabase(standby, "postgres");
        await using var copied = copy.DataSource;
        using var project = Project(copy, Patient);

        var error = await Assert.ThrowsAsync<TenancyException>(() => project.MigrateAsync(FleetProject.Tenants("t1")));

        Assert.Equal("ServerIsStandby", error.ErrorId);
        Assert.DoesNotContain("Tried again", project.Log.Text, StringComparison.Ordinal);    }

    // A tenant at the first of two revisions.
    private static async Task<TestDatabase> CreateAsync()
    {
        var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA t1");
        using var project = Project(database);
        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("t1"), new() { To = "aaaa0001" }));
        return database;
    }

    private static FleetProject Project(TestDatabase database, string project = "fleet: test") => new FleetProject(database, project).With("1", One).With("2", Two);
}
