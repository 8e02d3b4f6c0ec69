using System.Net;
using System.Net.Sockets;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>Dropping a tenant takes its schema and nothing else.</summary>
public sealed class RemovalTests
{
    private const string Others = """
        CREATE SCHEMA shared; CREATE SCHEMA t2;
        CREATE TABLE shared.users (id int PRIMARY KEY, name text);

        """;

    private const string Tenant = """
        CREATE SCHEMA t1;
        CREATE TABLE t1.item (id int PRIMARY KEY, user_id int REFERENCES shared.users, note text DEFAULT 'x' CHECK (note <> ''));
        CREATE TYPE t1.state AS ENUM ('old'); CREATE CAST (t1.state AS int) WITH INOUT; CREATE SEQUENCE t1.counter;
        CREATE FUNCTION t1.one() RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT 1';
        CREATE FUNCTION t1.nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
        CREATE VIEW t1.seen AS SELECT i.id, u.name FROM t1.item i JOIN shared.users u ON u.id = i.user_id;
        """;

    [Fact]
    public async Task A_tenant_with_a_key_to_the_shared_schema_goes_and_nothing_else()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync(Others);
        var before = await database.DumpAsync(except: "tenancy");
        await database.ExecuteAsync(Tenant);

        await RemoveAsync(database);

        Assert.Equal(before, await database.DumpAsync(except: "tenancy"));
    }

    [Theory]
    [InlineData("CREATE VIEW t2.seen AS SELECT id FROM t1.item", "t2.seen")]
    [InlineData("CREATE TABLE t2.item (id int REFERENCES t1.item)", "t2.item")]
    [InlineData("CREATE TABLE t2.item (id int, s t1.state)", "t2.item")]
    [InlineData("CREATE TABLE t2.item (id int DEFAULT nextval('t1.counter'))", "t2.item")]
    [InlineData("CREATE TABLE t2.item (id int CHECK (id > t1.one()))", "t2.item")]
    [InlineData("CREATE TABLE t2.item (id int); CREATE TRIGGER t AFTER INSERT ON t2.item FOR EACH ROW EXECUTE FUNCTION t1.nothing()", "t2.item")]
    [InlineData("CREATE TABLE t2.item (id int); CREATE POLICY p ON t2.item USING (t1.one() = 1)", "t2.item")]
    [InlineData("CREATE TABLE t2.item (id int); CREATE INDEX ON t2.item ((id + t1.one()))", "t2.item")]
    [InlineData("ALTER TABLE shared.users ADD COLUMN s t1.state", "shared.users")]
    [InlineData("CREATE FUNCTION t2.f(t1.state) RETURNS int LANGUAGE sql AS 'SELECT 1'", "t2.f")]
    public async Task A_tenant_that_others_depend_on_stays(string dependent, string named)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync(Others + Tenant + dependent);
        var before = await database.DumpAsync(except: "tenancy");

        var error = await Assert.ThrowsAsync<MigrationException>(() => RemoveAsync(database));

        Assert.Contains($"depends on it: {named}.", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, await database.DumpAsync(except: "tenancy"));
    }

    [Fact]
    public async Task A_server_that_does_not_answer_is_waited_for_once_and_not_for_each_of_its_tenants()
    {
        // It takes connections, and says nothing.
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync(Others + Tenant);
        using var project = new FleetProject(database);
        await using var fleet = project.Open(project.Connection with { ConnectTimeout = TimeSpan.FromSeconds(1) });
        Tenant Far(string name, string database) => new() { Name = name, Schema = name, Database = database, Server = silent.LocalEndpoint.ToString() };

        var removed = await fleet.RemoveTenantsAsync(new[] { Far("f1", "one"), Far("f2", "one"), FleetProject.Tenants("t1")[0], Far("f3", "two") }.ToAsyncEnumerable(), keepsSchema: false, project.Log).ToListAsync();

        Assert.Equal([("f1", "ConnectionFailed"), ("f2", "ConnectionFailed"), ("t1", null), ("f3", "ConnectionFailed")], removed.Select(static one => (one.Tenant.Name, one.Error?.ErrorId)));
        Assert.Equal(["f2", "f3"], removed.Where(static one => one.Error?.Message.EndsWith("no answer in time; that was tried before, and not for this one", StringComparison.Ordinal) == true).Select(static one => one.Tenant.Name));
        Assert.Equal(1, Connections(silent));
    }

    private static int Connections(TcpListener listener)
    {
        var count = 0;
        for (; listener.Pending(); count++)
        {
            listener.AcceptTcpClient().Dispose();
        }

        return count;
    }

    private static async Task RemoveAsync(TestDatabase database)
    {
        using var project = new FleetProject(database);
        await using var fleet = project.Open();
        await fleet.RemoveTenantAsync(FleetProject.Tenants("t1")[0], keepsSchema: false, project.Log);
    }
}
