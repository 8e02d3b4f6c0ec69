using System.Globalization;
using Tenancy.Core.Tests.Execution;
using Tenancy.Core.Tests.Faults;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Provisioning;

/// <summary>Tenants that are copied, renamed and removed while others hold them, and connections lost at COMMIT: what passes is waited for, and the result is true.</summary>
public sealed class BlockedProvisioningTests
{
    private const string Item = "revision: aaaa0001\nup:\n  - create_table: {name: item, columns: [{name: id, type: integer}]}\ndown: auto\n";

    [Theory]
    [InlineData("copy", "BEGIN; LOCK TABLE t1.item")]
    [InlineData("rename", "BEGIN; GRANT USAGE ON SCHEMA t1 TO PUBLIC")]
    [InlineData("remove", "BEGIN; LOCK TABLE t1.item IN ACCESS SHARE MODE")]
    public async Task A_lock_that_is_let_go_of_is_waited_for(string work, string block)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database, "fleet: test\ntimeouts: {lock: 1s}\nretries: {max: 100, pause: 50ms, longest_pause: 200ms}").With("1", Item);
        Outcome.AssertMigrated(await project.CreateAsync(FleetProject.Tenants("t1")));
        var holder = await database.HoldAsync(block, "a nightly job");

        var doing = DoAsync(project, work);
        await project.Log.UntilAsync(string.Create(CultureInfo.InvariantCulture, $"canceling statement due to lock timeout (blocked by process {holder.ProcessID}"));
        await holder.DisposeAsync();

        Assert.Null(await doing);
        await AssertDoneAsync(database, work);
    }

    [Theory]
    [InlineData("copy", "BEGIN; LOCK TABLE t1.item")]
    [InlineData("rename", "BEGIN; GRANT USAGE ON SCHEMA t1 TO PUBLIC")]
    [InlineData("remove", "BEGIN; LOCK TABLE t1.item IN ACCESS SHARE MODE")]
    public async Task A_lock_held_for_longer_than_all_tries_is_told_with_who_holds_it(string work, string block)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database, "fleet: test\ntimeouts: {lock: 1500ms}\nretries: {max: 2, pause: 50ms}").With("1", Item);
        Outcome.AssertMigrated(await project.CreateAsync(FleetProject.Tenants("t1")));
        var before = await database.DumpAsync();
        await using var holder = await database.HoldAsync(block, "a nightly job");

        var failure = await DoAsync(project, work);

        Assert.Equal(("LockTimeout", "55P03"), (failure!.ErrorId, failure.SqlState));
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"Blocked by process {holder.ProcessID} of postgres ('a nightly job', idle in transaction, its transaction "), failure.Message, StringComparison.Ordinal);
        Assert.EndsWith("Tried 3 times.", failure.Message, StringComparison.Ordinal);
        await holder.CloseAsync();
        await database.AssertNoLocksAsync();
        Assert.Equal(before, await database.DumpAsync());
    }

    [Theory]
    [InlineData("copy", "copied from schema", true)]
    [InlineData("copy", "copied from schema", false)]
    [InlineData("rename", "moved_heads", true)]
    [InlineData("rename", "moved_heads", false)]
    [InlineData("remove", "unregistered AS", true)]
    [InlineData("remove", "unregistered AS", false)]
    public async Task A_connection_lost_at_COMMIT_leaves_a_true_result(string work, string marker, bool reachesServer)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database, "fleet: test\nretries: {max: 5, pause: 50ms}").With("1", Item);
        Outcome.AssertMigrated(await project.CreateAsync(FleetProject.Tenants("t1")));
        await using var proxy = new CuttingProxy(database, marker, reachesServer);
        project.Connection = database.Through(proxy.Port, null);

        Assert.Null(await DoAsync(project, work));

        Assert.Equal(1, proxy.Cuts);
        await AssertDoneAsync(database, work);
    }

    [Theory]
    [InlineData("copy")]
    [InlineData("rename")]
    [InlineData("remove")]
    public async Task A_connection_that_is_ended_meanwhile_is_opened_again(string work)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database, "fleet: test\ntimeouts: {lock: 1min}\nretries: {max: 5, pause: 50ms}").With("1", Item);
        Outcome.AssertMigrated(await project.CreateAsync(FleetProject.Tenants("t1")));
        var holder = await database.HoldAsync(work == "rename" ? "BEGIN; GRANT USAGE ON SCHEMA t1 TO PUBLIC" : "BEGIN; LOCK TABLE t1.item");

        var doing = DoAsync(project, work);
        await database.TerminateAsync(await database.UntilBlockedAsync("%"));
        await project.Log.UntilAsync("tried again in");
        await holder.DisposeAsync();

        Assert.Null(await doing);
        await AssertDoneAsync(database, work);
    }

    /// <summary>No manifest is at fault then.</summary>
    [Theory]
    [InlineData("new", "CREATE SCHEMA")]
    [InlineData("copy", "CREATE SCHEMA")]
    [InlineData("rename", "ALTER SCHEMA")]
    [InlineData("remove", "DROP SCHEMA")]
    public async Task What_an_event_trigger_refuses_says_so_and_blames_no_manifest(string work, string tag)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database).With("1", Item);
        Outcome.AssertMigrated(await project.CreateAsync(FleetProject.Tenants("t1")));
        await database.ExecuteAsync($"""
            CREATE FUNCTION public.guard() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN
              IF pg_catalog.current_query() NOT LIKE '%tenancy_scratch%' THEN RAISE EXCEPTION 'not on Fridays'; END IF;
            END$$;
            CREATE EVENT TRIGGER guard ON ddl_command_start WHEN TAG IN ('{tag}') EXECUTE FUNCTION public.guard()
            """);
        var before = await StandingAsync();

        var failure = await DoAsync(project, work);

        Assert.Equal(("StatementFailed", "P0001"), (failure!.ErrorId, failure.SqlState));
        Assert.Contains("not on Fridays (P0001). It was raised in PL/pgSQL function guard() line 2 at RAISE.", failure.Message, StringComparison.Ordinal);
        Assert.Contains("an event trigger", failure.RecommendedAction, StringComparison.Ordinal);
        Assert.DoesNotContain("manifest", failure.RecommendedAction, StringComparison.Ordinal);
        Assert.Equal(before, await StandingAsync());
        await database.ExecuteAsync("DROP EVENT TRIGGER guard");
        Assert.Null(await DoAsync(project, work));

        async Task<string> StandingAsync() => await database.DumpAsync(except: "tenancy") + await database.ScalarAsync<string>("SELECT (SELECT string_agg(t::text, ' ') FROM tenancy.tenant t) || (SELECT string_agg(h::text, ' ' ORDER BY id) FROM tenancy.history h)");
    }

    private static async Task AssertDoneAsync(TestDatabase database, string work)
    {
        Assert.Equal(
            work switch { "copy" => "copied, t1", "rename" => "copied", _ => null },
            await database.ScalarAsync<string>("SELECT string_agg(nspname, ', ' ORDER BY nspname) FROM pg_namespace WHERE nspname IN ('t1', 'copied')"));
        Assert.Equal(
            work switch { "copy" => "create t1, create copied", "rename" => "create t1, rename copied", _ => "create t1, remove t1" },
            await database.ScalarAsync<string>("SELECT string_agg(direction || ' ' || schema, ', ' ORDER BY id) FROM tenancy.history WHERE revision IS NULL AND outcome = 'done'"));
        Assert.Equal(work switch { "copy" => 2L, "rename" => 1L, _ => 0L }, await database.ScalarAsync<long>("SELECT count(*) FROM tenancy.tenant t JOIN tenancy.head h USING (schema) JOIN pg_class c ON c.relname = 'item' AND c.relnamespace = to_regnamespace(schema)"));
        await database.AssertNoLocksAsync();
    }

    private static async Task<MigrationFailure?> DoAsync(FleetProject project, string work)
    {
        await using var fleet = project.Open();
        try
        {
            await ProvisioningWork.RunAsync(fleet, work, "t1", "copied", project.Log);
            return null;
        }
        catch (MigrationException failed)
        {
            return failed.Failure;
        }
    }
}
