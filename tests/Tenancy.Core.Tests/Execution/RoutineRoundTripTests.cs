using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>The operations on functions, procedures, triggers and policies through the engine.</summary>
public sealed class RoutineRoundTripTests
{
    private const string Base = """
        revision: aaaa0001
        up:
          - create_table: {name: thing, columns: [{name: id, type: integer, primary_key: true}, {name: name, type: text}]}
          - create_view: {name: things, query: SELECT id FROM tenant_schema.thing}
          - create_function: {name: note, returns: trigger, language: plpgsql, body: BEGIN PERFORM count(*) FROM tenant_schema.thing; RETURN NULL; END, comment: Notes}
          - create_function: {name: one, arguments: [integer], returns: integer, language: sql, body: SELECT $1, volatility: immutable}
          - create_procedure: {name: clear, arguments: [{name: least, type: integer}], language: sql, body: DELETE FROM tenant_schema.thing WHERE id > least}
          - create_trigger: {name: noted, table: thing, timing: after, events: [truncate], function: note}
          - create_policy: {name: seen, table: thing, using: id > 0}
        """;

    public static TheoryData<string> Operations => new()
    {
        """"create_function: {name: '"Odd ""one"""', arguments: [{name: "A b", type: integer, default: "1"}, {mode: out, name: c, type: text}, {mode: out, name: d, type: text}], language: plpgsql, body: "BEGIN\n  -- $body$ it's\n  SELECT name, '$body1$' INTO c, d FROM tenant_schema.thing;\nEND", strict: true, security: definer, set: {search_path: "tenant_schema, pg_temp", work_mem: "'1MB'"}, parallel: restricted, cost: 7, comment: "it's"}"""",
        "create_function: {name: rest, arguments: [{mode: variadic, name: all, type: 'integer[]'}], returns: TABLE(a integer), language: sql, body: SELECT id FROM tenant_schema.thing, rows: 4, volatility: stable}",
        "create_function: {name: one, arguments: [integer], returns: integer, language: sql, body: SELECT $1 + 1, replace: true, comment: One, was: {returns: integer, language: sql, body: SELECT $1, volatility: immutable}}",
        "drop_function: {name: one, arguments: [integer], was: {returns: integer, language: sql, body: SELECT $1, volatility: immutable}}",
        "create_procedure: {name: fill, arguments: [{mode: inout, name: n, type: integer}], language: plpgsql, body: BEGIN INSERT INTO tenant_schema.thing VALUES (n); END, comment: Fills}",
        "drop_procedure: {name: clear, arguments: [integer], was: {language: sql, body: SELECT 1}}\ndown:\n  - create_procedure: {name: clear, arguments: [{name: least, type: integer}], language: sql, body: DELETE FROM tenant_schema.thing WHERE id > least}",
        "create_trigger: {name: It's, table: thing, timing: before, events: [insert, {update: [id, name]}, delete], for_each: row, when: pg_trigger_depth() < 2, function: note, arguments: [\"it's\", b]}",
        "create_trigger: {name: later, table: thing, timing: after, events: [insert], for_each: row, function: note, constraint: true, deferrable: true, initially_deferred: true}",
        "create_trigger: {name: counted, table: thing, timing: after, events: [update], old_table: Old, new_table: New, function: note}",
        "create_trigger: {name: instead, table: things, timing: instead of, events: [delete], for_each: row, function: note}",
        "drop_trigger: {name: noted, table: thing, if_exists: true, was: {timing: after, events: [truncate], for_each: statement, function: note}}",
        "set_row_security: {table: thing, enabled: true, forced: true}",
        "create_policy: {name: It's, table: thing, as: restrictive, for: update, to: [public], using: id > 1, with_check: id > (SELECT min(id) FROM tenant_schema.thing)}",
        "create_policy: {name: own, table: thing, for: insert, to: postgres, with_check: 'true'}",
        "drop_policy: {name: seen, table: thing, was: {using: id > 0}}",
    };

    [Theory]
    [MemberData(nameof(Operations))]
    public Task Up_down_and_up_again(string operation) => RoundTrip.RunAsync(Base, operation);
}
