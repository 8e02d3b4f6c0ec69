using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>Other names and comments for every kind of object, through the engine.</summary>
public sealed class NamesRoundTripTests
{
    private const string Base = """
        revision: aaaa0001
        up:
          - create_enum: {name: kind, values: [a, b], comment: Kinds}
          - create_domain: {name: amount, type: integer, constraints: [{name: amount_check, check: VALUE >= 0}]}
          - create_composite_type: {name: pair, attributes: [{name: a, type: integer}]}
          - create_range_type: {name: span, subtype: integer}
          - create_sequence: {name: number}
          - create_table: {name: thing, columns: [{name: id, type: integer, primary_key: true}, {name: kind, type: tenant_schema.kind}, {name: size, type: tenant_schema.amount, check: size < 100}], comment: Things}
          - create_index: {name: thing_size_idx, table: thing, columns: [size]}
          - create_statistics: {name: thing_stats, table: thing, columns: [id, size]}
          - create_view: {name: names, query: SELECT id FROM tenant_schema.thing}
          - create_materialized_view: {name: sizes, query: SELECT size FROM tenant_schema.thing}
          - create_function: {name: note, returns: trigger, language: plpgsql, body: BEGIN RETURN new; END}
          - create_function: {name: twice, arguments: [{name: n, type: integer}], returns: integer, language: sql, body: SELECT n * 2}
          - create_procedure: {name: nothing, arguments: [tenant_schema.kind], language: sql, body: SELECT 1}
          - create_trigger: {name: thing_noted, table: thing, timing: before, events: [insert], for_each: row, function: note}
          - create_policy: {name: own, table: thing, using: id > 0}
        """;

    public static TheoryData<string> Operations =>
    [
        "rename_view: {from: names, to: Names}",
        "rename_materialized_view: {from: sizes, to: Sizes}",
        "rename_index: {from: thing_size_idx, to: Odd Index}",
        "rename_sequence: {from: number, to: Number}",
        "rename_type: {from: kind, to: Kind}",
        "rename_type: {from: amount, to: Amount}",
        "rename_type: {from: pair, to: Pair}",
        "rename_type: {from: span, to: Span}",
        "rename_statistics: {from: thing_stats, to: Stats}",
        "rename_function: {from: twice, arguments: [integer], to: Twice}",
        "rename_procedure: {from: nothing, arguments: [tenant_schema.kind], to: Nothing}",
        "rename_constraint: {table: thing, from: thing_size_check, to: Small}",
        "rename_constraint: {table: thing, from: thing_pkey, to: \"key \\\"1\\\"\"}",
        "rename_trigger: {table: thing, from: thing_noted, to: Noted}",
        "set_trigger: {table: thing, name: thing_noted, enabled: false}",
        "rename_policy: {table: thing, from: own, to: Own}",
        "comment: {table: thing, text: \"it's\", was: {text: Things}}",
        "comment: {table: thing, text: null, was: {text: Things}}",
        "comment: {table: thing, column: size, text: Size, was: {text: null}}",
        "comment: {table: thing, constraint: thing_size_check, text: Small, was: {text: null}}",
        "comment: {table: thing, trigger: thing_noted, text: Noted, was: {text: null}}",
        "comment: {table: thing, policy: own, text: Own, was: {text: null}}",
        "comment: {view: names, text: Names, was: {text: null}}",
        "comment: {view: names, column: id, text: Id, was: {text: null}}",
        "comment: {materialized_view: sizes, text: Sizes, was: {text: null}}",
        "comment: {materialized_view: sizes, column: size, text: Size, was: {text: null}}",
        "comment: {index: thing_size_idx, text: By size, was: {text: null}}",
        "comment: {sequence: number, text: Numbers, was: {text: null}}",
        "comment: {type: kind, text: Other kinds, was: {text: Kinds}}",
        "comment: {type: pair, text: Two, was: {text: null}}",
        "comment: {type: pair, column: a, text: The first, was: {text: null}}",
        "comment: {domain: amount, text: Amounts, was: {text: null}}",
        "comment: {domain: amount, constraint: amount_check, text: Not below, was: {text: null}}",
        "comment: {function: twice, arguments: [integer], text: Doubles, was: {text: null}}",
        "comment: {procedure: nothing, arguments: [tenant_schema.kind], text: Does nothing, was: {text: null}}",
        "comment: {statistics: thing_stats, text: Together, was: {text: null}}",
        "comment: {schema: tenant_schema, text: One tenant, was: {text: null}}",
    ];

    [Theory]
    [MemberData(nameof(Operations))]
    public Task Up_down_and_up_again(string operation) => RoundTrip.RunAsync(Base, operation);

    [Fact]
    public Task An_index_that_the_revision_has_made_stays_its_own_under_another_name() =>
        RoundTrip.RunAsync(Base, "create_index: {name: one, table: thing, columns: [kind]}\n  - rename_index: {from: one, to: two}\n  - drop_index: {name: two, concurrently: true, was: {table: thing, columns: [kind]}}\n  - create_sequence: {name: other}");
}
