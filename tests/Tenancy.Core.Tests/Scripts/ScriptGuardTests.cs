using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Revisions;
using Tenancy.Core.Scripts;
using Tenancy.Core.Tests.Execution;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Scripts;

/// <summary>What a script refuses, asserts and leaves alone.</summary>
public sealed class ScriptGuardTests
{
    private const string Schemas = "CREATE SCHEMA shared; CREATE SCHEMA t1; CREATE SCHEMA t2";

    private const string Secret = "pä'ss\\w\"ord :x";

    private const string First = """
        revision: aaaa0001
        up:
          - create_table: {name: thing, columns: [{name: id, type: integer}]}
        """;

    [SkippableFact]
    public async Task Running_twice_fails_at_the_state_and_changes_nothing()
    {
        await using var twins = await CreateAsync(First);
        await twins.MigrateAsync(FleetProject.Tenants("t1", "t2"), new(), ["base"]);
        var script = await twins.WriteAsync(FleetProject.Tenants("t1", "t2"), new() { Migration = new() { To = "aaaa0001", RunId = Guid.Empty }, From = ["base"] });
        var before = await twins.Offline.DumpAsync("t1");
        var history = await twins.Offline.DumpAsync("tenancy");

        (await Psql.RunAsync(twins.Offline, script.Files[1].Text)).Failed("t1 was planned at base and is at aaaa0001");

        Assert.Equal(before, await twins.Offline.DumpAsync("t1"));
        Assert.Equal(history, await twins.Offline.DumpAsync("tenancy"));
    }

    [SkippableFact]
    public async Task What_lands_elsewhere_fails_the_transaction()
    {
        foreach (var (change, touched) in new[]
        {
            ("CREATE TABLE t2.astray (id integer)", "t2.astray"),
            ("CREATE FUNCTION t2.astray() RETURNS integer LANGUAGE sql AS 'SELECT 1'", "t2.astray"),
            ("DROP TABLE t2.old", "t2.old (dropped)"),
            ("ALTER TABLE t2.old SET SCHEMA t1", "t2.old (moved away)"),
        })
        {
            await using var twins = await CreateAsync($"revision: aaaa0001\nup:\n  - sql: {change}\n    undo: SELECT 1");
            await twins.Offline.ExecuteAsync("CREATE TABLE t2.old (id integer)");
            var before = await twins.Offline.DumpAsync(except: "tenancy");
            var script = await twins.WriteAsync(FleetProject.Tenants("t1"), new() { Migration = new(), From = ["base"] });

            (await Psql.RunAsync(twins.Offline, script.Text)).Failed($"changed what lies outside its schema and was rolled back: {touched}");

            Assert.Equal(before, await twins.Offline.DumpAsync(except: "tenancy"));
            Assert.Equal(0L, await twins.Offline.ScalarAsync<long>("SELECT count(*) FROM tenancy.history"));
        }
    }

    [SkippableFact]
    public async Task A_history_that_was_renamed_is_not_begun_anew()
    {
        await using var twins = await CreateAsync(First, "revision: aaaa0002\nparent: aaaa0001\nup:\n  - add_column: {table: thing, name: two, type: integer}");
        await twins.MigrateAsync(FleetProject.Tenants("t1"), new() { To = "aaaa0001" }, ["base"]);
        var script = await twins.WriteAsync(FleetProject.Tenants("t2"), new() { Migration = new(), From = ["base"] });
        await twins.Offline.ExecuteAsync("ALTER SCHEMA tenancy RENAME TO \"Kept\"");
        var before = await twins.Offline.DumpAsync();

        var end = (await Psql.RunAsync(twins.Offline, script.Text)).Failed("there is no history schema tenancy here, but \"Kept\" has the history of fleet 'test'");

        Assert.Contains("ALTER SCHEMA \"Kept\" RENAME TO tenancy", end.Error, StringComparison.Ordinal);
        Assert.Equal(before, await twins.Offline.DumpAsync());

        // Another fleet's is nobody's concern.
        await twins.Offline.ExecuteAsync("UPDATE \"Kept\".head SET fleet = 'other'");
        (await Psql.RunAsync(twins.Offline, script.Text)).Clean();
    }

    [SkippableFact]
    public async Task One_transaction_around_all_is_refused()
    {
        await using var twins = await CreateAsync(First);
        var script = await twins.WriteAsync(FleetProject.Tenants("t1"), new() { Migration = new(), From = ["base"] });

        (await Psql.RunAsync(twins.Offline, script.Text, "--single-transaction")).Failed("without --single-transaction");

        Assert.Equal(0L, await twins.Offline.ScalarAsync<long>("SELECT count(*) FROM pg_namespace WHERE nspname = 'tenancy'"));
    }

    [SkippableFact]
    public async Task A_schema_that_is_missing_in_use_or_made_again_is_an_error()
    {
        await using var twins = await CreateAsync(First + "\n", "revision: aaaa0002\nparent: aaaa0001\nup:\n  - add_column: {table: thing, name: two, type: integer}");
        await twins.MigrateAsync(FleetProject.Tenants("t1", "t2"), new() { To = "aaaa0001" }, ["base"]);
        var script = await twins.WriteAsync(FleetProject.Tenants("t1"), new() { Migration = new(), From = ["aaaa0001"] });
        await using (var connection = await twins.Offline.DataSource.OpenConnectionAsync())
        {
            await using var transaction = await connection.BeginTransactionAsync();
            await using var command = new Npgsql.NpgsqlCommand("SELECT tenancy.lock('test', 'tenant', 't1')", connection);
            await command.ExecuteNonQueryAsync();
            (await Psql.RunAsync(twins.Offline, script.Text)).Failed("t1 is in use by another run");
        }

        await twins.Offline.ExecuteAsync("DROP SCHEMA t1 CASCADE; CREATE SCHEMA t1; CREATE TABLE t1.thing (id integer)");
        (await Psql.RunAsync(twins.Offline, script.Text)).Failed("schema t1 was dropped and made again since history recorded where it is");
        var missing = await twins.WriteAsync(FleetProject.Tenants("none"), new() { Migration = new(), From = ["base"] });
        (await Psql.RunAsync(twins.Offline, missing.Text)).Failed("schema \"none\" does not exist");
    }

    [SkippableFact]
    public async Task Psql_reads_no_variable_out_of_a_manifest()
    {
        await using var twins = await CreateAsync("""
            revision: aaaa0001
            description: "of two\nDROP SCHEMA t2; lines"
            up:
              - sql: CREATE TABLE tenant_schema.thing AS SELECT (ARRAY[1,2,3])[1:n]::text || ':n \x' AS id, $$:n$$ AS note FROM (SELECT 2 AS n) s
                undo: DROP TABLE tenant_schema.thing
            """);
        await twins.Project.MigrateAsync(FleetProject.Tenants("t1"));
        var script = await twins.WriteAsync(FleetProject.Tenants("t1"), new() { Migration = new(), From = ["base"] });

        (await Psql.RunAsync(twins.Offline, script.Text, "-v", "n=3", "-v", "AUTOCOMMIT=off")).Clean();

        await twins.AssertAlikeAsync();
        Assert.Equal("{1,2}:n \\x", await twins.Offline.ScalarAsync<string>("SELECT id FROM t1.thing"));
    }

    private const string WithArguments = """
        revision: aaaa0001
        arguments:
          size: {type: integer}
          pass-word: {type: text, secret: true}
        verify: [{sql: "SELECT count(*) = 1 FROM tenant_schema.thing WHERE value = ${x.pass-word}"}]
        up:
          - sql: CREATE TABLE tenant_schema.thing AS SELECT ${x.size} AS size, ${x.pass-word}::text AS value, 'in ${x.pass-word}' AS inside, E'\t${x.pass-word}' AS escaped
            undo: DROP TABLE tenant_schema.thing
        """;

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_secret_is_given_when_the_script_runs_or_written_when_asked(bool isWritten)
    {
        await using var twins = await CreateAsync(WithArguments);
        var arguments = new Dictionary<string, string> { ["size"] = "7", ["pass-word"] = Secret };
        Outcome.AssertMigrated(await twins.Project.MigrateAsync(FleetProject.Tenants("t1"), new() { Arguments = arguments }));
        if (!isWritten)
        {
            arguments.Remove("pass-word");
        }

        var script = await twins.WriteAsync(FleetProject.Tenants("t1"), new() { Migration = new() { Arguments = arguments }, From = ["base"], IncludesSecrets = isWritten });

        Assert.Equal(isWritten, script.Text.Contains("ss\\\\w", StringComparison.Ordinal));
        if (!isWritten)
        {
            (await Psql.RunAsync(twins.Offline, script.Text)).Failed("the secret argument 'pass-word' is missing: give psql -v x_pass_word=");
        }

        (await Psql.RunAsync(twins.Offline, script.Text, isWritten ? [] : ["-v", $"x_pass_word={Secret}"])).Clean();
        await twins.AssertAlikeAsync();
    }

    [SkippableFact]
    public async Task A_secret_in_a_body_is_refused()
    {
        await using var twins = await CreateAsync("""
            revision: aaaa0001
            arguments: {password: {type: text, secret: true}}
            up:
              - sql: CREATE FUNCTION tenant_schema.f() RETURNS text LANGUAGE sql AS $$ SELECT ${x.password} $$
                undo: DROP FUNCTION tenant_schema.f()
            """);

        var error = await Assert.ThrowsAsync<TenancyException>(() => twins.WriteAsync(FleetProject.Tenants("t1"), new() { Migration = new(), From = ["base"] }));

        Assert.Equal("NotForScript", error.ErrorId);
        Assert.Contains("a secret stands in dollar quotes", error.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Owner_and_grants_are_those_of_the_project()
    {
        var roles = await TestRoles.CreateAsync("owner", "app");
        await using var twins = await Twins.CreateAsync(
            database => new FleetProject(database, $$"""
                fleet: test
                owner: {{roles["owner"]}}
                grants:
                  - {to: {{roles["app"]}}, on: tables, privileges: [SELECT, INSERT]}
                  - {to: public, on: functions, privileges: [EXECUTE]}
                """).With("1", First + """

                  - sql: CREATE FUNCTION tenant_schema.one() RETURNS integer LANGUAGE sql AS 'SELECT 1'
                    undo: DROP FUNCTION tenant_schema.one()
                """),
            $"{Schemas}; ALTER SCHEMA t1 OWNER TO {roles["owner"]}; ALTER SCHEMA t2 OWNER TO {roles["owner"]}");

        await twins.MigrateAsync(FleetProject.Tenants("t1", "t2"), new() { Transaction = TransactionMode.PerTenant }, ["base"]);
        Assert.Equal(2L, await twins.Offline.ScalarAsync<long>($"SELECT count(*) FROM pg_class WHERE relname = 'thing' AND relowner = '{roles["owner"]}'::regrole AND has_table_privilege('{roles["app"]}', oid, 'INSERT')"));
        await twins.MigrateAsync(FleetProject.Tenants("t1", "t2"), Twins.Down("base"), ["head"]);
    }

    private const string Users = """
        revision: bbbb0001
        scope: shared
        up:
          - create_table: {name: users, columns: [{name: id, type: bigint, primary_key: true}]}
        """;

    private const string After = """
        revision: bbbb0002
        parent: bbbb0001
        depends_on: [aaaa0001]
        scope: shared
        up:
          - add_column: {table: users, name: name, type: text}
        """;

    private const string Third = """
        revision: aaaa0002
        parent: aaaa0001
        depends_on: [bbbb0002]
        up:
          - add_column: {table: thing, name: two, type: integer}
        """;

    [SkippableTheory]
    [InlineData("base", false)]
    [InlineData(null, true)]
    public async Task Scopes_come_in_the_rounds_of_the_run(string? from, bool asFiles)
    {
        await using var twins = await CreateAsync(First, Users, After, Third);

        await twins.MigrateAsync(FleetProject.Tenants("t1", "t2"), new(), from is null ? null : [from], asFiles);
        await twins.MigrateAsync(FleetProject.Tenants("t1", "t2"), Twins.Down("aaaa0001"), from is null ? null : ["head"], asFiles);
        await twins.MigrateAsync([], new() { Scope = MigrationScope.Shared, Direction = RevisionDirection.Down, To = "bbbb0001" }, from is null ? null : ["aaaa0001", "bbbb0002"], asFiles);
        await twins.MigrateAsync(FleetProject.Tenants("t1", "t2"), new(), from is null ? null : ["aaaa0001", "bbbb0001"], asFiles);
    }

    [SkippableFact]
    public async Task A_shared_revision_that_other_tenants_must_have_first_fails_under_the_lock()
    {
        await using var twins = await CreateAsync(First, Users, After, Third);
        await twins.MigrateAsync(FleetProject.Tenants("t1", "t2"), new() { To = "aaaa0001" }, ["base"]);
        await twins.MigrateAsync(FleetProject.Tenants("t2"), Twins.Down("base"), ["aaaa0001", "base"]);
        var script = await twins.WriteAsync(FleetProject.Tenants("t1"), new() { Migration = new(), From = ["aaaa0001", "base"] });

        (await Psql.RunAsync(twins.Offline, script.Text)).Failed("t2 is at base meanwhile, and the revision depends on where it is");
    }

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Hooks_stand_around_tenants_and_run(bool isLoop)
    {
        await using var twins = await Twins.CreateAsync(
            static database => new FleetProject(database, """
                fleet: test
                hooks:
                  before_run: INSERT INTO shared.note (text) VALUES ('before all')
                  before_tenant: INSERT INTO tenant_schema.note (text) VALUES ('before ${tenant.name}')
                  after_tenant: INSERT INTO tenant_schema.note (text) SELECT 'after' FROM tenant_schema.thing HAVING count(*) = 0
                  after_run: INSERT INTO shared.note (text) VALUES ('after all')
                """).With("1", First),
            Schemas + "; CREATE TABLE t1.note (text text); CREATE TABLE t2.note (text text); CREATE TABLE shared.note (text text)");
        Outcome.AssertNoError(await twins.Project.MigrateAsync(FleetProject.Tenants("t1", "t2")));

        await twins.RunAsync(await twins.WriteAsync(isLoop ? [] : FleetProject.Tenants("t1", "t2"), new() { Migration = new(), From = ["base"], SchemaPattern = isLoop ? "t?" : null }));

        await twins.AssertAlikeAsync();
        Assert.Equal(["after", "before t2"], (await twins.Offline.QueryAsync("SELECT text FROM t2.note ORDER BY 1")).Select(static row => row[0]));
        Assert.Equal(2L, await twins.Offline.ScalarAsync<long>("SELECT count(*) FROM shared.note"));
    }

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Hooks_stand_around_a_tenant_once_in_two_rounds(bool isLoop)
    {
        await using var twins = await Twins.CreateAsync(
            static database => new FleetProject(database, """
                fleet: test
                hooks:
                  before_tenant: INSERT INTO tenant_schema.note (text) VALUES ('before')
                  after_tenant: INSERT INTO tenant_schema.note (text) VALUES ('after')
                """).With("1", First).With("2", Users).With("3", After).With("4", Third),
            Schemas + "; CREATE TABLE t1.note (text text); CREATE TABLE t2.note (text text)");
        Outcome.AssertNoError(await twins.Project.MigrateAsync(FleetProject.Tenants("t1", "t2")));

        await twins.RunAsync(await twins.WriteAsync(isLoop ? [] : FleetProject.Tenants("t1", "t2"), new() { Migration = new(), From = ["base"], SchemaPattern = isLoop ? "t?" : null }));

        Assert.Equal(["after", "before"], (await twins.Online.QueryAsync("SELECT text FROM t2.note ORDER BY 1")).Select(static row => row[0]));
        await twins.AssertAlikeAsync();
    }

    [SkippableFact]
    public async Task A_revision_that_no_manifest_has_any_more_is_undone_as_it_was_applied()
    {
        await using var twins = await CreateAsync(First, "revision: aaaa0002\nparent: aaaa0001\nup:\n  - add_column: {table: thing, name: two, type: integer}");
        await twins.MigrateAsync(FleetProject.Tenants("t1", "t2"), new(), ["base"]);
        twins.Without("m1");

        await twins.MigrateAsync(FleetProject.Tenants("t1", "t2"), Twins.Down("aaaa0001"), null);

        Assert.Equal(0L, await twins.Offline.ScalarAsync<long>("SELECT count(*) FROM pg_attribute WHERE attname = 'two'"));
    }

    [Fact]
    public async Task What_commits_in_batches_is_refused()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database).With("1", """
            revision: aaaa0001
            up:
              - create_table: {name: thing, columns: [{name: id, type: integer, primary_key: true}]}
              - delete: {table: thing, where: id < 5, batch: {key: id}}
            down: []
            """);
        await using var fleet = project.Open();

        var error = await Assert.ThrowsAsync<TenancyException>(async () => await fleet.ExportAsync(FleetProject.Tenants("t1"), new() { Migration = new(), From = ["base"] }).ToListAsync());

        Assert.Equal("NotForScript", error.ErrorId);
        Assert.Contains("commits in batches", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_tenants_in_one_transaction_are_refused()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database).With("1", First);
        await using var fleet = project.Open();

        var error = await Assert.ThrowsAsync<TenancyException>(async () =>
            await fleet.ExportAsync(FleetProject.Tenants("t1"), new() { Migration = new() { Transaction = TransactionMode.AllTenants }, From = ["base"] }).ToListAsync());

        Assert.Equal("NotForScript", error.ErrorId);
    }

    [SkippableFact]
    public async Task Where_it_begins_must_be_known_of_both_scopes()
    {
        await using var twins = await CreateAsync(First, Users);

        var error = await Assert.ThrowsAsync<TenancyException>(() => twins.WriteAsync(FleetProject.Tenants("t1"), new() { Migration = new(), From = ["aaaa0001"] }));

        Assert.Equal("FromUnknown", error.ErrorId);
        Assert.Contains("shared schema", error.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_history_of_an_older_version_is_brought_up_and_of_a_newer_refused()
    {
        await using var twins = await CreateAsync(First);
        var script = await twins.WriteAsync(FleetProject.Tenants("t1"), new() { Migration = new(), From = ["base"] });
        await twins.MigrateAsync(FleetProject.Tenants("t2"), new(), ["base"]);
        await twins.Offline.ExecuteAsync("UPDATE tenancy.installation SET version = 99");

        (await Psql.RunAsync(twins.Offline, script.Text)).Failed("was made by a newer tool");

        Assert.Equal(0L, await twins.Offline.ScalarAsync<long>("SELECT count(*) FROM tenancy.head WHERE schema = 't1'"));
    }

    private static Task<Twins> CreateAsync(params string[] manifests) => Twins.CreateAsync(
        database => manifests.Select(static (manifest, index) => (manifest, index)).Aggregate(new FleetProject(database), static (project, item) => project.With($"m{item.index}", item.manifest)), Schemas);
}
