using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>Two tenants, the first with a table of customers, and a revision that is still to come.</summary>
internal static class ConcurrentIndexProject
{
    internal const string IsValid = "SELECT indisvalid AND indisready FROM pg_index WHERE indexrelid = to_regclass('t1.customer_email_idx')";

    private const string Customer = """
        revision: aaaa0001
        up:
          - create_table:
              name: customer
              columns:
                - {name: id, type: bigint, identity: by default, primary_key: true}
                - {name: email, type: text}
        """;

    internal const string Index = """
        revision: aaaa0002
        parent: aaaa0001
        up:
          - add_column: {table: customer, name: name, type: text}
          - create_index: {name: customer_email_idx, table: customer, columns: [email], unique: true, concurrently: true}
        """;

    internal const string Unique = """
        revision: aaaa0002
        parent: aaaa0001
        down: {irreversible: not of interest}
        up:
          - sql: CREATE UNIQUE INDEX CONCURRENTLY customer_email_idx ON tenant_schema.customer (lower(email) text_pattern_ops DESC) INCLUDE (id) WHERE email <> ''
        """;

    internal static async Task<TestDatabase> CreateAsync()
    {
        var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA t1; CREATE SCHEMA t2");
        return database;
    }

    // With t1 at the first revision, and the second still to come.
    internal static async Task<FleetProject> StartAsync(TestDatabase database, string second, string settings = "fleet: test")
    {
        var project = new FleetProject(database, settings).With("1", Customer).With("2", second);
        var result = (await project.MigrateAsync(FleetProject.Tenants("t1"), new() { To = "aaaa0001" })).Single();
        Assert.Null(result.Error);
        return project;
    }
}
