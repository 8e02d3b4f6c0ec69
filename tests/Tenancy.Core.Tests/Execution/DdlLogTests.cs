using Tenancy.Core.Planning;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>An event trigger that logs DDL writes outside the tenant with every revision: the project says where, once.</summary>
public sealed class DdlLogTests
{
    private const string Declared = "fleet: test\nddl_log: audit.ddl\n";

    // On servers before 17 a replay of it has to commit.
    private const string Second = """
        revision: aaaa0002
        parent: aaaa0001
        down: {irreversible: not of interest}
        up:
          - sql: CREATE TYPE tenant_schema.mood AS ENUM ('good')
          - add_enum_value: {enum: mood, value: bad}
          - sql: ALTER TABLE thing ADD COLUMN mood tenant_schema.mood DEFAULT 'bad'
        """;

    [Theory]
    [InlineData(TransactionMode.PerRevision)]
    [InlineData(TransactionMode.AllTenants)]
    public async Task What_it_writes_need_not_be_declared_by_each_manifest(TransactionMode mode)
    {
        await using var database = await CreateAsync();
        var request = new MigrationRequest { Transaction = mode, ThrottleLimit = 3, To = "aaaa0001" };
        var tenants = FleetProject.Tenants("t1", "t2", "t3");
        using (var undeclared = new FleetProject(database).With("1", ManyDatabases.Thing))
        {
            Assert.Contains(await undeclared.MigrateAsync(tenants, request), static result => result.Failure is { ErrorId: "PlacementViolation" } failure && failure.Message.Contains("audit.ddl", StringComparison.Ordinal));
        }

        using var project = new FleetProject(database, Declared).With("1", ManyDatabases.Thing).With("2", Second);
        Outcome.AssertMigrated(await project.MigrateAsync(tenants, request));
        await using (var fleet = project.Open())
        {
            Assert.All(await fleet.RehearseAsync(tenants, new(), null, project.Log).ToListAsync(), static rehearsal => Assert.Null(rehearsal.Failure));
        }

        Outcome.AssertMigrated(await project.MigrateAsync(tenants));
        Outcome.AssertMigrated(await project.CreateAsync(FleetProject.Tenants("new1", "new2", "new3")));
        await using (var fleet = project.Open())
        {
            Assert.All(await fleet.CompareSchemasAsync(FleetProject.Tenants("t1", "new1"), new(), project.Log).ToListAsync(), static compared => Assert.Equal((SchemaComparisonStatus.Equal, null), (compared.Status, compared.Failure?.Message)));
        }

        Assert.Equal(3L, await database.ScalarAsync<long>("SELECT count(*) FROM audit.ddl WHERE what = 'ALTER TYPE' AND schema IN ('t1', 't2', 't3')"));
    }

    [Fact]
    public async Task Nothing_else_beside_it_may_be_written()
    {
        await using var database = await CreateAsync();
        using var project = new FleetProject(database, Declared).With("1", "revision: aaaa0001\ndown: {irreversible: not of interest}\nup: [sql: INSERT INTO audit.other VALUES (1)]");

        var failure = Assert.Single(await project.MigrateAsync(FleetProject.Tenants("t1"))).Failure!;

        Assert.Equal("PlacementViolation", failure.ErrorId);
        Assert.Contains("audit.other", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("audit.ddl", failure.Message, StringComparison.Ordinal);
    }

    private static async Task<TestDatabase> CreateAsync()
    {
        var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("""
            CREATE SCHEMA t1; CREATE SCHEMA t2; CREATE SCHEMA t3; CREATE SCHEMA audit;
            CREATE TABLE audit.ddl (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, what text, schema text);
            CREATE TABLE audit.other (id bigint);
            CREATE FUNCTION audit.log() RETURNS event_trigger LANGUAGE plpgsql AS
              $$BEGIN INSERT INTO audit.ddl (what, schema) SELECT command_tag, schema_name FROM pg_event_trigger_ddl_commands(); END$$;
            CREATE EVENT TRIGGER log ON ddl_command_end EXECUTE FUNCTION audit.log()
            """);
        return database;
    }
}
