using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary><c>update</c> and <c>delete</c> through the engine.</summary>
public sealed class RowRoundTripTests
{
    private const string Base = """
        revision: aaaa0001
        up:
          - create_table: {name: thing, columns: [{name: id, type: integer, primary_key: true}, {name: Name, type: text}, {name: size, type: numeric}, {name: doc, type: jsonb}]}
          - insert: {table: thing, key: id, rows: [{id: 1, Name: one, size: 1}, {id: 2, Name: two, size: 2}, {id: 3, Name: "it's", size: 3}]}
        """;

    public static TheoryData<string> Operations =>
    [
        "update: {table: thing, set: {size: {sql: size + 2}, doc: {sql: \"'{}'::jsonb\"}}, where: id < 3}\n    undo: UPDATE tenant_schema.thing SET size = size - 2, doc = NULL WHERE id < 3",
        "update: {table: thing, set: {Name: \"it''s \\\\ new\", size: null, doc: 5}, where: thing.id = 2}\n    undo: UPDATE tenant_schema.thing SET \"Name\" = 'two', size = 2, doc = NULL WHERE id = 2",
        "update: {table: thing, set: {size: 7.5}, where: true, batch: {key: id, size: 2}}\n    undo: UPDATE tenant_schema.thing SET size = id",
        "delete: {table: thing, where: \"\\\"Name\\\" LIKE '%''%' OR size = 1\"}\n    undo: INSERT INTO tenant_schema.thing VALUES (1, 'one', 1), (3, 'it''s', 3)",
        "delete: {table: thing, where: size > 1, batch: {key: [id], size: 1, pause: 1ms}}\n    undo: INSERT INTO tenant_schema.thing VALUES (2, 'two', 2), (3, 'it''s', 3)",
    ];

    [Theory]
    [MemberData(nameof(Operations))]
    public Task Up_down_and_up_again(string operation) => RoundTrip.RunAsync(Base, operation);

    [Fact]
    public async Task Many_rows_that_were_inserted_are_deleted_by_their_keys()
    {
        var rows = string.Join(", ", Enumerable.Range(10, 1500).Select(static id => $"{{id: {id}, Name: n}}"));
        await RoundTrip.RunAsync(Base, $"insert: {{table: thing, key: [id, Name], rows: [{rows}]}}");
    }
}
