using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>The operations on sequences, types and views through the engine.</summary>
public sealed class ObjectRoundTripTests
{
    private const string Base = """
        revision: aaaa0001
        up:
          - create_enum: {name: kind, values: [a, b], comment: Kinds}
          - create_domain: {name: amount, type: "numeric(10,2)", constraints: [{name: amount_check, check: VALUE >= 0}]}
          - create_composite_type: {name: pair, attributes: [{name: a, type: integer}]}
          - create_sequence: {name: number, start: 5, maxvalue: 100, comment: Numbers}
          - create_table:
              name: thing
              columns:
                - {name: id, type: integer, nullable: false}
                - {name: name, type: text}
                - {name: numbered, type: bigint, identity: always}
                - {name: size, type: integer, default: "3"}
          - insert: {table: thing, key: id, rows: [{id: 1, name: one}, {id: 2, name: two}]}
          - create_view: {name: names, query: SELECT id FROM tenant_schema.thing, comment: Names}
          - create_materialized_view: {name: sizes, query: SELECT id FROM tenant_schema.thing}
          - create_index: {name: sizes_key, table: sizes, columns: [id], unique: true}
        """;

    public static TheoryData<string, bool> Operations => new()
    {
        { "alter_column: {table: thing, name: id, identity: by default}", true },
        { "alter_column: {table: thing, name: size, nullable: false, default: null, identity: always, was: {default: '3'}}", true },
        { "alter_column: {table: thing, name: numbered, identity: by default, was: {identity: always}}", true },
        { "alter_column: {table: thing, name: numbered, identity: null, was: {identity: always}}", false },
        { """"create_sequence: {name: '"Odd ""one"""', type: integer, start: 7, increment: -2, minvalue: -50, maxvalue: 10, cache: 5, cycle: true, owned_by: {table: thing, column: id}, comment: "it's"}"""", true },
        { "create_sequence: {name: plain, minvalue: null, maxvalue: null, owned_by: null}", true },
        { "alter_sequence: {name: number, increment: 3, cycle: true, cache: 2, maxvalue: null, owned_by: {table: thing, column: id}, was: {increment: 1, cycle: false, cache: 1, maxvalue: 100, owned_by: null, start: 5}}", true },
        { "alter_sequence: {name: number, rename: Number, restart: 50, start: 6, minvalue: 2, was: {restart: 5, start: 5, minvalue: 1}}", true },
        { "alter_sequence: {name: number, rename: Number}", true },
        { "drop_sequence: {name: number, was: {start: 5, maxvalue: 100, comment: Numbers}}", true },
        { "create_enum: {name: Mood, values: [\"it's\", b c], comment: Moods}", true },
        { "rename_enum_value: {enum: kind, from: a, to: \"A's\"}", true },
        { "drop_enum: {name: kind, was: {values: [a, b], comment: Kinds}}", true },
        { "create_domain: {name: code, type: text, collation: C, default: \"'x'\", nullable: false, constraints: [{check: \"VALUE <> ''\"}, {name: Short, check: length(VALUE) < 9}], comment: Codes}", true },
        { "drop_domain: {name: amount, if_exists: true, was: {type: \"numeric(10,2)\", constraints: [{name: amount_check, check: VALUE >= 0}]}}", true },
        { "create_composite_type: {name: Address, attributes: [{name: Street, type: text, collation: C}, {name: kind, type: tenant_schema.kind}], comment: Addresses}", true },
        { "drop_composite_type: {name: pair, was: {attributes: [{name: a, type: integer}]}}", true },
        { "create_view: {name: Big, query: \"SELECT id, name -- both\\nFROM tenant_schema.thing WHERE size > 2\", columns: [number, Name], with: {security_barrier: true}, check_option: cascaded, comment: Big ones}", true },
        { "create_view: {name: names, query: 'SELECT id FROM tenant_schema.thing WHERE size > 1', replace: true, comment: Others, was: {query: SELECT id FROM tenant_schema.thing, comment: Names}}", true },
        { "drop_view: {name: names, was: {query: SELECT id FROM tenant_schema.thing, comment: Names}}", true },
        { "create_materialized_view: {name: Big, query: 'SELECT id, name FROM tenant_schema.thing', columns: [a, b], with: {fillfactor: 70}, with_data: false, comment: Big ones}", true },
        { "drop_materialized_view: {name: sizes, was: {query: SELECT id FROM tenant_schema.thing}}\n  - create_sequence: {name: other}", false },
    };

    [Theory]
    [MemberData(nameof(Operations))]
    public Task Up_down_and_up_again(string operation, bool downIsExact) => RoundTrip.RunAsync(Base, operation, downIsExact);

    [Fact]
    public Task A_column_that_is_computed_no_longer_keeps_its_values() => RoundTrip.RunAsync(
        "revision: aaaa0001\nup: [create_table: {name: thing, columns: [{name: id, type: integer}, {name: twice, type: integer, generated: id * 2}]}]",
        "alter_column: {table: thing, name: twice, generated: null}\ndown:\n  - drop_column: {table: thing, name: twice}\n  - add_column: {table: thing, name: twice, type: integer, generated: id * 2}");

    [Fact]
    public async Task A_value_added_to_an_enum_can_be_used_in_the_same_revision()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database, "fleet: test\nmode: token").With("1", Base).With("2", """
            revision: aaaa0002
            parent: aaaa0001
            up:
              - add_enum_value: {enum: kind, value: c, before: b, if_not_exists: true}
              - add_enum_value: {enum: kind, value: "it's", after: b}
              - add_column: {table: thing, name: kind, type: tenant_schema.kind, default: "'c'"}
              - refresh_materialized_view: {name: sizes, concurrently: true}
              - refresh_materialized_view: {name: sizes, with_data: false}
            down: {irreversible: No value leaves an enum.}
            """);
        await database.ExecuteAsync("CREATE SCHEMA \"t 1\"");

        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("t 1")));

        Assert.Equal("a,c,b,it's", await database.ScalarAsync<string>("SELECT string_agg(enumlabel, ',' ORDER BY enumsortorder) FROM pg_enum"));
        Assert.Equal(2, await database.ScalarAsync<long>("SELECT count(*) FROM \"t 1\".thing WHERE kind = 'c'"));
        Assert.False(await database.ScalarAsync<bool>("SELECT relispopulated FROM pg_class WHERE relname = 'sizes'"));
    }
}
