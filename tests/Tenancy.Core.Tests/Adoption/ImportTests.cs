using System.Globalization;
using Tenancy.Core.Adoption;
using Tenancy.Core.Manifests;
using Tenancy.Core.Tests.Execution;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Adoption;

/// <summary>Fleets that another tool has migrated, adopted.</summary>
public sealed class ImportTests
{
    private static readonly string[] Graph =
    [
        "revision: aaaa0001\nup: [{create_table: {name: a, columns: [{name: id, type: int}]}}]",
        "revision: aaaa0002\nparent: aaaa0001\nlabels: [left]\nup: [{create_table: {name: b, columns: [{name: id, type: int}]}}]",
        "revision: aaaa0003\nparent: aaaa0001\nlabels: [right]\nup: [{create_table: {name: c, columns: [{name: id, type: int}]}}]",
        "revision: bbbb0001\nscope: shared\nup: [{create_table: {name: s, columns: [{name: id, type: int}]}}]",
    ];

    [Fact]
    public async Task Alembics_heads_of_the_same_ids_need_no_mapping()
    {
        await using var database = await CreateAsync("t1", "t2", "t3", "t4");
        using var project = Project(database);
        await database.ExecuteAsync(
            VersionTables.Alembic("t1", "aaaa0002", "aaaa0003") + VersionTables.Alembic("t2", "aaaa0001") + VersionTables.Alembic("t3") + VersionTables.Alembic("t4", "ffff0001"));
        var before = await database.DumpAsync(except: "tenancy");

        var imported = await ImportAsync(project, ImportSource.Alembic, null, "t1", "t2", "t3", "t4", "t5");

        Assert.Equal(
            ["t1 Imported aaaa0002 aaaa0003 ", "t2 Imported aaaa0001 ", "t3 Imported  ", "t4 Failed  VersionNotMapped", "t5 Failed  SchemaMissing"], imported.Select(Show));
        Assert.Equal(["aaaa0002", "aaaa0003"], imported[0].Versions);
        Assert.Equal(before, await database.DumpAsync(except: "tenancy"));
        Assert.Equal(["t1 aaaa0002", "t1 aaaa0003", "t2 aaaa0001"], await HeadsAsync(database));

        // The registry knows whoever was imported, at base too; and history how they came there.
        Assert.Equal(["t1", "t2", "t3"], (await database.QueryAsync("SELECT schema FROM tenancy.tenant ORDER BY 1")).Select(static row => row[0]));
        Assert.Equal(4L, await database.ScalarAsync<long>("SELECT count(*) FROM tenancy.history WHERE direction = 'stamp'"));
        await database.ExecuteAsync("CREATE TABLE t1.a (id int); CREATE TABLE t2.a (id int)");
        Assert.Equal(["UpToDate", "Migrated", "Migrated"], (await project.MigrateAsync(FleetProject.Tenants("t1", "t2", "t3"), new() { To = "heads", Scope = MigrationScope.Tenant })).Select(static result => result.Status));
    }

    [Fact]
    public async Task Running_twice_changes_nothing_and_history_goes_before()
    {
        await using var database = await CreateAsync("t1", "t2", "t3");
        using var project = Project(database);
        await database.ExecuteAsync(VersionTables.Alembic("t1", "aaaa0002") + VersionTables.Alembic("t2", "aaaa0001") + VersionTables.Alembic("t3"));
        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("t2"), new() { To = "left@head", Scope = MigrationScope.Tenant }));

        Assert.Equal(["t1 Imported aaaa0002 ", "t2 Failed  HistoryExists", "t3 Imported  "], (await ImportAsync(project, ImportSource.Alembic, null, "t1", "t2", "t3")).Select(Show));
        var after = await database.DumpAsync();
        Assert.Equal(["t1 UpToDate aaaa0002 ", "t2 Failed  HistoryExists", "t3 UpToDate  "], (await ImportAsync(project, ImportSource.Alembic, null, "t1", "t2", "t3")).Select(Show));
        Assert.Equal(after, await database.DumpAsync());

        // Where the other tool went on, the history does not follow by itself.
        await database.ExecuteAsync("UPDATE t1.alembic_version SET version_num = 'aaaa0003'");
        Assert.Equal(["t1 Failed  HistoryExists"], (await ImportAsync(project, ImportSource.Alembic, null, "t1")).Select(Show));
    }

    [Fact]
    public async Task Two_imports_at_once_stamp_each_tenant_once()
    {
        var schemas = Enumerable.Range(1, 20).Select(static number => "t" + number.ToString(CultureInfo.InvariantCulture)).ToArray();
        await using var database = await CreateAsync(schemas);
        using var project = Project(database);
        await database.ExecuteAsync(string.Concat(schemas.Select(static schema => VersionTables.Alembic(schema, "aaaa0001"))));

        var both = await Task.WhenAll(ImportAsync(project, ImportSource.Alembic, null, schemas), ImportAsync(project, ImportSource.Alembic, null, schemas));

        Assert.All(both.SelectMany(static results => results), static one => Assert.Null(one.Failure));
        Assert.Equal(20, both.SelectMany(static results => results).Count(static one => one.Status == ImportStatus.Imported));
        Assert.Equal(20L, await database.ScalarAsync<long>("SELECT count(*) FROM tenancy.history WHERE direction = 'stamp'"));
        await database.AssertNoLocksAsync();
    }

    [Fact]
    public async Task A_plan_says_the_same_and_writes_nothing()
    {
        await using var database = await CreateAsync("t1", "t2");
        using var project = Project(database);
        await database.ExecuteAsync(VersionTables.Alembic("t1", "aaaa0002"));
        var before = await database.DumpAsync();

        Assert.Equal(["t1 Planned aaaa0002 ", "t2 Failed  VersionTableMissing"], (await ImportAsync(project, ImportSource.Alembic, null, true, null, ["t1", "t2"])).Select(Show));

        Assert.Equal(before, await database.DumpAsync());
    }

    [Fact]
    public async Task Flyways_history_is_read_as_flyway_does()
    {
        await using var database = await CreateAsync("t1", "t2", "t3", "t4", "t5", "t6", "t7");
        using var project = Project(database);
        await database.ExecuteAsync(
            VersionTables.Flyway("t1", ("1", "SQL", true), ("2", "SQL", true), (null, "SQL", true), ("10", "SQL", true))
            + VersionTables.Flyway("t2", ("1", "SQL", true), ("2", "SQL", true), ("2", "UNDO_SQL", true))
            + VersionTables.Flyway("t3", ("2.0", "BASELINE", true))
            + VersionTables.Flyway("t4", ("1", "SQL", true), ("2", "SQL", false))
            + VersionTables.Flyway("t5", ("1", "SQL", true), ("10", "SQL", true))
            + VersionTables.Flyway("t6", ("1", "SQL", true), ("2", "SQL", true), ("3", "JDBC", true))
            + VersionTables.Flyway("t7", ("1", "SQL", true), ("2", "SQL", true), ("2", "UNDO_SQL", true), ("2", "SQL", true)));

        var imported = await ImportAsync(project, ImportSource.Flyway, "1: aaaa0001\n2: left\n10: [left, aaaa0003]\n", "t1", "t2", "t3", "t4", "t5", "t6", "t7");

        Assert.Equal(
            [
                "t1 Imported aaaa0002 aaaa0003 ", "t2 Imported aaaa0001 ", "t3 Imported aaaa0002 ", "t4 Failed  VersionFailed", "t5 Failed  VersionsLacking", "t6 Failed  VersionNotMapped",
                "t7 Imported aaaa0002 ",
            ],
            imported.Select(Show));
        Assert.Equal(["10"], imported[0].Versions);
        Assert.Contains("2 was not applied", imported[4].Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EF_Core_and_its_snake_case_names_and_a_table_of_another_name()
    {
        await using var database = await CreateAsync("t1", "t2", "t3");
        using var project = Project(database);
        await database.ExecuteAsync(
            VersionTables.EFCore("t1", "20240101000000_First", "20240201000000_Second")
            + VersionTables.EFCore("t2", "20240101000000_First").Replace("MigrationId", "migration_id", StringComparison.Ordinal)
            + VersionTables.EFCore("t3", "20240201000000_Second"));
        const string Mapping = "20240101000000_First: aaaa0001\n20240201000000_Second: aaaa0002\n";

        Assert.Equal(
            ["t1 Imported aaaa0002 ", "t2 Imported aaaa0001 ", "t3 Failed  VersionsLacking"], (await ImportAsync(project, ImportSource.EFCore, Mapping, "t1", "t2", "t3")).Select(Show));

        await database.ExecuteAsync("""ALTER TABLE t3."__EFMigrationsHistory" RENAME TO "My History"; INSERT INTO t3."My History" VALUES ('20240101000000_First', '8')""");
        var named = Assert.Single(await ImportAsync(project, ImportSource.EFCore, Mapping, false, "My History", ["t3"]));
        Assert.Equal(("t3 Imported aaaa0002 ", "My History"), (Show(named), named.Table));
    }

    [Fact]
    public async Task Liquibases_changesets_go_by_file_id_and_author_in_their_order()
    {
        await using var database = await CreateAsync("t1", "t2");
        using var project = Project(database);
        await database.ExecuteAsync(
            VersionTables.Liquibase("t1", ("2", "bob", "db/a.xml"), ("1", "bob", "db/a.xml"), ("1", "ann", "db/b.xml"))
            + VersionTables.Liquibase("t2", ("2", "bob", "db/a.xml"), ("1", "bob", "db/a.xml")));

        var imported = await ImportAsync(project, ImportSource.Liquibase, "db/a.xml::1::bob: aaaa0001\n'db/b.xml::1::ann': left\n", "t1", "t2");

        Assert.Equal(["t1 Imported aaaa0002 ", "t2 Imported aaaa0001 "], imported.Select(Show));
        Assert.Equal(["db/b.xml::1::ann"], imported[0].Versions);
    }

    [Fact]
    public async Task A_table_that_cannot_be_read_stops_no_other()
    {
        var schemas = Enumerable.Range(1, 9).Select(static number => "t" + number.ToString(CultureInfo.InvariantCulture)).ToArray();
        await using var database = await CreateAsync(schemas);
        using var project = Project(database);
        await database.ExecuteAsync(
            string.Concat(schemas.Except(["t2", "t4", "t6"]).Select(static schema => VersionTables.Alembic(schema, "aaaa0001")))
            + """
            CREATE TABLE t2.alembic_version (other int);
            CREATE VIEW t4.alembic_version AS SELECT (1 / 0)::text AS version_num;
            """);
        await using var holder = await database.HoldAsync("BEGIN; LOCK TABLE t8.alembic_version");

        var imported = await ImportAsync(project, ImportSource.Alembic, null, schemas);

        Assert.Equal(
            ["t2 Failed  VersionTableUnknown", "t4 Failed  VersionTableUnreadable", "t6 Failed  VersionTableMissing", "t8 Failed  VersionTableUnreadable"],
            imported.Where(static one => one.Failure is not null).Select(Show));
        Assert.Contains("division by zero", imported[3].Error, StringComparison.Ordinal);
        Assert.Equal(5, imported.Count(static one => one.Status == ImportStatus.Imported));
    }

    [Fact]
    public async Task A_role_that_may_not_read_is_told_which_table()
    {
        await using var database = await CreateAsync("t1", "t2");
        using var project = Project(database);
        await database.ExecuteAsync(VersionTables.Alembic("t1", "aaaa0001") + VersionTables.Alembic("t2", "aaaa0001"));
        var role = database.Name + "_reader";
        await PostgresFixture.ExecuteAsync($"CREATE ROLE {role} LOGIN");
        try
        {
            await database.ExecuteAsync($"GRANT CREATE ON DATABASE {database.Name} TO {role}; GRANT USAGE ON SCHEMA t1, t2 TO {role}; GRANT SELECT ON t1.alembic_version TO {role}");
            project.Connection = project.Connection with { Username = role };

            var imported = await ImportAsync(project, ImportSource.Alembic, null, "t1", "t2");

            Assert.Equal(["t1 Imported aaaa0001 ", "t2 Failed  VersionTableDenied"], imported.Select(Show));
            Assert.Contains("t2.alembic_version", imported[1].Error, StringComparison.Ordinal);
        }
        finally
        {
            await database.ExecuteAsync($"DROP OWNED BY {role}");
            await PostgresFixture.ExecuteAsync($"DROP ROLE {role}");
        }
    }

    [Fact]
    public async Task The_shared_schema_has_a_mapping_and_heads_of_its_own()
    {
        await using var database = await CreateAsync();
        using var project = Project(database);
        await database.ExecuteAsync(VersionTables.Alembic("shared", "first"));
        var path = await WriteAsync(project, "first: bbbb0001\n");
        await using var fleet = project.Open();
        var request = new ImportRequest
        {
            Source = ImportSource.Alembic,
            Mapping = RevisionMapping.Read(path, fleet.Revisions, MigrationScope.Shared, ImportSource.Alembic),
            Scope = MigrationScope.Shared,
        };

        var imported = Assert.Single(await fleet.ImportAsync([], request, project.Log).ToListAsync());

        Assert.Equal(("shared Imported bbbb0001 ", "shared"), (Show(imported), imported.Scope));
        Assert.Equal(["shared bbbb0001"], await HeadsAsync(database));
    }

    [Fact]
    public async Task More_tenants_than_one_statement_reads_and_odd_names()
    {
        var schemas = Enumerable.Range(1, VersionTableReader.ChunkSize + 2).Select(static number => "t " + number.ToString(CultureInfo.InvariantCulture)).Append("a\"b").ToArray();
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = Project(database);
        foreach (var chunk in schemas.Chunk(100))
        {
            await database.ExecuteAsync(string.Concat(chunk.Select(static schema => $"CREATE SCHEMA {Quote(schema)}; {VersionTables.Alembic(Quote(schema), "aaaa0001")}")));
        }

        var imported = await ImportAsync(project, ImportSource.Alembic, null, true, null, schemas);

        Assert.All(imported, static one => Assert.Equal("Planned aaaa0001", $"{one.Status} {one.To.Single()}"));
        Assert.Equal(schemas, imported.Select(static one => one.Schema));

        static string Quote(string schema) => Core.Sql.SqlIdentifier.Quote(schema);
    }

    private static string Show(TenantImport one) => $"{one.Name} {one.Status} {string.Join(' ', one.To)} {one.Failure?.ErrorId}";

    private static Task<List<TenantImport>> ImportAsync(FleetProject project, ImportSource source, string? mapping, params string[] schemas) =>
        ImportAsync(project, source, mapping, plansOnly: false, table: null, schemas);

    private static async Task<List<TenantImport>> ImportAsync(FleetProject project, ImportSource source, string? mapping, bool plansOnly, string? table, string[] schemas)
    {
        await using var fleet = project.Open();
        var request = new ImportRequest
        {
            Source = source,
            Mapping = mapping is null
                ? RevisionMapping.OfSameIds(fleet.Revisions, MigrationScope.Tenant, source)
                : RevisionMapping.Read(await WriteAsync(project, mapping), fleet.Revisions, MigrationScope.Tenant, source),
            Table = table,
            PlansOnly = plansOnly,
        };
        return await fleet.ImportAsync(FleetProject.Tenants(schemas), request, project.Log).ToListAsync();
    }

    private static async Task<string> WriteAsync(FleetProject project, string mapping)
    {
        var path = Path.Combine(project.Folder, "mapping.yaml");
        await File.WriteAllTextAsync(path, mapping);
        return path;
    }

    private static async Task<string[]> HeadsAsync(TestDatabase database) =>
        [.. (await database.QueryAsync("SELECT schema || ' ' || revision FROM tenancy.head ORDER BY 1")).Select(static row => (string)row[0]!)];

    private static FleetProject Project(TestDatabase database)
    {
        var project = new FleetProject(database);
        foreach (var (manifest, index) in Graph.Select(static (manifest, index) => (manifest, index)))
        {
            project.With(index.ToString(CultureInfo.InvariantCulture), manifest);
        }

        return project;
    }

    private static async Task<TestDatabase> CreateAsync(params string[] schemas)
    {
        var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync(string.Join(';', schemas.Prepend("shared").Select(static schema => "CREATE SCHEMA " + schema)));
        return database;
    }
}
