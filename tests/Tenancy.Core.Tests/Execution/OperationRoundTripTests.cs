using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>Each typed operation through the engine: up, down and up again, with what is there compared.</summary>
public sealed class OperationRoundTripTests
{
    private const string Base = """
        revision: aaaa0001
        up:
          - sql: |
              CREATE TYPE tenant_schema.kind AS ENUM ('a', 'b');
              CREATE FUNCTION tenant_schema.twice(n integer) RETURNS integer LANGUAGE sql IMMUTABLE RETURN n * 2;
            undo: DROP FUNCTION tenant_schema.twice(integer); DROP TYPE tenant_schema.kind
          - create_table:
              name: thing
              columns:
                - {name: id, type: integer, primary_key: true}
                - {name: name, type: varchar(20), default: "'none'", comment: Its name}
                - {name: size, type: integer}
                - {name: span, type: int4range}
              constraints:
                - {name: thing_size_check, check: size > 0}
          - create_table: {name: part, columns: [{name: id, type: integer}, {name: thing, type: integer}]}
          - create_index: {name: thing_name_idx, table: thing, columns: [name]}
          - add_constraint: {table: part, name: part_fkey, foreign_key: [thing], references: {table: thing}, not_valid: true}
          - sql: INSERT INTO tenant_schema.thing (id, name, size) SELECT n, 'n' || n, n FROM generate_series(1, 5) n; INSERT INTO tenant_schema.part VALUES (1, 1)
            undo: DELETE FROM tenant_schema.part; DELETE FROM tenant_schema.thing
        """;

    /// <summary>The operations; those that lose rows or change the order of columns say so.</summary>
    public static TheoryData<string, bool> Operations => new()
    {
        { """"create_table: {name: '"Odd ""one"""', comment: "it's", columns: [{name: id, type: bigint, identity: always, primary_key: true}, {name: kind, type: tenant_schema.kind, unique: true, default: "'a'::tenant_schema.kind"}, {name: "a.b", type: integer, check: '"a.b" > 0', comment: dotted}, {name: t, type: integer, references: {table: thing, on_delete: cascade}}, {name: g, type: integer, generated: tenant_schema.twice(t)}], constraints: [{unique: [t, kind], include: [g], deferrable: true, initially_deferred: true}, {exclude: {elements: [{expression: "int4range(t, t, '[]')", with: "&&"}]}}]}"""", true },
        { "drop_table: {name: part, was: {columns: [{name: id, type: integer}, {name: thing, type: integer}], constraints: [{name: part_fkey, foreign_key: [thing], references: {table: thing}}]}}", false },
        { "rename_table: {from: thing, to: Thing}", true },
        { "add_column: {table: thing, name: extra, type: 'numeric(5,2)', nullable: false, default: '1.5', check: extra > 0, unique: false, comment: More}", true },
        { "add_column: {table: thing, name: other, type: integer, references: {table: thing, column: id}}", true },
        { "add_column: {table: thing, name: again, type: integer, generated: {expression: size * 2, stored: true}}", true },
        { "drop_column: {table: thing, name: span, was: {type: int4range}}", true },
        { "alter_column: {table: thing, name: name, type: text, was: {type: varchar(20)}}", true },
        { "alter_column: {table: thing, name: span, type: text, using: \"span::text || 'x'\", was: {type: int4range, using: \"rtrim(span, 'x')::int4range\"}}", true },
        { "alter_column: {table: thing, name: size, nullable: false}", true },
        { "alter_column: {table: thing, name: name, default: null, was: {default: \"'none'\"}}", true },
        { "alter_column: {table: thing, name: size, default: tenant_schema.twice(4), was: {default: null}}", true },
        { "alter_column: {table: thing, name: name, comment: null, was: {comment: Its name}}", true },
        { "alter_column: {table: thing, name: name, rename: Name}", true },
        { "alter_column: {table: thing, name: name, rename: title, type: text, nullable: false, default: \"'new'\", comment: The title, was: {type: varchar(20), default: \"'none'\", comment: Its name}}", true },
        { "create_index: {name: Thing Index, table: thing, columns: [{column: size, order: desc, nulls: last}, {expression: lower(name)}], unique: true, where: tenant_schema.twice(size) > 2, include: [span], with: {fillfactor: 60}}", true },
        { "create_index: {name: thing_span_idx, table: thing, columns: [span], method: gist, concurrently: true}", true },
        { "drop_index: {name: thing_name_idx, was: {table: thing, columns: [name]}}", true },
        { "drop_index: {name: thing_name_idx, concurrently: true, was: {table: thing, columns: [name]}}", true },
        { "add_constraint: {table: thing, primary_key: [id]}", false },
        { "add_constraint: {table: thing, unique: [name, size], nulls_not_distinct: true}", true },
        { "add_constraint: {table: thing, name: odd 'check', check: tenant_schema.twice(size) < 100, no_inherit: true}", true },
        { "add_constraint: {table: part, name: second, foreign_key: [thing], references: {table: thing, columns: [id], on_update: cascade, on_delete: set null}, deferrable: true}", true },
        { "add_constraint: {table: thing, exclude: {elements: [{column: span, with: '&&'}], where: size > 0}}", true },
        { "drop_constraint: {table: thing, name: thing_size_check, was: {check: size > 0}}", true },
        { "validate_constraint: {table: part, name: part_fkey}", false },
        { "insert: {table: thing, key: [id], rows: [{id: 10, name: \"o'ne\\\\\", size: 3}, {id: 11, span: {sql: \"int4range(1, 2)\"}}, {id: 12, name: null, size: 4}]}", true },
        { "sql: UPDATE tenant_schema.thing SET size = size + 1\n    undo: UPDATE tenant_schema.thing SET size = size - 1", true },
    };

    [Theory]
    [MemberData(nameof(Operations))]
    public Task Up_down_and_up_again(string operation, bool downIsExact) => RoundTrip.RunAsync(Base, operation, downIsExact);
}
