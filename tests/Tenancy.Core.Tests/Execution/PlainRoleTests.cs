using Tenancy.Core.Tenants;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>Roles without superuser rights run the whole thing; owner and grants of the project file.</summary>
public sealed class PlainRoleTests
{
    private const string Changes = """
        CREATE TABLE tenant_schema.made (id serial PRIMARY KEY, note text DEFAULT 'x');
        CREATE VIEW tenant_schema.seen AS SELECT id FROM tenant_schema.made;
        CREATE SEQUENCE tenant_schema.counter;
        CREATE FUNCTION tenant_schema.one() RETURNS int LANGUAGE sql AS 'SELECT 1';
        CREATE PROCEDURE tenant_schema.work(INOUT n int) LANGUAGE plpgsql AS 'BEGIN NULL; END';
        CREATE TYPE tenant_schema.kind AS ENUM ('a');
        CREATE TYPE tenant_schema.pair AS (a int);
        CREATE DOMAIN tenant_schema.even AS int CHECK (VALUE % 2 = 0);
        ALTER TABLE tenant_schema.made ALTER COLUMN note TYPE varchar;
        CREATE TEMP TABLE scratch ON COMMIT DROP AS SELECT 1 AS id
        """;

    /// <summary>A role that owns its schemas and may create in the database makes, migrates, undoes and removes; the proof works for it.</summary>
    [Fact]
    public async Task A_plain_role_runs_the_whole_thing()
    {
        foreach (var mode in PlacementProject.Modes)
        {
            await using var database = await PostgresFixture.CreateDatabaseAsync();
            var roles = await TestRoles.CreateAsync("plain");
            var plain = roles["plain"];
            await database.ExecuteAsync($"GRANT CREATE ON DATABASE {database.Name} TO {plain}; CREATE SCHEMA other; CREATE TABLE other.open (id int); GRANT USAGE ON SCHEMA other TO PUBLIC; GRANT ALL ON other.open TO PUBLIC");
            var login = Login(database, plain);
            using var project = new FleetProject(login, $"fleet: test\nmode: {mode}").With("1", Manifest(Changes));

            var created = await project.CreateAsync(FleetProject.Tenants("t1", "t2"));
            Assert.All(created, static result => Assert.Null(result.Failure));
            Assert.All(created, static result => Assert.Equal(MigrationStatus.Migrated, result.Status));

            project.With("2", """
                revision: aaaa0002
                parent: aaaa0001
                up: [{sql: INSERT INTO other.open VALUES (1)}]
                down: {irreversible: a test}
                """);
            var refused = (await project.MigrateAsync(FleetProject.Tenants("t1")))[0];
            Assert.Equal("PlacementViolation", refused.Failure?.ErrorId);
            Assert.Contains("other.open", refused.Failure!.Message, StringComparison.Ordinal);

            File.Delete(Path.Combine(project.Folder, "manifests", "2.yaml"));
            var undone = (await project.UndoAsync(FleetProject.Tenants("t1")))[0];
            Assert.Null(undone.Failure);
            Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM pg_class WHERE relnamespace = 't1'::regnamespace"));

            await using var fleet = project.Open();
            await fleet.RemoveTenantAsync(FleetProject.Tenants("t2")[0], keepsSchema: false, project.Log);
            Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM pg_namespace WHERE nspname = 't2'"));
        }
    }

    [Fact]
    public async Task Objects_belong_to_the_owner_and_are_granted_as_the_project_says()
    {
        foreach (var mode in PlacementProject.Modes)
        {
            await using var database = await PostgresFixture.CreateDatabaseAsync();
            var roles = await TestRoles.CreateAsync("login", "owner", "app");
            var (login, owner, app) = (roles["login"], roles["owner"], roles["app"]);
            await PostgresFixture.ExecuteAsync($"GRANT {owner} TO {login}");
            await database.ExecuteAsync($"GRANT CREATE ON DATABASE {database.Name} TO {login}, {owner}; CREATE TYPE public.before AS ENUM ('a')");
            using var project = new FleetProject(Login(database, login), $$"""
                fleet: test
                mode: {{mode}}
                owner: {{owner}}
                grants:
                  - {to: {{app}}, on: schema, privileges: [usage]}
                  - {to: {{app}}, on: tables, privileges: [select, insert]}
                  - {to: {{app}}, on: sequences, privileges: [usage]}
                  - {to: {{app}}, on: functions, privileges: [execute]}
                  - {to: {{app}}, on: types, privileges: [usage]}
                """);
            project.With("1", Manifest("REVOKE USAGE ON SCHEMA tenant_schema FROM PUBLIC;\n" + Changes)).With("2", """
                revision: aaaa0002
                parent: aaaa0001
                up: [{create_table: {name: typed, columns: [{name: id, type: bigint, identity: by default, primary_key: true}]}}]
                """);

            var created = (await project.CreateAsync(FleetProject.Tenants("t1")))[0];

            Assert.Null(created.Failure);
            Assert.Equal(0L, await database.ScalarAsync<long>($"""
                SELECT (SELECT count(*) FROM pg_class WHERE relnamespace = 't1'::regnamespace AND relowner <> '{owner}'::regrole)
                  + (SELECT count(*) FROM pg_proc WHERE pronamespace = 't1'::regnamespace AND proowner <> '{owner}'::regrole)
                  + (SELECT count(*) FROM pg_type WHERE typnamespace = 't1'::regnamespace AND typowner <> '{owner}'::regrole)
                  + (SELECT count(*) FROM pg_namespace WHERE nspname = 't1' AND nspowner <> '{owner}'::regrole)
                """));
            Assert.Equal(login, await database.ScalarAsync<string>("SELECT DISTINCT who FROM tenancy.history"));
            var grants = await database.QueryAsync($"""
                SELECT 'schema t1 ' || a.privilege_type FROM pg_namespace, aclexplode(nspacl) a WHERE nspname = 't1' AND a.grantee = '{app}'::regrole
                UNION ALL SELECT relname || ' ' || string_agg(a.privilege_type, ' ' ORDER BY a.privilege_type) FROM pg_class, aclexplode(relacl) a
                  WHERE relnamespace = 't1'::regnamespace AND a.grantee = '{app}'::regrole GROUP BY relname
                UNION ALL SELECT proname || ' ' || a.privilege_type FROM pg_proc, aclexplode(proacl) a WHERE pronamespace = 't1'::regnamespace AND a.grantee = '{app}'::regrole
                UNION ALL SELECT typname || ' ' || a.privilege_type FROM pg_type, aclexplode(typacl) a WHERE typnamespace = 't1'::regnamespace AND a.grantee = '{app}'::regrole
                """);
            string[] expected =
            [
                "counter USAGE", "even USAGE", "kind USAGE", "made INSERT SELECT", "made_id_seq USAGE", "one EXECUTE", "pair USAGE", "schema t1 USAGE",
                "seen INSERT SELECT", "typed INSERT SELECT", "typed_id_seq USAGE", "work EXECUTE",
            ];
            Assert.Equal(expected, grants.Select(static row => (string)row[0]!).Order(StringComparer.Ordinal));
        }
    }

    private static string Manifest(string up) => $$"""
        revision: aaaa0001
        up:
          - sql: |
              {{up.ReplaceLineEndings("\n").Replace("\n", "\n      ", StringComparison.Ordinal)}}
            undo: |
              DROP VIEW tenant_schema.seen; DROP TABLE tenant_schema.made; DROP SEQUENCE tenant_schema.counter; DROP FUNCTION tenant_schema.one();
              DROP PROCEDURE tenant_schema.work; DROP TYPE tenant_schema.kind; DROP TYPE tenant_schema.pair; DROP DOMAIN tenant_schema.even
        """;

    private static ConnectionSettings Login(TestDatabase database, string role) => new() { Host = database.Server.Host, Port = database.Server.Port, Database = database.Name, Username = role };
}
