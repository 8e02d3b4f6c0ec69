using Tenancy.Core.Tests.Manifests;
using Xunit;

namespace Tenancy.Core.Tests.Operations;

public sealed class OperationErrorTests
{
    [Theory]
    [InlineData("create_table: {name: t}", "m.yaml:3:19: 'create_table' has no 'columns'.")]
    [InlineData("create_table: {name: t, columns: []}", "m.yaml:3:38: 'columns' is an empty list.")]
    [InlineData("create_table: {name: t, columns: [{name: a}]}", "m.yaml:3:39: An entry of 'columns' has no 'type'.")]
    [InlineData("create_table: {name: t, columns: [{name: a, type: int}, {name: a, type: int}]}", "m.yaml:3:61: The column 'a' is here twice.")]
    [InlineData("create_table: {name: t, columns: [{name: a, type: int, primary_key: true}, {name: b, type: int, primary_key: true}]}", "m.yaml:3:19: The table has more than one primary key.")]
    [InlineData("create_table: {name: t, columns: [{name: a, type: int, primary_key: true, nullable: true}]}", "m.yaml:3:89: A primary key or identity column is never null.")]
    [InlineData("create_table: {name: t, columns: [{name: a, type: int, default: 1, identity: always}]}", "m.yaml:3:72: An entry of 'columns' has both 'default' and 'identity'.")]
    [InlineData("create_table: {name: t, columns: [{name: a, type: \"int); DROP TABLE x; --\"}]}", "m.yaml:3:59: 'type' has a ')' that closes nothing.")]
    [InlineData("create_table: {name: t, columns: [{name: a, type: 'int, y int'}]}", "m.yaml:3:59: 'type' has a ','.")]
    [InlineData("alter_column: {table: t, name: a, type: 'int, ADD COLUMN z int, DROP COLUMN x'}", "m.yaml:3:49: 'type' has a ','.")]
    [InlineData("alter_column: {table: t, name: a, type: 'numeric(14,2), DROP COLUMN x'}", "m.yaml:3:59: 'type' has a ','.")]
    [InlineData("add_column: {table: t, name: a, type: 'int[4], ADD b int'}", "m.yaml:3:50: 'type' has a ','.")]
    [InlineData("drop_column: {table: t, name: a, was: {type: 'int, ADD b int'}}", "m.yaml:3:54: 'type' has a ','.")]
    [InlineData("alter_column: {table: t, name: a, comment: c, was: {type: 'int, ADD b int'}}", "m.yaml:3:67: 'type' has a ','.")]
    [InlineData("add_column: {table: t, name: a, type: 'int/**/not NULL'}", "m.yaml:3:51: 'type' has 'not', which is no part of a data type.")]
    [InlineData("add_column: {table: t, name: a, type: 'int REFERENCES b (c)'}", "m.yaml:3:48: 'type' has 'REFERENCES', which is no part of a data type.")]
    [InlineData("alter_column: {table: t, name: a, type: int USING 1}", "m.yaml:3:49: 'type' has 'USING', which is no part of a data type.")]
    [InlineData("create_table: {name: t, columns: [{name: a, type: int, default: 1; DROP TABLE x}]}", "m.yaml:3:70: 'default' has a ';'.")]
    [InlineData("create_table: {name: t, columns: [{name: a, type: int, default: \"f(1\"}]}", "m.yaml:3:71: 'default' has a '(' that is not closed.")]
    [InlineData("create_table: {name: t, columns: [{name: a, type: int, default: \"'x\"}]}", "m.yaml:3:69: 'default' is no SQL expression:")]
    [InlineData("create_table: {name: t, columns: [{name: a, type: int, default: \"1 -- one\"}]}", "m.yaml:3:72: 'default' has a comment with '--'")]
    [InlineData("create_table: {name: t, columns: [{name: a, type: int, check: \"/* x */\"}]}", "m.yaml:3:67: 'check' holds nothing but a comment.")]
    [InlineData("create_table: {name: t, columns: [{name: a, type: int, check: \"a[1)\"}]}", "m.yaml:3:71: 'check' has a ')' that closes nothing.")]
    [InlineData("create_table: {name: a.b.c, columns: [{name: a, type: int}]}", "m.yaml:3:26: 'name' has 3 parts")]
    [InlineData("create_table: {name: 'a.', columns: [{name: a, type: int}]}", "m.yaml:3:29: 'name' has an empty part")]
    [InlineData("create_table: {name: '\"a', columns: [{name: a, type: int}]}", "m.yaml:3:26: 'name' has a double quote that is not closed.")]
    [InlineData("create_table: {name: t1234567890123456789012345678901234567890123456789012345678901234, columns: [{name: a, type: int}]}", "m.yaml:3:26: 'name' has 65 bytes; PostgreSQL keeps 63")]
    [InlineData("create_table: {name: t, columns: [{name: a, type: int}], constraints: [{name: c}]}", "m.yaml:3:76: An entry of 'constraints' has none of 'primary_key'")]
    [InlineData("create_table: {name: t, columns: [{name: a, type: int}], constraints: [{unique: [a], check: a > 1}]}", "m.yaml:3:90: An entry of 'constraints' has both 'unique' and 'check'.")]
    [InlineData("create_table: {name: t, columns: [{name: a, type: int}], constraints: [{check: a > 1, deferrable: true}]}", "m.yaml:3:103: 'deferrable' stands without")]
    [InlineData("create_table: {name: t, columns: [{name: a, type: int}], constraints: [{foreign_key: [a]}]}", "m.yaml:3:90: 'foreign_key' stands without 'references'")]
    [InlineData("create_table: {name: t, columns: [{name: a, type: int, references: {table: x, on_delete: set_null}}]}", "m.yaml:3:94: 'on_delete' must be one of")]
    [InlineData("create_table: {name: t, columns: [{name: a, type: int, references: {table: x, column: b, columns: [c]}}]}", "m.yaml:3:94: 'references' has both 'column' and 'columns'.")]
    [InlineData("create_index: {name: i, table: t, columns: [{order: asc}]}", "m.yaml:3:49: An entry of 'columns' has none of 'column' and 'expression'.")]
    [InlineData("create_index: {name: i, table: t, columns: [a], nulls_not_distinct: true}", "m.yaml:3:73: 'nulls_not_distinct' stands without 'unique'")]
    [InlineData("create_index: {name: i, table: t, columns: [a], with: {'x) ; --': 1}}", "m.yaml:3:60: A key of 'with' must be a storage parameter")]
    [InlineData("alter_column: {table: t, name: a}", "m.yaml:3:19: Nothing changes here.")]
    [InlineData("alter_column: {table: t, name: a, using: b}", "m.yaml:3:46: 'using' stands without 'type'")]
    [InlineData("add_constraint: {table: t, exclude: {elements: [{column: a, with: '= x'}]}}", "m.yaml:3:71: 'with' must be an operator such as && or =, not '= x'.")]
    [InlineData("insert: {table: t, rows: [{}]}", "m.yaml:3:31: An entry of 'rows' is empty.")]
    [InlineData("insert: {table: t, rows: [{a: [1]}]}", "m.yaml:3:35: 'a' must be a text, a number, true, false or null or {sql: expression}, not a list.")]
    [InlineData("insert: {table: t, rows: [{a: 1}], key: b}", "m.yaml:3:31: The key column 'b' needs a value here")]
    [InlineData("insert: {table: t, rows: [{a: ~}], key: a}", "m.yaml:3:31: The key column 'a' needs a value here")]
    [InlineData("insert: {table: t, rows: [{a: {sql: now()}}], key: a}", "m.yaml:3:31: The key column 'a' needs a value here")]
    public void Each_mistake_is_told_at_its_place(string operation, string error)
    {
        var errors = TestProject.ErrorsOf($"revision: r1\nup:\n  - {operation}\ndown: []").Select(static found => found.ToString());

        Assert.Contains(errors, found => found.StartsWith(error, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("numeric(14,2)")]
    [InlineData("numeric(14, 2)[3][4]")]
    [InlineData("timestamp(3) with time zone")]
    [InlineData("interval day to second(3)")]
    [InlineData("character varying(20) COLLATE \"C\"")]
    [InlineData("\"odd, name\"")]
    [InlineData("shared.check")]
    [InlineData("generated")]
    [InlineData("shared.geometry(Point, 4326)")]
    public void A_type_is_taken_as_written(string type) =>
        Assert.Contains($" \"a\" {type}", Assert.Single(TestProject.SqlOf(TestProject.ReadUp($"- add_column: {{table: t, name: a, type: '{type}'}}", "down: []").Up)).Replace("\"common\"", "shared", StringComparison.Ordinal), StringComparison.Ordinal);

    [Theory]
    [InlineData("drop_table: {name: t}", "'down: auto' does not know the table 't' that is dropped here. Add 'was: {columns: [...]}'")]
    [InlineData("drop_column: {table: t, name: a}", "'down: auto' does not know the column 'a' that is dropped here. Add 'was: {type: ...}'")]
    [InlineData("drop_index: {name: i}", "'down: auto' does not know the index 'i' that is dropped here. Add 'was: {table: ..., columns: [...]}'")]
    [InlineData("drop_constraint: {table: t, name: c}", "'down: auto' does not know the constraint 'c' that is dropped here. Add 'was'")]
    [InlineData("alter_column: {table: t, name: a, type: int}", "'down: auto' does not know the type that the column 'a' had. Add 'was: {type: ...}'")]
    [InlineData("alter_column: {table: t, name: a, default: 1, was: {type: int}}", "'down: auto' does not know the default that the column 'a' had.")]
    [InlineData("alter_column: {table: t, name: a, comment: x}", "'down: auto' does not know the comment that the column 'a' had.")]
    [InlineData("insert: {table: t, rows: [{a: 1}]}", "'down: auto' does not know what tells these rows apart. Add 'key: [columns]'")]
    [InlineData("sql: SELECT 1", "'down: auto' cannot undo 'sql'. Add 'undo: SQL text' beside it")]
    public void What_cannot_be_undone_says_what_to_write(string operation, string error)
    {
        Assert.StartsWith($"m.yaml:3:5: {error}", TestProject.ErrorOfUp($"- {operation}", "down: auto"), StringComparison.Ordinal);
        Assert.Empty(TestProject.ReadUp($"- {operation}", "down: {irreversible: It is gone}").Down);
    }
}
