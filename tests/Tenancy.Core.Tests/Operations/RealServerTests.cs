using Npgsql;
using Tenancy.Core.Manifests;
using Tenancy.Core.Sql;
using Tenancy.Core.Tests.Manifests;
using Xunit;

namespace Tenancy.Core.Tests.Operations;

/// <summary>Each typed operation on a real server: up does what it says, and down leaves the schema as it was, by dump.</summary>
public sealed class RealServerTests
{
    private const string Setup = """
        CREATE SCHEMA "t ""1";
        CREATE SCHEMA common;
        CREATE TABLE common.users (id bigint PRIMARY KEY, email text UNIQUE);
        CREATE TABLE "t ""1".orders (id bigint CONSTRAINT orders_pkey PRIMARY KEY, code text NOT NULL DEFAULT 'c', "Amount" numeric(10,2), note varchar(20));
        CREATE INDEX orders_code_idx ON "t ""1".orders (code DESC NULLS LAST) WHERE code <> '';
        ALTER TABLE "t ""1".orders ADD CONSTRAINT orders_code_key UNIQUE (code);
        COMMENT ON COLUMN "t ""1".orders.note IS 'A note';
        INSERT INTO "t ""1".orders VALUES (1, 'a', 1.50, '7'), (2, 'b', 2.50, '8');
        """;

    private static readonly SqlValues Values = new() { TenantSchema = "t \"1", TenantName = "t1", SharedSchema = "common" };

    [Theory]
    [InlineData("- create_table: {name: a, columns: [{name: id, type: bigint, identity: always, primary_key: true}, {name: Name, type: text, nullable: false, collation: C, check: \"\\\"Name\\\" <> ''\", comment: \"it's\\\\a\"}], comment: A table}",
        "SELECT obj_description('\"t \"\"1\".a'::regclass) = 'A table'")]
    [InlineData("- create_table: {name: a, columns: [{name: id, type: int, generated: {expression: n * 2, stored: true}}, {name: n, type: int, default: 3}, {name: order_id, type: bigint, unique: true, references: {table: orders, on_delete: cascade, on_update: set null}}]}",
        "SELECT count(*) = 2 FROM pg_constraint WHERE conname IN ('a_order_id_key', 'a_order_id_fkey') AND conrelid = '\"t \"\"1\".a'::regclass")]
    [InlineData("- create_table: {name: a, columns: [{name: x, type: int}, {name: y, type: int}, {name: during, type: tstzrange}], constraints: [{name: pk, primary_key: [x], include: [y]}, {unique: [y, x], nulls_not_distinct: true}, {check: x > y, no_inherit: true}, {foreign_key: [x], references: {table: shared.users, columns: [id]}, deferrable: true, initially_deferred: true}, {exclude: {elements: [{column: during, with: '&&'}], where: x > 0}}]}",
        "SELECT array_agg(conname::text ORDER BY conname) = '{a_check,a_during_excl,a_x_fkey,a_y_x_key,pk}' FROM pg_constraint WHERE conrelid = '\"t \"\"1\".a'::regclass AND contype <> 'n'")]
    [InlineData("- drop_index: {name: orders_code_idx, was: {table: orders, columns: [{column: code, order: desc, nulls: last}], where: \"code <> ''\"}}",
        "SELECT to_regclass('\"t \"\"1\".orders_code_idx') IS NULL")]
    [InlineData("- drop_index: {name: orders_code_idx, concurrently: true, if_exists: true, was: {table: orders, columns: [{column: code, order: desc, nulls: last}], where: \"code <> ''\"}}",
        "SELECT to_regclass('\"t \"\"1\".orders_code_idx') IS NULL")]
    [InlineData("- rename_table: {from: orders, to: Sales}", "SELECT to_regclass('\"t \"\"1\".\"Sales\"') IS NOT NULL")]
    [InlineData("- add_column: {table: orders, name: user_id, type: bigint, references: {table: shared.users}, comment: Who, check: user_id > 0}",
        "SELECT count(*) = 2 FROM pg_constraint WHERE conname IN ('orders_user_id_fkey', 'orders_user_id_check')")]
    [InlineData("- add_column: {table: orders, name: state, type: text, nullable: false, default: \"'new'\"}", "SELECT count(*) = 2 FROM \"t \"\"1\".orders WHERE state = 'new'")]
    [InlineData("- alter_column: {table: orders, name: Amount, rename: amount}", "SELECT sum(amount) = 4 FROM \"t \"\"1\".orders")]
    [InlineData("- alter_column: {table: orders, name: note, nullable: false}", "SELECT attnotnull FROM pg_attribute WHERE attrelid = '\"t \"\"1\".orders'::regclass AND attname = 'note'")]
    [InlineData("- alter_column: {table: orders, name: note, rename: points, type: int, using: note::int, default: 5, comment: null, was: {type: varchar(20), default: null, comment: A note}}",
        "SELECT sum(points) = 15 FROM \"t \"\"1\".orders")]
    [InlineData("- alter_column: {table: orders, name: code, default: null, was: {default: \"'c'\"}}", "SELECT NOT atthasdef FROM pg_attribute WHERE attrelid = '\"t \"\"1\".orders'::regclass AND attname = 'code'")]
    [InlineData("- create_index: {name: \"i \\\"1\", table: orders, columns: [code, {expression: lower(note), collation: pg_catalog.C, opclass: text_pattern_ops, order: desc, nulls: first}], unique: true, include: [Amount], where: id > 0, method: btree, nulls_not_distinct: true, with: {fillfactor: 70, deduplicate_items: false}}",
        "SELECT to_regclass('\"t \"\"1\".\"i \"\"1\"') IS NOT NULL")]
    [InlineData("- create_index: {name: i, table: orders, columns: [code], concurrently: true}", "SELECT indisvalid FROM pg_index WHERE indexrelid = '\"t \"\"1\".i'::regclass")]
    [InlineData("- create_index: {name: i, table: orders, columns: [code], method: hash}", "SELECT indisvalid FROM pg_index WHERE indexrelid = '\"t \"\"1\".i'::regclass")]
    [InlineData("- add_constraint: {table: orders, unique: [code, note], deferrable: true}", "SELECT condeferrable FROM pg_constraint WHERE conname = 'orders_code_note_key'")]
    [InlineData("- add_constraint: {table: orders, name: c, check: id > 0, not_valid: true}\n- validate_constraint: {table: orders, name: c}", "SELECT convalidated FROM pg_constraint WHERE conname = 'c'")]
    [InlineData("- add_constraint: {table: orders, foreign_key: [id], references: {table: shared.users, column: id, on_delete: restrict}, not_valid: true}", "SELECT NOT convalidated FROM pg_constraint WHERE conname = 'orders_id_fkey'")]
    [InlineData("- add_constraint: {table: orders, exclude: {method: btree, elements: [{expression: lower(code), with: '='}]}}", "SELECT contype = 'x' FROM pg_constraint WHERE conname = 'orders_expr_excl'")]
    [InlineData("- drop_constraint: {table: orders, name: orders_code_key, if_exists: true, was: {unique: [code]}}", "SELECT NOT EXISTS (SELECT FROM pg_constraint WHERE conname = 'orders_code_key')")]
    [InlineData("- drop_constraint: {table: orders, name: orders_pkey, was: {primary_key: [id]}}\n- add_constraint: {table: orders, primary_key: [id, code]}", "SELECT count(*) = 1 FROM pg_constraint WHERE conname = 'orders_pkey' AND cardinality(conkey) = 2")]
    [InlineData("- insert: {table: orders, key: [id, note], rows: [{id: 3, code: \"it's \\\\ \\\"x\\\"\", note: '1'}, {id: -4, code: {sql: \"'d' || now()::text\"}, Amount: 1.5e1, note: x}, {id: 5, code: 5, note: 6}]}",
        "SELECT count(*) = 3 FROM \"t \"\"1\".orders WHERE (id = 3 AND code = 'it''s \\ \"x\"' AND \"Amount\" IS NULL) OR (id = -4 AND \"Amount\" = 15) OR id = 5")]
    [InlineData("- sql: CREATE VIEW tenant_schema.v AS SELECT id FROM tenant_schema.orders\n  undo: DROP VIEW tenant_schema.v", "SELECT count(*) = 2 FROM \"t \"\"1\".v")]
    public async Task Up_does_what_it_says_and_down_leaves_no_trace(string up, string probe)
    {
        var manifest = TestProject.ReadUp(up, "touches: [shared.users]");
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync(Setup);
        var before = await database.DumpAsync();

        await RunAsync(database, manifest.Up);
        Assert.True(await database.ScalarAsync<bool>(probe), $"'{probe}' does not hold after {up}");
        Assert.NotEqual(before, await database.DumpAsync());
        await RunAsync(database, manifest.Down);

        Assert.Equal(before, await database.DumpAsync());
    }

    [Fact]
    public async Task Dropped_tables_and_columns_come_back_empty()
    {
        var manifest = TestProject.ReadUp("""
            - drop_column: {table: orders, name: note, was: {type: varchar(20), comment: A note}}
            - drop_table: {name: empty, was: {columns: [{name: id, type: bigint, primary_key: true}, {name: x, type: text, unique: true}]}}
            """, "");
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync(Setup + "UPDATE \"t \"\"1\".orders SET note = NULL; CREATE TABLE \"t \"\"1\".empty (id bigint PRIMARY KEY, x text UNIQUE);");
        var before = await database.DumpAsync();

        await RunAsync(database, manifest.Up);
        Assert.Null(await database.ScalarAsync<string>("SELECT to_regclass('\"t \"\"1\".empty')::text"));
        await RunAsync(database, manifest.Down);

        Assert.Equal(before, await database.DumpAsync());
    }

    [Fact]
    public async Task The_example_goes_up_and_down_again()
    {
        var manifests = ManifestReader.ReadAll(ProjectReader.Read(ExampleProject.Folder));
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA common; CREATE SCHEMA \"t \"\"1\"");
        var dumps = new List<string>();
        foreach (var manifest in manifests)
        {
            dumps.Add(await database.DumpAsync());
            await RunAsync(database, manifest.Up);
            foreach (var verification in manifest.Verify)
            {
                Assert.True(await database.ScalarAsync<bool>(verification.Sql.Template.Render(Values)));
            }
        }

        Assert.Equal("The rows are gone.", manifests[^1].Irreversible);
        await database.ExecuteAsync("DROP SCHEMA \"t \"\"1\" CASCADE; CREATE SCHEMA \"t \"\"1\"");
        foreach (var manifest in manifests[1..^1])
        {
            await RunAsync(database, manifest.Up);
        }

        foreach (var (manifest, dump) in manifests.Zip(dumps).SkipLast(1).Reverse())
        {
            await RunAsync(database, manifest.Down);
            Assert.Equal(dump, await database.DumpAsync());
        }
    }

    private static readonly Dictionary<string, string> Arguments = new() { ["prefix"] = "INV-" };

    private static async Task RunAsync(TestDatabase database, IEnumerable<CompiledOperation> operations)
    {
        foreach (var statement in operations.SelectMany(static operation => operation.Statements))
        {
            var sql = statement.Template.Render(Values with { Arguments = Arguments });
            try
            {
                // A batch, as in the engine: it sends the statement as it is, where a command would split it at semicolons.
                await using var batch = database.DataSource.CreateBatch();
                batch.BatchCommands.Add(new NpgsqlBatchCommand(sql));
                await batch.ExecuteNonQueryAsync();
            }
            catch (PostgresException exception)
            {
                Assert.Fail($"{exception.MessageText} in {sql}");
            }
        }
    }
}
