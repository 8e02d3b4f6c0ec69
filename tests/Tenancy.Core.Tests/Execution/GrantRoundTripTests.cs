using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>Privileges and owners through the engine. <c>{0}</c> and <c>{1}</c> stand for two roles, <c>{2}</c> for the one that runs it.</summary>
public sealed class GrantRoundTripTests
{
    private const string Base = """
        revision: aaaa0001
        up:
          - create_enum: {name: kind, values: [a, b]}
          - create_domain: {name: amount, type: integer}
          - create_sequence: {name: number}
          - create_table: {name: thing, columns: [{name: id, type: integer}, {name: size, type: integer}]}
          - create_statistics: {name: stats, table: thing, columns: [id, size]}
          - create_table: {name: other, columns: [{name: id, type: integer}]}
          - create_view: {name: names, query: SELECT id FROM tenant_schema.thing}
          - create_materialized_view: {name: sizes, query: SELECT id FROM tenant_schema.thing}
          - create_function: {name: twice, arguments: [integer], returns: integer, language: sql, body: SELECT $1 * 2}
          - create_procedure: {name: nothing, language: sql, body: SELECT 1}
          - grant: {privileges: [select], table: thing, to: "{1}", with_grant_option: true}
        """;

    public static TheoryData<string> Operations =>
    [
        "grant: {privileges: [select, insert], table: thing, to: [\"{0}\", public]}",
        "grant: {privileges: [all], table: [other, names], to: \"{0}\", with_grant_option: true}",
        "grant: {privileges: [select, update], table: thing, columns: [id, size], to: \"{0}\"}",
        "grant: {privileges: [usage, select], sequence: number, to: \"{0}\"}",
        "grant: {privileges: [execute], function: twice, arguments: [integer], to: \"{0}\"}",
        "grant: {privileges: [execute], procedure: nothing, to: \"{0}\"}",
        "grant: {privileges: [usage], type: [kind, amount], to: \"{0}\"}",
        "grant: {privileges: [usage, create], schema: tenant_schema, to: \"{0}\"}",
        "grant: {privileges: [insert, delete], all: tables, to: \"{0}\"}",
        "grant: {privileges: [usage], all: sequences, to: \"{0}\"}",
        "grant: {privileges: [execute], all: functions, to: \"{0}\"}",
        "grant: {privileges: [all], all: procedures, to: \"{0}\"}",
        "revoke: {privileges: [select], table: thing, from: \"{1}\", was: {with_grant_option: true}}",
        "revoke: {privileges: [select], table: thing, from: \"{1}\", grant_option_only: true}",
        "revoke: {privileges: [execute], function: twice, arguments: [integer], from: public}",
        "set_owner: {table: thing, to: \"{0}\", was: {to: \"{2}\"}}",
        "set_owner: {view: names, to: \"{0}\", was: {to: \"{2}\"}}",
        "set_owner: {materialized_view: sizes, to: \"{0}\", was: {to: \"{2}\"}}",
        "set_owner: {sequence: number, to: \"{0}\", was: {to: \"{2}\"}}",
        "set_owner: {type: kind, to: \"{0}\", was: {to: \"{2}\"}}",
        "set_owner: {domain: amount, to: \"{0}\", was: {to: \"{2}\"}}",
        "set_owner: {function: twice, arguments: [integer], to: \"{0}\", was: {to: \"{2}\"}}",
        "set_owner: {procedure: nothing, to: \"{0}\", was: {to: \"{2}\"}}",
        "set_owner: {statistics: stats, to: \"{0}\", was: {to: \"{2}\"}}",
        "set_owner: {schema: tenant_schema, to: \"{0}\", was: {to: \"{2}\"}}",
    ];

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task Up_down_and_up_again(string operation)
    {
        var roles = await TestRoles.CreateAsync("reader", "passer");
        string Named(string text) => text
            .Replace("{0}", roles["reader"], StringComparison.Ordinal)
            .Replace("{1}", roles["passer"], StringComparison.Ordinal)
            .Replace("{2}", "postgres", StringComparison.Ordinal);
        await RoundTrip.RunAsync(Named(Base), Named(operation));
    }

    [Fact]
    public async Task A_role_may_be_an_argument()
    {
        var roles = await TestRoles.CreateAsync("reader");
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database, "fleet: test\nmode: token").With("1", """
            revision: aaaa0001
            arguments: {role: {type: identifier}}
            up:
              - create_table: {name: thing, columns: [{name: id, type: integer}]}
              - grant: {privileges: [select], table: thing, to: "${x.role}"}
            """);
        await database.ExecuteAsync("CREATE SCHEMA t1");

        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("t1"), new() { Arguments = new Dictionary<string, string> { ["role"] = roles["reader"] } }));

        Assert.True(await database.ScalarAsync<bool>($"SELECT has_table_privilege('{roles["reader"]}', 't1.thing', 'select')"));
    }
}
