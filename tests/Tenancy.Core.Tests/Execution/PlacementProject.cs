using Tenancy.Core.Tenants;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>A database with two tenants and a shared schema, and manifests of one revision for the tenant t1.</summary>
internal static class PlacementProject
{
    /// <summary>Both ways to reach a tenant's schema.</summary>
    internal static readonly string[] Modes = ["search_path", "token"];

    private const string Objects = """
        CREATE SCHEMA t1; CREATE SCHEMA t2; CREATE SCHEMA t3; CREATE SCHEMA shared;
        CREATE TABLE t1.customer (id bigint PRIMARY KEY, email text);
        CREATE TABLE t1.mine (id int);
        CREATE FUNCTION t1.mine() RETURNS int LANGUAGE sql AS 'SELECT 1';
        CREATE TYPE t1.state AS ENUM ('old', 'new');
        CREATE TABLE t2.customer (id bigint PRIMARY KEY, email text);
        CREATE TABLE t2.item (id bigint GENERATED ALWAYS AS IDENTITY, note text);
        CREATE TABLE t2.log (id int);
        CREATE TABLE t2.spare (id serial PRIMARY KEY, note text);
        CREATE SEQUENCE t2.counter;
        CREATE MATERIALIZED VIEW t2.totals AS SELECT 1 AS one;
        CREATE FUNCTION t2.greet() RETURNS int LANGUAGE sql AS 'SELECT 1';
        CREATE TYPE t2.mood AS ENUM ('sad', 'ok');
        CREATE DOMAIN t2.positive AS int CONSTRAINT above CHECK (VALUE > 0);
        CREATE TYPE t2.pair AS (a int, b int);
        CREATE TABLE shared.users (id int PRIMARY KEY, name text);
        CREATE TABLE shared.only_shared (id int);
        CREATE TABLE public.note (id int);
        INSERT INTO t2.customer VALUES (1, 'a'); INSERT INTO t2.spare VALUES (1, 'b'); INSERT INTO shared.users VALUES (1, 'c');
        CREATE FUNCTION public.copy_to_log() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO t2.log VALUES (1); RETURN NULL; END';
        CREATE TABLE t1.watched (id int);
        CREATE TRIGGER copies AFTER INSERT ON t1.watched FOR EACH ROW EXECUTE FUNCTION public.copy_to_log();
        CREATE TABLE t1.watched_late (id int);
        CREATE CONSTRAINT TRIGGER copies AFTER INSERT ON t1.watched_late DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.copy_to_log();
        """;

    /// <summary>What <see cref="CreateDatabaseAsync"/> makes.</summary>
    private static readonly Lazy<Task<string>> Untouched = new(static async () =>
    {
        await using var database = await CreateDatabaseAsync();
        return await database.DumpAsync();
    });

    internal static async Task<TestDatabase> CreateDatabaseAsync()
    {
        var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync(Objects);
        return database;
    }

    /// <summary>Runs one manifest of one <c>sql</c> on t1.</summary>
    internal static async Task<MigrationResult> RunAsync(TestDatabase database, string mode, string sql, string? touches = null, string settings = "", ConnectionSettings? login = null)
    {
        var text = $"fleet: test\nmode: {mode}\n{settings}";
        using var project = login is null ? new FleetProject(database, text) : new FleetProject(login, text);
        project.With("1", $$"""
            revision: aaaa0001
            {{(touches is null ? "" : $"touches: [{touches}]")}}
            up:
              - sql: |
                  {{sql.ReplaceLineEndings("\n").Replace("\n", "\n      ", StringComparison.Ordinal)}}
            down: {irreversible: a test}
            """);
        return Assert.Single(await project.MigrateAsync(FleetProject.Tenants("t1")));
    }

    /// <summary>Refused without <paramref name="touches"/>, naming the object and leaving the database as it was; done with them. In each mode.</summary>
    /// <param name="sql">What is done elsewhere.</param>
    /// <param name="named">What the error names, separated by <c>;</c>.</param>
    /// <param name="touches">What declares it.</param>
    /// <param name="isUndone">False for what PostgreSQL does not roll back.</param>
    /// <param name="setUp">What is there before.</param>
    /// <param name="only">The only mode; null for both.</param>
    internal static async Task EnsureDeclaredAsync(string sql, string named, string touches, bool isUndone = true, string setUp = "", string? only = null)
    {
        string[] modes = only is null ? Modes : [only];
        await using var database = await CreateDatabaseAsync();
        await database.ExecuteAsync(setUp + ";");
        var before = setUp.Length == 0 ? await Untouched.Value : await database.DumpAsync(except: "tenancy");
        foreach (var mode in modes)
        {
            var refused = await RunAsync(database, mode, sql);
            Assert.Equal(MigrationStatus.Failed, refused.Status);
            Assert.True(refused.Failure!.ErrorId == "PlacementViolation", refused.Failure.ToString());
            Assert.Equal(named.Split(';'), refused.Failure.Message[(refused.Failure.Message.LastIndexOf("rolled back: ", StringComparison.Ordinal) + 13)..].TrimEnd('.').Split(", "));
        }

        if (isUndone)
        {
            Assert.Equal(before, await database.DumpAsync(except: "tenancy"));
        }

        await EnsureDoneAsync(database, modes[0]);
        foreach (var mode in modes[1..])
        {
            await using var another = await CreateDatabaseAsync();
            await another.ExecuteAsync(setUp + ";");
            await EnsureDoneAsync(another, mode);
        }

        async Task EnsureDoneAsync(TestDatabase where, string mode)
        {
            var declared = await RunAsync(where, mode, sql, touches);
            Assert.True(declared.Status == MigrationStatus.Migrated, declared.Failure?.ToString());
        }
    }

    /// <summary>Done without <c>touches</c>.</summary>
    internal static async Task EnsureAllowedAsync(string mode, string sql, string setUp = "")
    {
        await using var database = await CreateDatabaseAsync();
        await database.ExecuteAsync(setUp + ";");
        var result = await RunAsync(database, mode, sql);
        Assert.True(result.Status == MigrationStatus.Migrated, result.Failure?.ToString());
    }
}
