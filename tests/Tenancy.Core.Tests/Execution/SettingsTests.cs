using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>No statement waits without a limit, no transaction sits idle without one, and none means something else than the manifest says.</summary>
public sealed class SettingsTests
{
    [Fact]
    public async Task Every_statement_runs_under_the_settings_of_the_project()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database, "fleet: test\ntimeouts: {lock: 3s, statement: 7min, idle: 11s, concurrent_lock: 13min, concurrent_statement: 2h}")
            .With("1", """
                revision: b0000001
                down: {irreversible: not of interest}
                up:
                  - sql: CALL note('first')
                  - sql: CALL note('second')
                    lock_timeout: 1s
                    statement_timeout: 2s
                  - sql: CALL note('third')
                  - sql: CALL note('outside')
                    transaction: none
                    done_when: "false"
                """);
        await database.ExecuteAsync($$"""
            ALTER DATABASE {{database.Name}} SET standard_conforming_strings = off;
            ALTER DATABASE {{database.Name}} SET default_transaction_read_only = on;
            ALTER DATABASE {{database.Name}} SET default_transaction_isolation = 'repeatable read';
            CREATE SCHEMA t1;
            CREATE TABLE t1.noted (at text, name text, value text);
            CREATE PROCEDURE t1.note(at text) LANGUAGE sql AS $$
              INSERT INTO t1.noted SELECT at, name, current_setting(name) FROM unnest(ARRAY['lock_timeout', 'statement_timeout',
                'idle_in_transaction_session_timeout', 'standard_conforming_strings', 'row_security', 'transaction_isolation', 'application_name']) name $$
            """);
        await using var fleet = project.Open();
        var request = new Tenancy.Core.Planning.MigrationRequest();

        var result = (await fleet.MigrateAsync(FleetProject.Tenants("t1"), request, project.Log).ToListAsync()).Single();

        Assert.Null(result.Error);
        var noted = (await database.QueryAsync("SELECT at, string_agg(value, ' ' ORDER BY name) FROM t1.noted WHERE name <> 'application_name' GROUP BY at")).ToDictionary(static row => (string)row[0]!, static row => (string)row[1]!);
        // idle, lock, row security, strings, statement, isolation
        Assert.Equal("11s 3s off on 7min read committed", noted["first"]);
        Assert.Equal("11s 1s off on 2s read committed", noted["second"]);
        Assert.Equal("11s 3s off on 7min read committed", noted["third"]);
        Assert.Equal("11s 13min off on 2h read committed", noted["outside"]);
        Assert.Equal(
            [$"tenancy {request.RunId.ToString("N")[..8]} t1"],
            (await database.QueryAsync("SELECT DISTINCT value FROM t1.noted WHERE name = 'application_name'")).Select(static row => row[0]));

        // Nothing of it is left on the connection of the steps outside a transaction.
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'tenancy %'"));
    }
}
