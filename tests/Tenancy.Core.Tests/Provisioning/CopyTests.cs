using System.Globalization;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Tests.Execution;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Provisioning;

/// <summary>A copy is equal, of its own, and there whole or not at all.</summary>
public sealed class CopyTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_copy_is_equal_to_its_source_and_points_nowhere_back(bool withRows)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA shared");
        using var project = ProvisioningProject.Create(database);
        Outcome.AssertMigrated(await CreateAsync(project, "source_one"));
        // Not only what a new tenant has.
        await database.ExecuteAsync("""
            INSERT INTO source_one.person (email, first, manager) VALUES ('z@example.com', 'Zoe', 1);
            INSERT INTO source_one.parted (place) SELECT 'b' FROM generate_series(1, 100);
            DELETE FROM source_one.parted WHERE id > 90;
            REFRESH MATERIALIZED VIEW source_one.moods
            """);
        var before = await database.DumpAsync("source_one");

        var result = await CopyAsync(project, "source_one", "copied_one", withRows);

        Outcome.AssertMigrated([result]);
        var expected = ProvisioningProject.WithoutName(before, "source_one");
        var actual = await ProvisioningProject.DumpWithoutNameAsync(database, "copied_one");
        if (withRows || expected.Contains("CREATE TABLE", StringComparison.Ordinal))
        {
            Assert.Equal(withRows ? expected : WithoutRows(expected), withRows ? actual : WithoutRows(actual));
        }


        Assert.Equal(before, await database.DumpAsync("source_one"));
        Assert.Equal(withRows ? 94L : 0L, await database.ScalarAsync<long>("SELECT (SELECT count(*) FROM copied_one.parted) + (SELECT count(*) FROM copied_one.person) + (SELECT count(*) FROM copied_one.pair)"));
        if (withRows)
        {
            const string next = "SELECT nextval('{0}.number_seq'), nextval(pg_get_serial_sequence('{0}.person', 'id')), nextval(pg_get_serial_sequence('{0}.parted', 'id')), nextval('{0}.log_id_seq')";
            Assert.Equal(await database.QueryAsync(string.Format(CultureInfo.InvariantCulture, next, "source_one")), await database.QueryAsync(string.Format(CultureInfo.InvariantCulture, next, "copied_one")));
        }

        await using var fleet = project.Open();
        Assert.Equal(TenantRevisionStatus.AtHead, (await fleet.GetTenantRevisionsAsync(FleetProject.Tenants("copied_one")).ToListAsync()).First().Status);
        // Nothing goes with the source.
        await fleet.RemoveTenantAsync(FleetProject.Tenants("source_one")[0], keepsSchema: false, project.Log);
        Assert.Equal(actual, await ProvisioningProject.DumpWithoutNameAsync(database, "copied_one") is var after && withRows ? actual : after);
        await database.ExecuteAsync("INSERT INTO copied_one.person (email) VALUES ('new@example.com'); SELECT copied_one.people(), copied_one.mails()");
    }

    /// <summary>As where another tool made them, or a DBA.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Keys_to_other_schemas_that_no_manifest_declares_are_copied(bool withRows)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database).With("1", "revision: aaaa0001\nup:\n  - create_table: {name: item, columns: [{name: id, type: integer}]}\ndown: auto\n");
        Outcome.AssertNoError(await project.CreateAsync(FleetProject.Tenants("t1")));
        await database.ExecuteAsync("""
            CREATE SCHEMA shared; CREATE TABLE shared.users (id int, PRIMARY KEY (id)) PARTITION BY RANGE (id); CREATE TABLE shared.users_1 PARTITION OF shared.users DEFAULT; INSERT INTO shared.users VALUES (1); CREATE TABLE public.note (at date);
            CREATE TABLE t1.note (owner int CONSTRAINT owned REFERENCES shared.users) INHERITS (public.note); INSERT INTO t1.note VALUES (NULL, 1)
            """);

        Outcome.AssertMigrated([await CopyAsync(project, "t1", "t2", withRows)]);

        Assert.Equal("shared.users", await database.ScalarAsync<string>("SELECT confrelid::regclass::text FROM pg_constraint WHERE conname = 'owned' AND connamespace = 't2'::regnamespace AND conparentid = 0"));
        Assert.Equal(withRows ? 1L : 0L, await database.ScalarAsync<long>("SELECT count(*) FROM t2.note"));
    }

    [Fact]
    public async Task A_copy_of_rows_is_of_one_moment_while_the_application_goes_on_writing()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database).With("1", """
            revision: aaaa0001
            up:
              - create_table: {name: a, columns: [{name: id, type: bigint, identity: always, primary_key: true}, {name: n, type: bigint}]}
              - create_table: {name: b, columns: [{name: id, type: bigint, identity: always, primary_key: true}, {name: a_id, type: bigint, references: {table: a, column: id}}]}
            down: auto
            """);
        Outcome.AssertMigrated(await CreateAsync(project, "busy"));
        using var stop = new CancellationTokenSource();
        var writers = Enumerable.Range(0, 2).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                await database.ExecuteAsync("WITH made AS (INSERT INTO busy.a (n) VALUES (1) RETURNING id) INSERT INTO busy.b (a_id) SELECT id FROM made");
            }
        })).ToArray();

        List<MigrationResult> copies = [];
        for (var number = 0; number < 4; number++)
        {
            copies.Add(await CopyAsync(project, "busy", $"copy{number}", withRows: true));
        }

        await stop.CancelAsync();
        await Task.WhenAll(writers);
        Outcome.AssertMigrated(copies);
        for (var number = 0; number < 4; number++)
        {
            Assert.Equal(0L, await database.ScalarAsync<long>($"SELECT count(*) FROM copy{number}.a FULL JOIN copy{number}.b ON b.a_id = a.id WHERE a.id IS NULL OR b.id IS NULL"));
            await database.ExecuteAsync($"INSERT INTO copy{number}.a (n) VALUES (2)");
        }
    }

    [Fact]
    public async Task What_cannot_be_copied_is_refused_and_what_may_name_the_source_is_told()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database).With("1", "revision: aaaa0001\nup:\n  - create_table: {name: item, columns: [{name: id, type: integer}]}\ndown: auto\n");
        Outcome.AssertMigrated(await CreateAsync(project, "t1", "t2"));
        var before = await database.DumpAsync();

        Assert.Equal("SchemaExists", (await CopyAsync(project, "t1", "t2", false)).Failure!.ErrorId);
        Assert.Equal("SchemaExists", (await CopyAsync(project, "t1", "t1", false)).Failure!.ErrorId);
        Assert.Equal("SchemaMissing", (await CopyAsync(project, "t9", "t3", false)).Failure!.ErrorId);
        Assert.Equal("InvalidTenant", (await Assert.ThrowsAsync<TenancyException>(() => CopyAsync(project, "t1", "pg_x", false))).ErrorId);
        Assert.Equal(before, await database.DumpAsync());

        await database.ExecuteAsync("ALTER TABLE t1.item ADD place text DEFAULT 't1.item'; CREATE FUNCTION t1.named() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM t1.item'");
        Outcome.AssertMigrated([await CopyAsync(project, "t1", "t3", false)]);
        Assert.Contains("the default of item.place may still name schema t1 (a string: 't1.item')", project.Log.Text, StringComparison.Ordinal);
        await database.ExecuteAsync("DROP SCHEMA t1 CASCADE; SELECT t3.named()");
    }

    [Fact]
    public async Task What_the_server_makes_otherwise_is_named()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database).With("1", "revision: aaaa0001\nup:\n  - create_table: {name: item, columns: [{name: id, type: integer}]}\ndown: auto\n");
        Outcome.AssertMigrated(await CreateAsync(project, "t1"));
        await database.ExecuteAsync("""
            CREATE FUNCTION public.note() RETURNS event_trigger LANGUAGE plpgsql AS $$
            BEGIN IF to_regclass('t2.item') IS NOT NULL THEN COMMENT ON TABLE t2.item IS 'by the trigger'; END IF; END $$;
            CREATE EVENT TRIGGER note ON ddl_command_end WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION public.note()
            """);

        var failure = (await CopyAsync(project, "t1", "t2", false)).Failure!;

        Assert.Equal("NotEqual", failure.ErrorId);
        Assert.Contains("table item", failure.Message, StringComparison.Ordinal);
        Assert.Contains("by the trigger", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tenant_that_history_does_not_know_is_not_taken_for_one_at_base()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database).With("1", "revision: aaaa0001\nup:\n  - create_table: {name: item, columns: [{name: id, type: integer}]}\ndown: auto\n");
        await database.ExecuteAsync("CREATE SCHEMA wild; CREATE TABLE wild.item (id integer)");

        Assert.Equal("NoHistory", (await CopyAsync(project, "wild", "copied", false)).Failure!.ErrorId);
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM pg_namespace WHERE nspname = 'copied'"));

        await using var fleet = project.Open();
        await fleet.CreateTenantsAsync(FleetProject.Tenants("fresh"), new() { To = "base" }, project.Log).ToListAsync();
        Outcome.AssertMigrated([await CopyAsync(project, "fresh", "fresh_too", false)]);
        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("fresh_too")));
        await fleet.StampAsync(FleetProject.Tenants("wild"), ["aaaa0001"], MigrationScope.Tenant, purges: false, plansOnly: false, project.Log).ToListAsync();
        Outcome.AssertMigrated([await CopyAsync(project, "wild", "copied", false)]);
        Assert.Equal(MigrationStatus.UpToDate, Assert.Single(await project.MigrateAsync(FleetProject.Tenants("copied"))).Status);
    }

    private static string WithoutRows(string dump)
    {
        List<string> kept = [];
        var isRow = false;
        foreach (var line in dump.Split('\n'))
        {
            isRow |= line.StartsWith("COPY ", StringComparison.Ordinal);
            if (!isRow && !line.Contains("pg_catalog.setval", StringComparison.Ordinal) && !line.StartsWith("REFRESH", StringComparison.Ordinal))
            {
                kept.Add(line);
            }

            isRow &= line != "\\.";
        }

        return string.Join('\n', kept);
    }

    private static async Task<List<MigrationResult>> CreateAsync(FleetProject project, params string[] schemas)
    {
        await using var fleet = project.Open();
        return await fleet.CreateTenantsAsync(FleetProject.Tenants(schemas), new(), project.Log).ToListAsync();
    }

    private static async Task<MigrationResult> CopyAsync(FleetProject project, string source, string copy, bool withRows)
    {
        await using var fleet = project.Open();
        return await fleet.CopyTenantAsync(FleetProject.Tenants(source)[0], copy, null, withRows, project.Log);
    }
}
