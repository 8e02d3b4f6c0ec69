using Tenancy.Core.Tenants;
using Tenancy.Core.Tests.Execution;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Security;

/// <summary>
/// A database with the tenants acme, whose own role owns its schema and means harm, and globex, whom it is to harm. Acme has a table <c>customer</c> with a row;
/// the revision that runs there updates it.
/// </summary>
internal sealed class HostileTenant : IAsyncDisposable
{
    private HostileTenant(TestDatabase database, string role) => (Database, Role) = (database, role);

    internal TestDatabase Database { get; }

    /// <summary>The role that owns acme's schema and what is in it. It may log in, and nothing else.</summary>
    internal string Role { get; }

    internal static async Task<HostileTenant> CreateAsync()
    {
        var database = await PostgresFixture.CreateDatabaseAsync();
        var role = (await TestRoles.CreateAsync("acme"))["acme"];
        await database.ExecuteAsync($"""
            CREATE SCHEMA shared; CREATE SCHEMA globex; CREATE TABLE globex.secret (value text); INSERT INTO globex.secret VALUES ('kept');
            CREATE SCHEMA acme AUTHORIZATION {role};
            SET ROLE {role};
            CREATE TABLE acme.customer (id int PRIMARY KEY, name varchar(40)); INSERT INTO acme.customer VALUES (1, 'ACME');
            """);
        return new(database, role);
    }

    /// <summary>What acme's role does in its own schema before the run.</summary>
    internal async Task PrepareAsync(string sql)
    {
        await using var connection = await Database.DataSource.OpenConnectionAsync();
        await using var command = new Npgsql.NpgsqlCommand($"SET ROLE {Role}; {sql}; RESET ROLE", connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>A trigger of acme's that does this to whoever updates a customer.</summary>
    /// <param name="body">PL/pgSQL statements.</param>
    /// <param name="timing">What comes between the trigger's name and FOR EACH ROW.</param>
    internal Task PrepareTriggerAsync(string body, string timing = "AFTER UPDATE ON acme.customer") => PrepareAsync($"""
        CREATE FUNCTION acme.harm() RETURNS trigger LANGUAGE plpgsql AS $harm$ BEGIN {body}; RETURN NULL; END $harm$;
        CREATE {(timing.Contains("DEFERRABLE", StringComparison.Ordinal) ? "CONSTRAINT " : "")}TRIGGER harm {timing} FOR EACH ROW EXECUTE FUNCTION acme.harm()
        """);

    /// <summary>Runs a revision on acme.</summary>
    /// <param name="sql">Its SQL.</param>
    /// <param name="login">Who runs it; a superuser unless set.</param>
    /// <param name="settings">More of the project file.</param>
    internal async Task<MigrationResult> RunAsync(string sql = "UPDATE tenant_schema.customer SET name = 'Acme'", string login = "postgres", string settings = "mode: token")
    {
        using var project = new FleetProject(new ConnectionSettings { Host = Database.Server.Host, Port = Database.Server.Port, Database = Database.Name, Username = login }, $"fleet: test\n{settings}");
        project.With("1", $"revision: aaaa0001\nup:\n  - sql: |\n      {sql}\ndown: {{irreversible: a test}}\n");
        return Assert.Single(await project.MigrateAsync(FleetProject.Tenants("acme")));
    }

    /// <summary>Lets acme's role write the history of runs, and no more: all that it needs to run its own migrations.</summary>
    internal async Task AllowHistoryAsync()
    {
        using var project = new FleetProject(Database, "fleet: other").With("1", "revision: bbbb0001\nup: [sql: SELECT 1]\ndown: []\n");
        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("globex")));
        await Database.ExecuteAsync($"GRANT USAGE ON SCHEMA tenancy TO {Role}; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA tenancy TO {Role}");
    }

    /// <summary>Globex has what it had, and acme's role is what it was.</summary>
    internal async Task AssertUnharmedAsync()
    {
        Assert.Equal("kept", await Database.ScalarAsync<string>("SELECT string_agg(value, ',') FROM globex.secret"));
        Assert.Equal(false, await Database.ScalarAsync<bool?>($"SELECT rolsuper FROM pg_roles WHERE rolname = '{Role}'"));
    }

    public ValueTask DisposeAsync() => Database.DisposeAsync();
}
