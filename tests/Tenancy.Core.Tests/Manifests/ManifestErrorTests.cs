using Xunit;

namespace Tenancy.Core.Tests.Manifests;

public sealed class ManifestErrorTests
{
    [Theory]
    [InlineData("revison: a\nup: [sql: SELECT 1]\ndown: []", "m.yaml:1:1: The key 'revison' is not known here.", "Did you mean 'revision'?")]
    [InlineData("revision: a\nup: [sql: SELECT 1]\ndown: []\nup: []", "m.yaml:4:1: The key 'up' is here twice (first in line 2).", "")]
    [InlineData("revision: [a]\nup: [sql: SELECT 1]\ndown: []", "m.yaml:1:11: 'revision' must be an id of letters, digits, '_', '-' and '.', not a list.", "")]
    [InlineData("revision: a b\nup: [sql: SELECT 1]\ndown: []", "m.yaml:1:11: 'revision' must be letters, digits", "")]
    [InlineData("revision: head\nup: [sql: SELECT 1]\ndown: []", "m.yaml:1:11: 'revision' must not be 'head'", "")]
    [InlineData("revision:\nup: [sql: SELECT 1]\ndown: []", "m.yaml:1:10: 'revision' has no value.", "")]
    [InlineData("revision: ''\nup: [sql: SELECT 1]\ndown: []", "m.yaml:1:11: 'revision' is empty.", "")]
    [InlineData("revision: a\nup: {sql: SELECT 1}\ndown: []", "m.yaml:2:5: 'up' must be a list of operations, not a mapping.", "")]
    [InlineData("revision: a\nup: [SELECT 1]\ndown: []", "m.yaml:2:6: An entry of 'up' must be an operation", "")]
    [InlineData("revision: a\nup: [create_tabel: {name: a}]\ndown: []", "m.yaml:2:6: There is no operation 'create_tabel'.", "Did you mean 'create_table'?")]
    [InlineData("revision: a\nup: [{sql: SELECT 1, sql_file: a.sql}]\ndown: []", "m.yaml:2:22: This step has two operations, 'sql' and 'sql_file'.", "")]
    [InlineData("revision: a\nup: [lock_timeout: 5s]\ndown: []", "m.yaml:2:6: This step has no operation.", "")]
    [InlineData("revision: a\nup: [{sql: SELECT 1, lock_timout: 5s}]\ndown: []", "m.yaml:2:22: The key 'lock_timout' is not known here.", "Did you mean 'lock_timeout'?")]
    [InlineData("revision: a\nup: [{sql: SELECT 1, lock_timeout: 5}]\ndown: []", "m.yaml:2:36: 'lock_timeout' must be a number and a unit", "")]
    [InlineData("revision: a\nup: [{sql: SELECT 1, lock_timeout: 0s}]\ndown: []", "m.yaml:2:36: 'lock_timeout' is 0", "")]
    [InlineData("revision: a\nup: [{sql: SELECT 1, lock_timeout: 30d}]\ndown: []", "m.yaml:2:36: 'lock_timeout' is longer than PostgreSQL allows", "")]
    [InlineData("revision: a\nup: [{create_index: {name: i, table: a, columns: [b]}, undo: SELECT 1}]", "m.yaml:2:62: 'create_index' takes no 'undo'", "")]
    [InlineData("revision: a\nscope: shard\nup: [sql: SELECT 1]\ndown: []", "m.yaml:2:8: 'scope' must be one of 'tenant', 'shared', not 'shard'.", "Did you mean 'shared'?")]
    [InlineData("revision: a\ndata: yes\nup: [sql: SELECT 1]\ndown: []", "m.yaml:2:7: 'data' must be true or false, not 'yes'.", "Did you mean 'true'?")]
    [InlineData("revision: a\ndata: off\nup: [sql: SELECT 1]\ndown: []", "m.yaml:2:7: 'data' must be true or false, not 'off'.", "Did you mean 'false'?")]
    [InlineData("revision: a\ndata: 'true'\nup: [sql: SELECT 1]\ndown: []", "m.yaml:2:7: 'data' must be written without quotes.", "Did you mean 'true'?")]
    [InlineData("revision: a\ntouches: [users]\nup: [sql: SELECT 1]\ndown: []", "m.yaml:2:11: An entry of 'touches' must be schema.object, schema.* or database, not 'users'.", "")]
    [InlineData("revision: a\ndown: automatic\nup: [sql: SELECT 1]", "m.yaml:2:7: 'down' must be 'auto', not 'automatic'.", "")]
    [InlineData("revision: a\ndown: {irreversable: x}\nup: [sql: SELECT 1]", "m.yaml:2:8: The key 'irreversable' is not known here.", "Did you mean 'irreversible'?")]
    [InlineData("revision: a\nup: [sql: -- nothing]\ndown: []", "m.yaml:2:6: There is no SQL statement here.", "")]
    [InlineData("revision: a\nup: [sql: SELECT 1]", "m.yaml:2:6: 'down: auto' cannot undo 'sql'. Add 'undo: SQL text' beside it", "")]
    [InlineData("revision: a\nup: [{sql: SELECT 1, undo: SELECT 2}]\ndown: []", "m.yaml:2:28: 'undo' counts only with 'down: auto'.", "")]
    [InlineData("revision: a\nup: [sql: SELECT 1]\ndown: [{sql: SELECT 1, undo: SELECT 2}]", "m.yaml:3:30: 'undo' has no meaning in 'down'.", "")]
    [InlineData("revision: a\nup: [sql: 'SELECT ${x.prefix}']\ndown: []", "m.yaml:2:19: The argument '${x.prefix}' is not declared. Add 'arguments: {prefix: {type: text}}'", "")]
    [InlineData("revision: a\narguments: {prefix: {}}\nup: [sql: 'SELECT ${x.prefx}']\ndown: []", "m.yaml:3:19: The argument '${x.prefx}' is not declared.", "Did you mean '${x.prefix}'?")]
    [InlineData("revision: a\narguments: {n: {type: integer, default: many}}\nup: [sql: SELECT 1]\ndown: []", "m.yaml:2:41: 'many' is no integer", "")]
    [InlineData("revision: a\narguments: {n: {default: re, allowed: [red, blue]}}\nup: [sql: SELECT 1]\ndown: []", "m.yaml:2:26: The default 're' of 'n' is not among its allowed values.", "Did you mean 'red'?")]
    [InlineData("revision: a\narguments: {key: {secret: true, default: hunter2}}\nup: [sql: SELECT 1]\ndown: []", "m.yaml:2:42: 'default' cannot stand beside 'secret: true': history keeps the manifest", "give the value to each run.")]
    [InlineData("revision: a\narguments: {a b: {}}\nup: [sql: SELECT 1]\ndown: []", "m.yaml:2:13: A key of 'arguments' must be letters", "")]
    [InlineData("revision: a\nrequires: [{sql: SELECT 1; SELECT 2}]\nup: [sql: SELECT 1]\ndown: []", "m.yaml:2:18: 'sql' of 'requires' must be one query that gives one boolean; here are 2 statements.", "")]
    [InlineData("revision: a\nverify: [SELECT 1; SELECT 2]\nup: [sql: SELECT 1]\ndown: []", "m.yaml:2:10: A query of 'verify' must be one query", "")]
    [InlineData("revision: a\nsuppress: [{rule: missing-index}]\nup: [sql: SELECT 1]\ndown: []", "m.yaml:2:12: An entry of 'suppress' has no 'reason'.", "")]
    [InlineData("revision: a\nsuppress: [{rule: mising-index, reason: x}]\nup: [sql: SELECT 1]\ndown: []", "m.yaml:2:19: 'rule' must be one of 'table-rewrite'", "Did you mean 'missing-index'?")]
    [InlineData("- a", "m.yaml:1:1: The manifest must be a mapping with 'revision' and 'up', not a list.", "")]
    [InlineData("", "m.yaml:1:1: The file is empty.", "")]
    [InlineData("# nothing\n", "m.yaml:1:1: The file is empty.", "")]
    public void Each_mistake_is_told_at_its_place_with_what_to_write(string text, string start, string suggestion)
    {
        var errors = TestProject.ErrorsOf(text).Select(static error => error.ToString()).ToList();

        Assert.Contains(errors, error => error.StartsWith(start, StringComparison.Ordinal) && error.EndsWith(suggestion, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("{type: integer, secret: true, default: hunter2}")]
    [InlineData("{secret: true, default: hunter2, allowed: [a]}")]
    public void A_secret_default_is_not_repeated(string argument)
    {
        var error = Assert.Single(TestProject.ErrorsOf($"revision: a\narguments: {{key: {argument}}}\nup: [sql: SELECT 1]\ndown: []")).ToString();

        Assert.Contains("'secret: true'", error, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", error, StringComparison.Ordinal);
    }

    [Fact]
    public void All_errors_of_a_file_are_told_at_once()
    {
        var errors = TestProject.ErrorsOf("""
            revision: a
            scpoe: tenant
            up:
              - create_table: {name: t, columns: [{name: id, typ: int}, {name: x, type: int, nullable: yes}]}
              - sql: COMMIT
              - create_idx: {name: i}
            down:
              - drop_tabel: {name: t}
            """);

        Assert.Equal([(2, 1), (4, 50), (4, 92), (5, 10), (6, 5), (8, 5)], errors.Select(static error => (error.Line, error.Column)));
    }
}
