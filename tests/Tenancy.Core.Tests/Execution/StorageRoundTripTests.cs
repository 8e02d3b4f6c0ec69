using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>How tables, columns and indexes are kept, and what ANALYZE looks at, through the engine.</summary>
public sealed class StorageRoundTripTests
{
    private const string Base = """
        revision: aaaa0001
        up:
          - create_table:
              name: thing
              with: {fillfactor: 90, autovacuum_enabled: false}
              columns:
                - {name: id, type: integer, identity: {generated: by default, start: 10, increment: 5}}
                - {name: body, type: text, storage: external, compression: pglz, statistics: 50}
                - {name: code, type: text, nullable: false}
                - {name: size, type: integer, nullable: false}
          - create_index: {name: thing_code_key, table: thing, columns: [code], unique: true, with: {fillfactor: 80}}
          - create_statistics: {name: thing_stats, table: thing, columns: [code, size], target: 100}
          - insert: {table: thing, key: code, rows: [{code: a, size: 1}, {code: b, size: 2}]}
          - create_materialized_view: {name: sizes, query: SELECT size FROM tenant_schema.thing, with: {fillfactor: 70}}
        """;

    public static TheoryData<string, bool> Operations => new()
    {
        { "create_table: {name: Fast, unlogged: true, with: {fillfactor: 60, toast.autovacuum_enabled: false}, columns: [{name: Body, type: text, storage: main, compression: default, statistics: 0, comment: Long}, {name: n, type: bigint, identity: {generated: always, start: -7, increment: -2, minvalue: -100, maxvalue: 0, cache: 3, cycle: true}}]}", true },
        { "create_table: {name: Plain, unlogged: false, columns: [{name: a, type: text}]}", true },
        { "add_column: {table: thing, name: more, type: bytea, storage: external, compression: pglz, statistics: 7}", true },
        { "drop_column: {table: thing, name: body, was: {type: text, storage: external, compression: pglz, statistics: 50}}", false },
        { "alter_column: {table: thing, name: body, storage: main, compression: default, statistics: null, was: {storage: external, compression: pglz, statistics: 50}}", true },
        { "alter_column: {table: thing, name: code, rename: Code, statistics: 500, with: {n_distinct: 3, n_distinct_inherited: -0.5}, was: {statistics: null, with: {n_distinct: null, n_distinct_inherited: null}}}", true },
        { "alter_column: {table: thing, name: size, identity: {generated: always, start: 100, cache: 4}}", true },
        { "alter_column: {table: thing, name: id, identity: {generated: always, increment: 2, maxvalue: 500, restart: 300}, was: {identity: {generated: by default, increment: 5, maxvalue: null, restart: 20}}}", false },
        { "alter_column: {table: thing, name: id, identity: {cycle: true}, was: {identity: {cycle: false, start: 10}}}", true },
        { "alter_column: {table: thing, name: id, identity: null, was: {identity: {generated: by default, start: 10, increment: 5}}}", false },
        { "alter_table: {name: thing, with: {fillfactor: 50, autovacuum_enabled: null, toast.autovacuum_enabled: false}, was: {with: {fillfactor: 90, autovacuum_enabled: false, toast.autovacuum_enabled: null}}}", true },
        { "alter_table: {name: thing, unlogged: true}", true },
        { "alter_table: {name: thing, replica_identity: full, cluster_on: thing_code_key, was: {replica_identity: default, cluster_on: null}}", true },
        { "alter_table: {name: thing, replica_identity: {index: thing_code_key}, was: {replica_identity: default}}\n  - alter_table: {name: thing, replica_identity: nothing, was: {replica_identity: {index: thing_code_key}}}", true },
        { "alter_table: {name: sizes, with: {fillfactor: null}, was: {with: {fillfactor: 70}}}", true },
        { "alter_index: {name: thing_code_key, with: {fillfactor: null, deduplicate_items: false}, was: {with: {fillfactor: 80, deduplicate_items: null}}}", true },
        { "create_statistics: {name: Odd Stats, table: thing, columns: [size, {expression: lower(code)}], kinds: [ndistinct, mcv], target: 20, comment: Together}", true },
        { "create_statistics: {name: One, table: thing, columns: [{expression: length(code)}]}", true },
        { "alter_statistics: {name: thing_stats, target: null, was: {target: 100}}", true },
        { "drop_statistics: {name: thing_stats, if_exists: true, was: {table: thing, columns: [code, size], target: 100}}", true },
        { "create_range_type: {name: Span, subtype: text, opclass: text_pattern_ops, collation: C, multirange: Spans, comment: Between}", true },
        { "create_range_type: {name: floats, subtype: float8, subtype_diff: float8mi}", true },
        { "drop_range_type: {name: gone, if_exists: true, was: {subtype: integer}}\n  - create_sequence: {name: other}", false },
    };

    [Theory]
    [MemberData(nameof(Operations))]
    public Task Up_down_and_up_again(string operation, bool downIsExact) => RoundTrip.RunAsync(Base, operation, downIsExact);
}
