using Npgsql;
using Tenancy.Core.Tests.Execution;
using Xunit;

namespace Tenancy.Core.Tests.Provisioning;

/// <summary>New tenants keep writers of the shared tables that they point to waiting only for the end of a transaction.</summary>
public sealed class SharedTableLocksTests
{
    private const string Manifest = """
        revision: aaaa0001
        touches: [shared.users]
        data: true
        up:
          - sql: |
              CREATE TABLE tenant_schema.item (id int PRIMARY KEY, owner int REFERENCES shared.users, other int);
              INSERT INTO tenant_schema.item VALUES (1, 1, NULL);
              CREATE FUNCTION tenant_schema.nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
              CREATE TRIGGER late BEFORE INSERT ON tenant_schema.item FOR EACH ROW EXECUTE FUNCTION tenant_schema.nothing();
        down: {irreversible: no}
        """;

    [Fact]
    public async Task Writers_go_on_until_all_tenants_of_a_transaction_have_all_else()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("""
            CREATE SCHEMA shared; CREATE TABLE shared.users (id int PRIMARY KEY, note text); INSERT INTO shared.users VALUES (1, '');
            CREATE FUNCTION stop() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
              IF tg_tag = 'CREATE TRIGGER' AND EXISTS (SELECT FROM pg_event_trigger_ddl_commands() c WHERE c.object_identity LIKE '%made_three%') THEN
                PERFORM pg_advisory_xact_lock(1);
              ELSIF tg_tag = 'ALTER TABLE' AND EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = to_regclass('made_one.item') AND k.confrelid = 'shared.users'::regclass) THEN
                PERFORM pg_advisory_xact_lock(2);
              END IF;
            END $$;
            CREATE EVENT TRIGGER stops ON ddl_command_end EXECUTE FUNCTION stop();
            """);
        using var project = new FleetProject(database, "fleet: test\ntimeouts: {lock: 60s}").With("1", Manifest);
        var first = await database.HoldAsync("SELECT pg_advisory_lock(1)");
        var second = await database.HoldAsync("SELECT pg_advisory_lock(2)");

        await using var fleet = project.Open();
        var making = fleet.CreateTenantsAsync(FleetProject.Tenants("made_one", "made_two", "made_three"), new() { ThrottleLimit = 1 }, project.Log).ToListAsync().AsTask();
        await database.UntilBlockedAsync("DO %");
        // Two have all but their keys, the third all but its trigger.
        await database.ExecuteAsync("SET LOCAL lock_timeout = '2s'; UPDATE shared.users SET note = 'written'");

        await first.DisposeAsync();
        await database.UntilAsync("SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = 2 AND NOT granted)");
        var locked = await Assert.ThrowsAsync<PostgresException>(() => database.ExecuteAsync("DO $$ BEGIN LOCK TABLE shared.users IN ROW EXCLUSIVE MODE NOWAIT; END $$"));
        await second.DisposeAsync();

        Outcome.AssertMigrated(await making);
        Assert.Equal(PostgresErrorCodes.LockNotAvailable, locked.SqlState);
        Assert.Equal(1L, await database.ScalarAsync<long>("SELECT count(DISTINCT started_at) FROM tenancy.history WHERE direction = 'create'"));
        Assert.Equal(3L, await database.ScalarAsync<long>("SELECT count(*) FROM pg_constraint WHERE confrelid = 'shared.users'::regclass"));
    }
}
