using Tenancy.Core.Catalog.Drift;
using Tenancy.Core.Manifests;
using Tenancy.Core.Tests.Execution;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Catalog.Drift;

/// <summary>What has drifted is found, and nothing else.</summary>
public sealed class DriftTests
{
    [Fact]
    public async Task Drift_of_many_kinds_is_found_exactly()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = await DriftProject.CreateAsync(database);
        // Names as aliases, columns and tables have them, and such as need quotes.
        await project.MigrateAsync("head", "acme", "c", "customer", "t", "id", "n", "We \"quote\", 'so'.", "v", "x", "y", "z");
        await project.MigrateAsync("aaaa0002", "behind");
        await database.ExecuteAsync("""
            DROP INDEX c.invoice_customer_idx;
            ALTER TABLE customer.customer ADD COLUMN extra text;
            ALTER TABLE t.customer ALTER COLUMN points SET DEFAULT 1;
            ALTER TABLE id.customer ALTER COLUMN email DROP NOT NULL;
            ALTER TABLE n.invoice DROP CONSTRAINT invoice_customer_id_fkey;
            CREATE TABLE "We ""quote"", 'so'.".extra (id int PRIMARY KEY);
            DROP SEQUENCE v.number;
            ALTER TABLE x.invoice ALTER COLUMN total TYPE numeric(14,2);
            COMMENT ON TABLE y.invoice IS 'by hand';
            ALTER TABLE behind.customer DROP COLUMN points
            """);
        var before = await database.DumpAsync();

        var results = await project.CompareAsync("acme", "c", "customer", "t", "id", "n", "We \"quote\", 'so'.", "v", "x", "y", "z", "behind");

        Assert.Equal(
            [
                "We \"quote\", 'so'. Drifted; table extra is not expected",
                "acme Equal",
                "behind Drifted; column customer.points is missing; constraint customer.customer_points_check is missing",
                "c Drifted; index invoice.invoice_customer_idx is missing",
                "customer Drifted; column customer.extra is not expected",
                "id Drifted; column customer.email has nullable (none), expected false",
                "n Drifted; constraint invoice.invoice_customer_id_fkey is missing",
                "t Drifted; column customer.points has default 1, expected 0",
                "v Drifted; sequence number is missing",
                "x Drifted; column invoice.total has type numeric(14,2), expected numeric(12,2)",
                "y Drifted; table invoice has comment by hand, expected (none)",
                "z Equal",
            ],
            results.Select(DriftProject.Describe).Order(StringComparer.Ordinal));
        Assert.Equal(["aaaa0003"], results[0].Heads);
        Assert.Single(results.Where(static result => result.Status == SchemaComparisonStatus.Equal).Select(static result => result.Shape).Distinct());
        Assert.Equal(before, await database.DumpAsync());
    }

    [Fact]
    public async Task Names_that_PostgreSQL_chose_and_the_order_of_columns_do_not_count()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = await DriftProject.CreateAsync(database);
        await project.MigrateAsync("head", "t1", "t2");
        await database.ExecuteAsync("""
            ALTER TABLE t1.customer DROP CONSTRAINT customer_points_check;
            ALTER TABLE t1.customer ADD CONSTRAINT customer_points_check7 CHECK (points >= 0);
            ALTER TABLE t2.invoice DROP COLUMN total;
            ALTER TABLE t2.invoice ADD COLUMN other int;
            ALTER TABLE t2.invoice ADD COLUMN total numeric(12,2);
            ALTER TABLE t2.invoice DROP COLUMN other
            """);

        Assert.Equal(["t1 Equal", "t2 Equal"], (await project.CompareAsync("t1", "t2")).Select(DriftProject.Describe));
    }

    [Fact]
    public async Task What_is_excluded_is_no_drift()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = await DriftProject.CreateAsync(database);
        await project.MigrateAsync("head", "t1", "t2");
        await database.ExecuteAsync("""
            CREATE TABLE t1.alembic_version (version_num varchar(32) PRIMARY KEY); CREATE TABLE t2.alembic_version (version_num varchar(32) PRIMARY KEY);
            GRANT SELECT ON t1.invoice TO PUBLIC; ALTER TABLE t2.invoice DROP COLUMN total
            """);
        var request = new ComparisonRequest { Excluded = ["table:alembic_*", "grants"] };

        Assert.Equal(["Drifted", "Drifted"], (await project.CompareAsync("t1", "t2")).Select(static result => result.Status));
        Assert.Equal(["t1 Equal", "t2 Drifted; column invoice.total is missing"], (await project.CompareAsync(FleetProject.Tenants("t1", "t2"), request)).Select(DriftProject.Describe));

        await database.ExecuteAsync("DELETE FROM tenancy.head");
        await using var fleet = project.Open();
        Assert.Equal(["aaaa0003", ""], (await fleet.StampFromShapeAsync(FleetProject.Tenants("t1", "t2"), request, plansOnly: true, project.Log).ToListAsync()).Select(static result => string.Join(' ', result.To)));
        Assert.Equal("InvalidExclude", (await Assert.ThrowsAsync<TenancyException>(() => project.CompareAsync(FleetProject.Tenants("t1"), new() { Excluded = ["tables"] }))).ErrorId);
    }

    [Fact]
    public async Task Shapes_are_counted_and_told_once()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = await DriftProject.CreateAsync(database);
        string[] tenants = [.. Enumerable.Range(1, 9).Select(static number => $"t{number}")];
        await project.MigrateAsync("head", tenants);
        await database.ExecuteAsync("DROP INDEX t3.invoice_customer_idx; DROP INDEX t4.invoice_customer_idx; ALTER TABLE t5.invoice DROP COLUMN total");

        await using var fleet = project.Open();
        var shapes = await fleet.SummarizeSchemasAsync(FleetProject.Tenants(tenants), new(), project.Log);

        Assert.Equal(["6 Equal t1 t2 t6 t7 t8: 0", "2 Drifted t3 t4: 1", "1 Drifted t5: 1"], shapes.Select(static shape => $"{shape} {string.Join(' ', shape.Names)}: {shape.Differences.Length}"));
        Assert.Equal(3, shapes.Select(static shape => shape.Shape).Distinct().Count());
    }

    [Fact]
    public async Task Each_state_of_a_tenant_has_a_status()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = await DriftProject.CreateAsync(database);
        await project.MigrateAsync("head", "t1", "gone", "again", "changed");
        await project.MigrateAsync("base", "empty", "filled");
        await database.ExecuteAsync("""
            DROP SCHEMA gone CASCADE; DROP SCHEMA again CASCADE; CREATE SCHEMA again; CREATE SCHEMA stranger; CREATE TABLE filled.thing (id int);
            DROP TABLE changed.invoice
            """);
        // The next revision is begun and not finished.
        project.With("4", """
            revision: aaaa0004
            parent: aaaa0003
            up:
              - create_index: {name: one, table: customer, columns: [points], concurrently: true}
              - create_index: {name: two, table: customer, columns: [nothing], concurrently: true}
            """);
        Assert.Equal(MigrationStatus.InProgress, Assert.Single(await project.MigrateAsync(FleetProject.Tenants("t1"))).Status);
        // And one that was applied has changed since.
        project.With("3", "revision: aaaa0003\nparent: aaaa0002\nup: [create_sequence: {name: number, start: 7}]");

        Assert.Equal(
            [
                "again Recreated", "changed ChecksumMismatch; sequence number has start (none), expected 7; table invoice is missing", "empty Equal", "filled Drifted; table thing is not expected", "gone Missing",
                "nowhere Missing", "pg_x Failed InvalidTenant", "stranger NoHistory", "t1 InProgress",
            ],
            (await project.CompareAsync("t1", "gone", "again", "changed", "empty", "filled", "stranger", "nowhere", "pg_x")).Select(DriftProject.Describe).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_no_manifest_has_any_more_is_replayed_from_history()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = await DriftProject.CreateAsync(database);
        await project.MigrateAsync("head", "t1", "t2");
        await database.ExecuteAsync("DROP SEQUENCE t2.number");
        project.Without("3");

        Assert.Equal(["t1 Equal", "t2 Drifted; sequence number is missing"], (await project.CompareAsync("t1", "t2")).Select(DriftProject.Describe));

        await database.ExecuteAsync("DELETE FROM tenancy.revision_text");
        Assert.Equal(["t1 UnknownRevision", "t2 UnknownRevision"], (await project.CompareAsync("t1", "t2")).Select(DriftProject.Describe));
    }

    [Fact]
    public async Task Two_databases_are_compared_each_with_its_own()
    {
        await using var one = await PostgresFixture.CreateDatabaseAsync();
        await using var two = await PostgresFixture.CreateDatabaseAsync();
        await two.ExecuteAsync("CREATE SCHEMA shared");
        using var project = await DriftProject.CreateAsync(one);
        Tenant[] tenants = [new() { Name = "a", Schema = "t1" }, new() { Name = "b", Schema = "t1", Database = two.Name }, new() { Name = "lost", Schema = "t1", Database = "no_such_database" }];
        await using (var fleet = project.Open())
        {
            Assert.All(await fleet.CreateTenantsAsync(tenants[..2], new(), project.Log).ToListAsync(), static result => Assert.Null(result.Error));
        }

        await two.ExecuteAsync("DROP SEQUENCE t1.number");

        Assert.Equal(["a Equal", "b Drifted; sequence number is missing", "lost Failed DatabaseNotFound"], (await project.CompareAsync(tenants)).Select(DriftProject.Describe));

        var reference = new ComparisonRequest { Reference = tenants[1] };
        Assert.Equal(["a Drifted; sequence number is not expected", "b Equal"], (await project.CompareAsync(tenants[..2], reference)).Select(DriftProject.Describe));
    }

    [Fact]
    public async Task A_reference_needs_no_history_and_other_revisions_are_no_drift()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = await DriftProject.CreateAsync(database);
        await database.ExecuteAsync("CREATE SCHEMA t1; CREATE TABLE t1.a (id int); CREATE SCHEMA t2; CREATE TABLE t2.a (id int); CREATE SCHEMA t3; CREATE TABLE t3.a (id bigint)");
        var request = new ComparisonRequest { Reference = FleetProject.Tenants("t1")[0] };

        Assert.Equal(
            ["t2 Equal", "t3 Drifted; column a.id has type bigint, expected integer", "t4 Missing"],
            (await project.CompareAsync(FleetProject.Tenants("t2", "t3", "t4"), request)).Select(DriftProject.Describe).Order(StringComparer.Ordinal));

        await project.MigrateAsync("head", "new");
        await project.MigrateAsync("aaaa0002", "old");
        Assert.Equal(
            ["new Equal", "old OtherRevision; sequence number is missing"],
            (await project.CompareAsync(FleetProject.Tenants("new", "old"), new() { Reference = FleetProject.Tenants("new")[0] })).Select(DriftProject.Describe));

        var error = await Assert.ThrowsAsync<TenancyException>(() => project.CompareAsync(FleetProject.Tenants("t1"), new() { Reference = FleetProject.Tenants("t4")[0] }));
        Assert.Equal("SchemaMissing", error.ErrorId);
    }
}
