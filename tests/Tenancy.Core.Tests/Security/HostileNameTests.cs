using System.Text.Json;
using Tenancy.Core.Tests.Execution;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Security;

/// <summary>Names of tenants that mean to be something else: a command to the terminal, a line of the log, another tenant.</summary>
public sealed class HostileNameTests
{
    private static readonly string[] Names =
    [
        "\u001b]0;owned\a\u001b[2J\u001b[31m",
        "acme\r\nERROR: all is well",
        "evil\u202egpj.exe",
        "zero\u200bwidth",
        "del\u007f\u009b31m",
        "$(reboot) `reboot` & | > ; %PATH%",
        "</script><script>alert(1)</script>",
        "../../etc/passwd",
        "postgresql://evil.example/x",
    ];

    [Fact]
    public async Task No_message_and_no_log_carries_what_commands_a_terminal()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA shared");
        using var project = new FleetProject(database).With("1", """
            revision: aaaa0001
            up:
              - sql: DO $$ BEGIN RAISE EXCEPTION E'\x1b]0;owned\x07 of % \u202e', '${tenant.name}' USING HINT = E'\x1b[2J'; END $$
            down: {irreversible: a test}
            """);

        var created = await project.CreateAsync(FleetProject.Tenants(Names));

        Assert.Equal(Names, created.Select(static result => result.Name));
        Assert.All(created, static result => Assert.Equal(MigrationStatus.Failed, result.Status));
        foreach (var text in created.Select(static result => result.Failure!.Message + result.Failure.RecommendedAction).Append(JsonSerializer.Deserialize<MigrationFailure>("{\"Message\":\"\\u001b[2J\"}")!.Message))
        {
            Assert.DoesNotContain(text, static character => character is not ('\r' or '\n') && char.GetUnicodeCategory(character) is (System.Globalization.UnicodeCategory.Control or System.Globalization.UnicodeCategory.Format));
        }

        Assert.StartsWith("tenant 'acme\\u000d\\u000aERROR: all is well', revision", created[1].Failure!.Message, StringComparison.Ordinal);
        Assert.Contains("\\u001b]0;owned\\u0007 of \\u001b", created[0].Failure!.Message, StringComparison.Ordinal);
        Assert.All(await database.QueryAsync("SELECT message FROM tenancy.history WHERE outcome = 'failed'"), static row => Assert.DoesNotContain((string)row[0]!, static character => character is not ('\r' or '\n') && char.IsControl(character)));
    }

    [Fact]
    public void What_is_wrong_with_a_name_is_told_without_its_commands()
    {
        var error = Assert.Throws<TenancyException>(() => Core.Sql.SqlIdentifier.Check("\u001b[2J" + new string('x', 64)));

        Assert.StartsWith("The name '\\u001b[2Jxx", error.Message, StringComparison.Ordinal);
    }

    /// <summary>PostgreSQL tells them apart by their bytes, and so does the engine: none stands for another.</summary>
    [Fact]
    public async Task Names_that_look_alike_are_tenants_of_their_own()
    {
        string[] alike = ["acme", "\u0430cme", "acm\u00e9", "acme\u0301", "ACME", "acme ", "acme\u200b"];
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA shared; " + string.Join("; ", alike.Select(static name => $"CREATE SCHEMA \"{name}\"")));
        using var project = new FleetProject(database).With("1", "revision: aaaa0001\nup: [{create_table: {name: a, columns: [{name: id, type: int}]}}]\n");

        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants(alike[1], alike[3])));

        Assert.Equal(new[] { alike[3], alike[1] }.Order(StringComparer.Ordinal), (await database.QueryAsync("SELECT schemaname::text FROM pg_tables WHERE tablename = 'a'")).Select(static row => (string)row[0]!).Order(StringComparer.Ordinal));
        Assert.Equal(2L, await database.ScalarAsync<long>("SELECT count(*) FROM tenancy.tenant"));
    }

    /// <summary>A token that a tenant is called by is a name like another: it is put in, not read again.</summary>
    [Theory]
    [InlineData("search_path")]
    [InlineData("token")]
    public async Task A_name_that_reads_like_a_token_or_a_placeholder_changes_nothing(string mode)
    {
        string[] names = ["tenant_schema", "${tenant.schema}", "${x.key}", "tenant_schema\".\"globex", "shared_schema", "a\".a; DROP SCHEMA globex CASCADE; --"];
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA shared; CREATE SCHEMA globex");
        using var project = new FleetProject(database, $"fleet: test\nmode: {mode}").With("1", """
            revision: aaaa0001
            up:
              - sql: |
                  CREATE TABLE tenant_schema.a AS SELECT '${tenant.schema}' AS schema, '${tenant.name}' AS name, '${tenant.quoted}' AS quoted;
                  CREATE FUNCTION tenant_schema.f() RETURNS text LANGUAGE sql AS 'SELECT schema FROM tenant_schema.a'
            down: {irreversible: a test}
            """);

        Outcome.AssertMigrated(await project.CreateAsync(FleetProject.Tenants(names)));

        foreach (var name in names)
        {
            var quoted = '"' + name.Replace("\"", "\"\"", StringComparison.Ordinal) + '"';
            Assert.Equal([name, name, quoted, name], (await database.QueryAsync($"SELECT schema, name, quoted, {quoted}.f() FROM {quoted}.a"))[0].Select(static value => (string?)value));
        }

        Assert.Equal(1L, await database.ScalarAsync<long>("SELECT count(*) FROM pg_namespace WHERE nspname = 'globex'"));
    }
}
