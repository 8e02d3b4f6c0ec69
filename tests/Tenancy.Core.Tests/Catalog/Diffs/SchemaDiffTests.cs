using System.Diagnostics;
using System.Globalization;
using System.Text;
using Tenancy.Core.Catalog.Diffs;
using Tenancy.Core.Sql;
using Xunit;

namespace Tenancy.Core.Tests.Catalog.Diffs;

/// <summary>What a diff says: its operations, their hazards, what it cannot say; and what it costs.</summary>
public sealed class SchemaDiffTests(DiffServer server) : IClassFixture<DiffServer>
{
    [Fact]
    public async Task OperationsAreWrittenAsAPersonWould()
    {
        var diff = await server.CompareAsync("CREATE TABLE customer (id bigint PRIMARY KEY, name varchar(20));",
            "CREATE TABLE customer (id bigint PRIMARY KEY, name varchar(50) NOT NULL, city text DEFAULT 'Köln'); CREATE INDEX customer_city ON customer (city); CREATE TABLE invoice (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer bigint NOT NULL CONSTRAINT invoice_customer REFERENCES customer);"
            + " CREATE FUNCTION f() RETURNS integer LANGUAGE sql AS E'SELECT 1\\n  + 2'; CREATE VIEW v AS SELECT id FROM customer;");

        Assert.StartsWith("""
              - create_table:
                  name: invoice
                  columns:
                    - {name: id, type: bigint, primary_key: true, identity: always}
                    - {name: customer, type: bigint, nullable: false}
                  constraints:
                    - {name: invoice_customer, foreign_key: [customer], references: {table: customer, column: id}}
              - add_column: {table: customer, name: city, type: text, default: "'Köln'::text"}
            """.ReplaceLineEndings("\n"), diff.ToYaml(), StringComparison.Ordinal);
        Assert.EndsWith("""
              - add_constraint: {table: customer, name: customer_name_filled, check: "\"name\" IS NOT NULL", not_valid: true}
              - validate_constraint: {table: customer, name: customer_name_filled}
              - alter_column: {table: customer, name: name, type: character varying(50), nullable: false}
              - drop_constraint: {table: customer, name: customer_name_filled}
              - create_index: {name: customer_city, table: customer, columns: [city], concurrently: true}

            """.ReplaceLineEndings("\n"), diff.ToYaml(), StringComparison.Ordinal);
        Assert.Contains("      body: |-\n        SELECT 1\n          + 2\n", diff.ToYaml(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("CREATE TABLE t (a int, b int)", "CREATE TABLE t (a int)", HazardKind.DeletesData, null, null)]
    [InlineData("CREATE TABLE t (a int); CREATE TABLE u (a int)", "CREATE TABLE u (a int)", HazardKind.DeletesData, null, null)]
    [InlineData("CREATE TABLE t (a int)", "CREATE TABLE t (a bigint)", HazardKind.RewritesTable, "ACCESS EXCLUSIVE", LockDuration.Rewrite)]
    [InlineData("CREATE TABLE t (a varchar(5))", "CREATE TABLE t (a varchar(9))", HazardKind.TakesLock, "ACCESS EXCLUSIVE", LockDuration.Instant)]
    [InlineData("CREATE TABLE t (a int)", "CREATE TABLE t (a int, b uuid DEFAULT gen_random_uuid())", HazardKind.RewritesTable, "ACCESS EXCLUSIVE", LockDuration.Rewrite)]
    [InlineData("CREATE TABLE t (a int)", "CREATE TABLE t (a int, b timestamptz DEFAULT now())", HazardKind.TakesLock, "ACCESS EXCLUSIVE", LockDuration.Instant)]
    [InlineData("CREATE TABLE t (a int)", "CREATE TABLE t (a int, b int NOT NULL)", HazardKind.DependsOnData, null, null)]
    [InlineData("CREATE TABLE t (a int)", "CREATE TABLE t (a int NOT NULL)", HazardKind.ScansTable, "SHARE UPDATE EXCLUSIVE", LockDuration.Scan)]
    [InlineData("CREATE TABLE t (a int)", "CREATE TABLE t (a int); CREATE INDEX ON t (a)", HazardKind.BuildsIndex, "SHARE UPDATE EXCLUSIVE", LockDuration.Rewrite)]
    [InlineData("CREATE TABLE t (a int)", "CREATE TABLE t (a int UNIQUE)", HazardKind.BuildsIndex, "SHARE UPDATE EXCLUSIVE", LockDuration.Rewrite)]
    [InlineData("CREATE TABLE t (a int)", "CREATE TABLE t (a int CHECK (a > 0))", HazardKind.ScansTable, "SHARE UPDATE EXCLUSIVE", LockDuration.Scan)]
    [InlineData("CREATE TABLE t (a bigint)", "CREATE TABLE t (a bigint REFERENCES shared.users)", HazardKind.TakesLock, "SHARE ROW EXCLUSIVE", LockDuration.Instant)]
    [InlineData("CREATE TYPE e AS ENUM ('a')", "CREATE TYPE e AS ENUM ('a', 'b')", HazardKind.CannotBeUndone, null, null)]
    [InlineData("CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS 'SELECT 1'; REVOKE EXECUTE ON FUNCTION f FROM PUBLIC", "CREATE FUNCTION f(a bigint) RETURNS int LANGUAGE sql AS 'SELECT 1'", HazardKind.OpensAccess, null, null)]
    public async Task HazardsAreTold(string before, string after, HazardKind kind, string? mode, LockDuration? duration) =>
        Assert.Contains((await server.CompareAsync(before, after)).Changes.SelectMany(static change => change.Hazards), hazard => hazard.Kind == kind && hazard.Lock == mode && hazard.Duration == duration);

    /// <summary>The numbers of names that PostgreSQL chose are another in each schema, also where a table goes by such an index.</summary>
    [Fact]
    public async Task WhichIndexATableGoesByIsToldByItsDefinition()
    {
        const string Table = "CREATE TABLE t (a int NOT NULL, b int); CREATE MATERIALIZED VIEW m AS SELECT a FROM t;";
        var left = DiffServer.NewName("left");
        var from = await server.MakeAsync(left, Table + "CREATE INDEX ON t (a) WHERE b > 0; CREATE UNIQUE INDEX ON t (a); DROP INDEX t_a_idx; ALTER TABLE t REPLICA IDENTITY USING INDEX t_a_idx1, CLUSTER ON t_a_idx1; CREATE INDEX ON m (a) WHERE a > 1; CREATE INDEX ON m (a); DROP INDEX m_a_idx; ALTER MATERIALIZED VIEW m CLUSTER ON m_a_idx1");
        var same = await server.MakeAsync(DiffServer.NewName("same"), Table + "CREATE UNIQUE INDEX ON t (a); ALTER TABLE t REPLICA IDENTITY USING INDEX t_a_idx, CLUSTER ON t_a_idx; CREATE INDEX ON m (a); ALTER MATERIALIZED VIEW m CLUSTER ON m_a_idx");
        var to = await server.MakeAsync(DiffServer.NewName("right"), Table + "CREATE UNIQUE INDEX ON t (a); CREATE INDEX ON m (a)");

        Assert.Equal(from.Fingerprint, same.Fingerprint);
        Assert.True(SchemaDiff.Compare(from, same).IsEmpty);
        foreach (var (one, other) in new[] { (from, to), (to, same) })
        {
            var diff = SchemaDiff.Compare(one, other);
            await server.ApplyAsync(left, diff, isTransaction: false);
            Shape.AssertEqual(other, await server.ReadAsync(left), diff);
            Assert.All(diff.Operations, static operation => Assert.Contains(operation.Name, new[] { "alter_table", "rename_index" }));
        }
    }

    /// <summary>In a string of a body a quotation mark of the schema's name is written twice.</summary>
    [Fact]
    public async Task AQuotationMarkInTheNameDoesNotHideItInStringsOfABody()
    {
        const string Text = """
            CREATE SEQUENCE s; CREATE TABLE t (a int);
            CREATE FUNCTION f() RETURNS bigint LANGUAGE plpgsql AS $$BEGIN IF EXISTS (SELECT FROM pg_namespace n WHERE n.nspname = '@string@') THEN RETURN nextval('@name@.s'); END IF; RETURN 0; END$$;
            """;
        static string Of(string schema) => Text.Replace("@string@", schema.Replace("'", "''", StringComparison.Ordinal), StringComparison.Ordinal).Replace("@name@", SqlIdentifier.Quote(schema).Replace("'", "''", StringComparison.Ordinal), StringComparison.Ordinal);
        string[] names = ["O'Neil\"s", "plain_name", "O'Brien"];
        var first = await server.MakeAsync(names[0], Of(names[0]));
        var second = await server.MakeAsync(names[1], Of(names[1]));
        Assert.Equal(string.Join('\n', first.Objects.Values.Select(static item => item["body"])), string.Join('\n', second.Objects.Values.Select(static item => item["body"])));
        Assert.Equal(first.Fingerprint, second.Fingerprint);

        var empty = await server.MakeAsync(names[2], "");
        await server.ApplyAsync(names[2], SchemaDiff.Compare(empty, first), isTransaction: true);
        Assert.Equal(first.Fingerprint, (await server.ReadAsync(names[2])).Fingerprint);
        Assert.Equal("1 1 1", string.Join(" ", new List<long> { await server.ScalarAsync<long>(names[0], "SELECT f()"), await server.ScalarAsync<long>(names[1], "SELECT f()"), await server.ScalarAsync<long>(names[2], "SELECT f()") }));
        await server.DropAsync(names);
    }

    [Fact]
    public async Task WhatIsNewHasNoHazards() =>
        Assert.Empty((await server.CompareAsync("", "CREATE TABLE t (a int PRIMARY KEY, b int NOT NULL UNIQUE, CHECK (b > 0)); CREATE INDEX ON t (b); CREATE TABLE u (a int REFERENCES t); CREATE VIEW v AS SELECT * FROM t;")).Changes.SelectMany(static change => change.Hazards));

    [Fact]
    public async Task WhatCannotBeSaidIsTold()
    {
        var diff = await server.CompareAsync("CREATE TABLE t (a int) PARTITION BY LIST (a)", "CREATE TABLE t (a int) PARTITION BY RANGE (a); CREATE OPERATOR === (FUNCTION = int4eq, LEFTARG = int, RIGHTARG = int)");

        Assert.Equal(["table", "unsupported"], diff.Inexpressible.Select(static item => item.Identity.Kind).Order(StringComparer.Ordinal));
        Assert.False(diff.IsEmpty);
    }

    /// <summary>ALTER TABLE takes no column of a typed table, nor adds one.</summary>
    [Theory]
    [InlineData("x int, y int, z int")]
    [InlineData("x int, y bigint")]
    [InlineData("x int")]
    [InlineData("y int, x int")]
    public async Task WhatATypedTableHasOfItsTypeStays(string attributes)
    {
        const string table = "CREATE TABLE place OF point2 (PRIMARY KEY (x)); CREATE INDEX place_x ON place (x);";

        var diff = await server.CompareAsync($"CREATE TYPE point2 AS (x int, y int); {table}", $"CREATE TYPE point2 AS ({attributes}); {table} COMMENT ON TABLE place IS 'told all the same';");

        Assert.All(diff.Inexpressible, static difference => Assert.Contains("CASCADE", difference.Message, StringComparison.Ordinal));
        Assert.Contains("composite_type", diff.Inexpressible.Select(static difference => difference.Identity.Kind));
        Assert.Equal("comment", Assert.Single(diff.Operations).Name);
    }

    /// <summary>Only the role that gave a privilege can give it again, or take it.</summary>
    [Fact]
    public async Task WhatAnotherRoleHasGivenIsTold()
    {
        await server.MakeRolesAsync();
        const string Table = "CREATE TABLE t (a int); GRANT SELECT ON t TO diff_a WITH GRANT OPTION;";
        var (left, right) = (DiffServer.NewName("left"), DiffServer.NewName("right"));
        var from = await server.MakeAsync(left, Table);
        await server.MakeAsync(right, Table);
        await server.RunAsync(right, [$"GRANT USAGE ON SCHEMA \"{right}\" TO diff_a", "SET ROLE diff_a", "GRANT SELECT ON t TO diff_b", "RESET ROLE", $"REVOKE USAGE ON SCHEMA \"{right}\" FROM diff_a"]);
        var to = await server.ReadAsync(right);

        foreach (var diff in new[] { SchemaDiff.Compare(from, to), SchemaDiff.Compare(to, from) })
        {
            Assert.Equal("t", Assert.Single(diff.Inexpressible).Identity.Name);
            Assert.Empty(diff.Operations);
        }
    }

    [Fact]
    public async Task TheOrderOfColumnsIsTold()
    {
        var diff = await server.CompareAsync("CREATE TABLE t (a int, b int); CREATE TABLE u (a int)", "CREATE TABLE t (b int, a int); CREATE TABLE u (a int)");

        Assert.True(diff.IsEmpty);
        Assert.Equal("t", Assert.Single(diff.ColumnOrders));

        // What comes, comes at the end, and with its parent's.
        var more = await server.CompareAsync(
            "CREATE TABLE t (a int, c int); CREATE TABLE u (a int); CREATE TABLE d (a int, c int) PARTITION BY LIST (a); CREATE TABLE d_1 PARTITION OF d DEFAULT; CREATE TABLE g (a int, b int GENERATED ALWAYS AS (a + 1) STORED, c int)",
            "CREATE TABLE t (a int, b int, c int); CREATE TABLE u (a int, b int, c int); CREATE TABLE d (a int, b int, c int) PARTITION BY LIST (a); CREATE TABLE d_1 PARTITION OF d DEFAULT; CREATE TABLE g (a int, b int GENERATED ALWAYS AS (a + 2) STORED, c int)");
        Assert.Equal("d, d_1, g, t", string.Join(", ", more.ColumnOrders));
    }

    [Fact]
    public async Task PropertiesAreIgnoredOnRequest()
    {
        await server.MakeRolesAsync();
        var options = new DiffOptions { Ignored = ["owner", "grants", "revokes"] };

        Assert.True((await server.CompareAsync("CREATE TABLE t (a int); GRANT SELECT ON t TO diff_a", "CREATE TABLE t (a int); ALTER TABLE t OWNER TO diff_b", options)).IsEmpty);
    }

    /// <summary>All of a schema by compiled statements: equal to the schema that it was read from, whatever the new one is called.</summary>
    [Fact]
    public async Task AWholeSchemaIsMadeOutOfItsSnapshot()
    {
        await server.MakeRolesAsync();
        foreach (var (name, pair) in DiffPairs.All.Where(static pair => !pair.Value.After.Contains('@', StringComparison.Ordinal) && !char.IsAsciiDigit(pair.Key[^1])))
        {
            var snapshot = await server.MakeAsync(DiffServer.NewName("right"), pair.After);
            var creation = SchemaCreation.Of(snapshot);
            Assert.Empty(creation.Inexpressible);
            var schema = DiffServer.NewName("customer");
            await server.MakeAsync(schema, "");
            await server.RunAsync(schema, ["BEGIN", .. creation.Render(new() { TenantSchema = schema, TenantName = schema, SharedSchema = "shared" }), "COMMIT"]);
            Assert.True(snapshot.Fingerprint == (await server.ReadAsync(schema)).Fingerprint, name);
        }
    }

    /// <summary>The default of a column that goes with its parent's needs no statement.</summary>
    [Fact]
    public async Task WhatGoesWithTheParentsColumnIsNotSaid()
    {
        var from = await server.MakeAsync(DiffServer.NewName("from"), "CREATE TABLE d (id int, x int DEFAULT 3) PARTITION BY LIST (id); CREATE TABLE d_1 PARTITION OF d DEFAULT");
        var to = await server.MakeAsync(DiffServer.NewName("to"), "CREATE TABLE d (id int) PARTITION BY LIST (id); CREATE TABLE d_1 PARTITION OF d DEFAULT");
        Assert.Equal("  - drop_column: {table: d, name: x}\n", SchemaDiff.Compare(from, to).ToYaml());
    }

    /// <summary>The server would choose a name that no snapshot tells.</summary>
    [Theory]
    [InlineData("CREATE INDEX low ON d (lower(x));", "CREATE INDEX low_1 ON d_1 (lower(x));")]
    [InlineData("CREATE INDEX one ON d (x); CREATE INDEX two ON d (x DESC);", "CREATE INDEX one_1 ON d_1 (x); CREATE INDEX two_1 ON d_1 (x DESC);")]
    [InlineData("CREATE INDEX one ON d (x); CREATE SEQUENCE d_1_x_idx;", "CREATE INDEX one_1 ON d_1 (x);")]
    public async Task APartThatCannotGetItsNameIsTold(string wholes, string parts)
    {
        var diff = await server.CompareAsync($"CREATE TABLE d (x text) PARTITION BY LIST (x); {wholes}", $"CREATE TABLE d (x text) PARTITION BY LIST (x); {wholes} CREATE TABLE d_1 (x text); {parts} ALTER TABLE d ATTACH PARTITION d_1 DEFAULT");

        Assert.All(diff.Inexpressible, static difference => Assert.Contains("attach", difference.ToString(), StringComparison.Ordinal));
        Assert.NotEmpty(diff.Inexpressible);
    }

    /// <summary>What a list of words has become in a dump is read back in another form, which is no difference.</summary>
    [Fact]
    public async Task AListOfWordsIsTheSameOutOfADump()
    {
        static string Sql(Func<string, string[], string> list) => $"""
            CREATE TABLE t (a varchar(20) CHECK ({list("a", ["new", "it's", "', ["])}), c varchar, b boolean GENERATED ALWAYS AS ({list("a", ["x", "y"])}) STORED);
            CREATE INDEX t_a ON t (c) WHERE {list("a", ["new", "old"])};
            CREATE INDEX t_b ON t (({list("c", ["new", "old"])}));
            CREATE VIEW v AS SELECT a FROM t WHERE {list("a", ["new", "b\\s"])} OR {list("c", ["r", "s", "u"])};
            CREATE POLICY p ON t USING ({list("a", ["new", "old"])});
            CREATE DOMAIN d AS varchar CHECK ({list("VALUE", ["on", "off"])});
            CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
            CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW WHEN ({list("NEW.a", ["new", "old"])}) EXECUTE FUNCTION note();
            CREATE RULE r AS ON UPDATE TO t WHERE {list("NEW.a", ["new", "it's"])} AND NOT {list("OLD.c", ["b\\s", "d"])} DO ALSO INSERT INTO t (a) SELECT c FROM t WHERE {list("t.a", ["x", "y"])};
            CREATE STATISTICS st ON ({list("a", ["new", "old"])}), c FROM t;
            ALTER TABLE t ADD CONSTRAINT ex EXCLUDE USING btree (c WITH =) WHERE ({list("a", ["new", "old"])}) DEFERRABLE;
            CREATE TABLE divided (a varchar) PARTITION BY LIST (({list("a", ["new", "old"])}));
            """;
        var written = await server.MakeAsync(DiffServer.NewName("written"), Sql(static (name, words) => $"{name} IN ({string.Join(", ", words.Select(SqlLiteral.Quote))})"));
        var restored = await server.MakeAsync(DiffServer.NewName("restored"), Sql(static (name, words) => $"({name})::text = ANY ((ARRAY[{string.Join(", ", words.Select(static word => SqlLiteral.Quote(word) + "::character varying"))}])::text[])"));
        Assert.Equal(written.Fingerprint, restored.Fingerprint);
        Assert.True(SchemaDiff.Compare(written, restored).IsEmpty);
    }

    [Fact]
    public async Task ThreeHundredTablesTakeNoTime()
    {
        var sql = new StringBuilder();
        for (var i = 0; i < 300; i++)
        {
            sql.Append(CultureInfo.InvariantCulture, $"CREATE TABLE t{i} (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, a int NOT NULL DEFAULT 3, b text UNIQUE, c numeric(12,2) CHECK (c > 0), d date, e timestamptz DEFAULT now(), f jsonb, g boolean, h text, other bigint{(i == 0 ? "" : $" REFERENCES t{i - 1}")}); CREATE INDEX ON t{i} (d, e);\n");
            sql.Append(i % 3 == 0 ? $"CREATE VIEW v{i} AS SELECT id, a, b FROM t{i};\n" : "");
        }

        var schema = DiffServer.NewName("big");
        var to = await server.MakeAsync(schema, sql.ToString());
        var from = await server.MakeAsync(DiffServer.NewName("empty"), "");
        var changed = await server.MakeAsync(DiffServer.NewName("changed"), sql.ToString().Replace("h text", "h varchar(30), i text", StringComparison.Ordinal).Replace("c > 0", "c > 1", StringComparison.Ordinal));
        SchemaDiff.Compare(from, to).ToYaml();

        // Generous: the machine may be busy. What it takes on a quiet one stands in docs/diff.md.
        var watch = Stopwatch.StartNew();
        Assert.True(SchemaDiff.Compare(from, to).ToYaml().Length > 100_000);
        var creating = watch.Elapsed;
        watch.Restart();
        Assert.True(SchemaDiff.Compare(to, changed).ToYaml().Length > 50_000);
        var changing = watch.Elapsed;
        watch.Restart();
        Assert.True(SchemaCreation.Of(to).Render(new() { TenantSchema = "t", TenantName = "t", SharedSchema = "shared" }).Count() > 600);
        var compiling = watch.Elapsed;
        Console.WriteLine($"300 tables: created in {creating}, changed in {changing}, compiled in {compiling}");
        Assert.True(creating + changing + compiling < TimeSpan.FromSeconds(30), $"{creating} {changing} {compiling}");
    }
}
