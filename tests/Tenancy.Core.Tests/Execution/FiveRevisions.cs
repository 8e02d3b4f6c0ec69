using Tenancy.Core.Tenants;
using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>A project of five revisions, whose transactions go in one message.</summary>
internal static class FiveRevisions
{
    /// <summary>Waits while a test holds the lock 4242.</summary>
    internal const string Gate = "SELECT pg_catalog.pg_advisory_xact_lock_shared(4242)";

    /// <summary>The project: locks are waited for shortly, another run for long.</summary>
    internal const string Settings = "fleet: test\ntimeouts: {lock: 1s, tenant_lock: 2min}\nretries: {pause: 10ms}";

    /// <summary>The third revision, marked as applied and not run.</summary>
    internal const string Marked = """
        revision: aaaa0003
        parent: aaaa0002
        requires: [{sql: SELECT false, message: not here, on_fail: mark_applied}]
        down: {irreversible: a test}
        up: [{sql: CREATE TABLE tenant_schema.n3 ()}]
        """;

    /// <summary>A database with two tenants, and a table for the hook.</summary>
    internal static async Task<TestDatabase> CreateAsync()
    {
        var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA t1; CREATE SCHEMA t2; CREATE TABLE t1.hooked (n integer)");
        return database;
    }

    /// <summary>How to connect to it.</summary>
    internal static ConnectionSettings Connection(TestDatabase database) => new() { Host = database.Server.Host, Port = database.Server.Port, Database = database.Name, Username = "postgres" };

    /// <summary>A project with a hook that tells how often it was run.</summary>
    internal static FleetProject HookProject(ConnectionSettings connection) =>
        new(connection, Settings.Replace("lock: 1s", "lock: 60s", StringComparison.Ordinal) + "\nhooks: {before_tenant: INSERT INTO tenant_schema.hooked VALUES (1)}");

    /// <summary>Five revisions that make a table each; some do more.</summary>
    internal static FleetProject Project(TestDatabase database, params (int Number, string Sql)[] more) => Project(new FleetProject(database, more.Any(static one => one.Sql == Gate) ? Settings.Replace("lock: 1s", "lock: 60s", StringComparison.Ordinal) : Settings), more);

    /// <summary>The same in a project that is there.</summary>
    internal static FleetProject Project(FleetProject project, params (int Number, string Sql)[] more)
    {
        for (var number = 1; number <= 5; number++)
        {
            project.With($"{number}", Manifest(number, [$"CREATE TABLE tenant_schema.n{number} ()", .. more.Where(one => one.Number == number).Select(static one => one.Sql)]));
        }

        return project;
    }

    /// <summary>A revision behind the one before it.</summary>
    internal static string Manifest(int number, params string[] statements) => $$"""
        revision: {{Id(number)}}
        {{(number == 1 ? "" : $"parent: {Id(number - 1)}")}}
        down: {irreversible: a test}
        up:
        {{string.Join('\n', statements.Select(static sql => $"  - sql: {sql}"))}}
        """;

    /// <summary>The steps that a run told of.</summary>
    internal static IEnumerable<string> Told(FleetProject project) => project.Log.Steps.Select(static step => $"{step.Revision} {step.Outcome}");

    /// <summary>The id of a revision by its number.</summary>
    internal static string Id(int number) => $"aaaa{number:0000}";

    /// <summary>Tables, head and history agree.</summary>
    internal static async Task AssertAtAsync(TestDatabase database, string schema, int number)
    {
        Assert.Equal(Id(number), await database.ScalarAsync<string>($"SELECT string_agg(revision, ' ') FROM tenancy.head WHERE schema = '{schema}'"));
        Assert.Equal((long)number, await database.ScalarAsync<long>($"SELECT count(*) FROM pg_tables WHERE schemaname = '{schema}' AND tablename LIKE 'n%'"));
        Assert.Equal(Enumerable.Range(1, number).Select(Id), (await database.QueryAsync($"SELECT revision FROM tenancy.history WHERE schema = '{schema}' AND step IS NULL AND outcome = 'done' ORDER BY id")).Select(static row => row[0]));
    }
}
