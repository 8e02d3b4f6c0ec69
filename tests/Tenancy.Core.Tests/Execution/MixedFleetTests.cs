using System.Globalization;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Revisions;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>Fifty tenants at ten different states, two branches that are not merged, revisions of both scopes that depend on each other.</summary>
public sealed class MixedFleetTests
{
    // What brings a tenant to each of the states: identifiers, one after another.
    private static readonly string[][] States =
    [
        [], ["aaaa0001"], ["aaaa0002"], ["bill0001"], ["bill0002"], ["mail0001"], ["mail0002"], ["bill0001", "mail0001"], ["bill0002", "mail0001"], ["bill0003", "mail0002"],
    ];

    [Theory]
    [InlineData("search_path", TransactionMode.PerRevision)]
    [InlineData("token", TransactionMode.PerTenant)]
    public async Task One_run_brings_all_to_the_heads_and_one_undo_to_a_common_ancestor(string mode, TransactionMode transaction)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA shared");
        using var project = Project(database, mode);
        var tenants = FleetProject.Tenants([.. Enumerable.Range(0, 50).Select(static number => $"t{number.ToString("D2", CultureInfo.InvariantCulture)}")]);
        await database.ExecuteAsync(string.Join("; ", tenants.Select(static tenant => $"CREATE SCHEMA {tenant.Schema}")));
        await ScatterAsync(project, tenants, transaction);
        Assert.Equal(10L, await database.ScalarAsync<long>("SELECT count(DISTINCT heads) FROM (SELECT t.schema, array_agg(h.revision ORDER BY h.revision) AS heads FROM tenancy.tenant t LEFT JOIN tenancy.head h ON h.schema = t.schema GROUP BY 1) s"));

        var up = await project.MigrateAsync(tenants, new() { To = "heads", Transaction = transaction });

        Assert.All(up, static result => Assert.Null(result.Error));
        Assert.All(up.Where(static result => result.Scope == "tenant"), static result => Assert.Equal(["bill0003", "mail0002"], result.To));
        Assert.Equal(["shared03"], up.Single(static result => result.Scope == "shared").To);
        await AssertLikeFreshAsync(database, project, tenants, "heads", transaction);

        MigrationRequest undo = new() { Direction = RevisionDirection.Down, To = "aaaa0001", Transaction = transaction };
        Assert.All(await project.MigrateAsync(tenants, undo), static result => Assert.Equal("DependedOn", result.Failure?.ErrorId));
        Assert.Null(Assert.Single(await project.MigrateAsync([], new() { Direction = RevisionDirection.Down, To = "shared02", Scope = MigrationScope.Shared })).Error);
        var down = await project.MigrateAsync(tenants, undo with { RunId = Guid.NewGuid() });

        Assert.All(down, static result => Assert.Null(result.Error));
        Assert.All(down, static result => Assert.Equal(["aaaa0001"], result.To));
        await AssertLikeFreshAsync(database, project, tenants, "aaaa0001", transaction);
    }

    [Fact]
    public async Task An_undo_through_a_branch_point_names_what_goes_on_other_branches()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA shared; CREATE SCHEMA t1");
        using var project = Project(database, "search_path").Without("s3");
        var tenants = FleetProject.Tenants("t1");
        await project.MigrateAsync(tenants, new() { To = "bill0001" });
        await project.MigrateAsync(tenants, new() { To = "mail0001" });
        MigrationRequest undo = new() { Direction = RevisionDirection.Down, To = "mail@aaaa0001" };
        await using (var fleet = project.Open())
        {
            var plan = Assert.Single(await fleet.PlanAsync(tenants, undo).ToListAsync());
            Assert.Equal(["aaaa0002", "bill0001", "mail0001"], plan.Revisions.Order());
            Assert.Equal(["bill0001"], plan.OnOtherBranches);
        }

        Assert.Null(Assert.Single(await project.MigrateAsync(tenants, undo)).Error);

        Assert.Contains("bill0001 on other branches needs what is undone, and is undone too.", project.Log.Text, StringComparison.Ordinal);
    }

    private static async Task ScatterAsync(FleetProject project, Tenant[] tenants, TransactionMode transaction)
    {
        // Registered at base, so that a shared revision has somebody to wait for.
        await project.MigrateAsync(tenants, new() { To = "aaaa0001", Transaction = transaction });
        for (var state = 0; state < States.Length; state++)
        {
            var members = tenants.Where((_, index) => index % States.Length == state).ToArray();
            if (States[state].Length == 0)
            {
                Assert.All(await project.UndoAsync(members), static result => Assert.Null(result.Error));
            }

            foreach (var to in States[state])
            {
                var results = await project.MigrateAsync(members, new() { To = to, Transaction = transaction });
                Assert.All(results.Where(static result => result.Scope == "tenant"), static result => Assert.Null(result.Error));
            }
        }
    }

    private static async Task AssertLikeFreshAsync(TestDatabase database, FleetProject project, Tenant[] tenants, string to, TransactionMode transaction)
    {
        await database.ExecuteAsync("CREATE SCHEMA fresh");
        var fresh = FleetProject.Tenants("fresh");
        Assert.Null(Assert.Single(await project.MigrateAsync(fresh, new() { To = to, Scope = MigrationScope.Tenant, Transaction = transaction })).Error);
        var expected = await DumpAsync("fresh");
        Assert.Contains("invoice", to == "heads" ? expected : "invoice", StringComparison.Ordinal);
        foreach (var tenant in tenants)
        {
            Assert.Equal(expected, await DumpAsync(tenant.Schema));
        }

        await using var fleet = project.Open();
        await fleet.RemoveTenantAsync(fresh[0], keepsSchema: false, project.Log);

        async Task<string> DumpAsync(string schema) => (await database.DumpAsync(schema)).Replace(schema, "SCHEMA", StringComparison.Ordinal);
    }

    private static FleetProject Project(TestDatabase database, string mode) => new FleetProject(database, $"fleet: test\nmode: {mode}")
        .With("a1", """
            revision: aaaa0001
            up:
              - create_table: {name: customer, columns: [{name: id, type: bigint, identity: by default, primary_key: true}]}
            """)
        .With("a2", """
            revision: aaaa0002
            parent: aaaa0001
            depends_on: [shared01]
            touches: [shared.users]
            up:
              - add_column: {table: customer, name: user_id, type: bigint, references: {table: shared.users}}
              - insert: {table: customer, key: id, rows: [{id: 1}]}
            """)
        .With("b1", """
            revision: bill0001
            parent: aaaa0002
            labels: [billing]
            up:
              - create_table: {name: invoice, columns: [{name: id, type: bigint, primary_key: true}, {name: total, type: "numeric(14,2)"}]}
            """)
        .With("b2", """
            revision: bill0002
            parent: bill0001
            up:
              - create_index: {name: invoice_total_idx, table: invoice, columns: [total], concurrently: true}
            """)
        .With("b3", """
            revision: bill0003
            parent: bill0002
            depends_on: [shared02]
            up:
              - sql: CREATE VIEW tenant_schema.open_invoice AS SELECT i.id, u.id AS user_id FROM tenant_schema.invoice i CROSS JOIN shared.users u
                undo: DROP VIEW tenant_schema.open_invoice
            """)
        .With("m1", """
            revision: mail0001
            parent: aaaa0002
            labels: [mail]
            up:
              - create_enum: {name: channel, values: [mail]}
              - create_table: {name: message, columns: [{name: id, type: bigint, primary_key: true}, {name: channel, type: tenant_schema.channel}]}
            """)
        .With("m2", """
            revision: mail0002
            parent: mail0001
            up:
              - sql: ALTER TYPE tenant_schema.channel ADD VALUE IF NOT EXISTS 'sms'
              - sql: INSERT INTO tenant_schema.message VALUES (1, 'sms')
            down:
              - sql: DELETE FROM tenant_schema.message
            """)
        .With("s1", """
            revision: shared01
            scope: shared
            up:
              - create_table: {name: users, columns: [{name: id, type: bigint, primary_key: true}]}
            """)
        .With("s2", """
            revision: shared02
            parent: shared01
            scope: shared
            up:
              - add_column: {table: users, name: name, type: text}
            """)
        .With("s3", """
            revision: shared03
            parent: shared02
            depends_on: [bill0001]
            scope: shared
            up:
              - add_column: {table: users, name: mail, type: text}
            """);
}
