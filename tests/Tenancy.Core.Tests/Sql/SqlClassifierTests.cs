using Tenancy.Core.Sql;
using Xunit;

namespace Tenancy.Core.Tests.Sql;

public sealed class SqlClassifierTests
{
    [Theory]
    [InlineData("CREATE INDEX CONCURRENTLY i ON t (a)")]
    [InlineData("CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON t (a)")]
    [InlineData("DROP INDEX CONCURRENTLY i")]
    [InlineData("REINDEX TABLE CONCURRENTLY t")]
    [InlineData("REINDEX (VERBOSE, CONCURRENTLY) INDEX i")]
    [InlineData("REINDEX (CONCURRENTLY ON) INDEX i")]
    [InlineData("REINDEX DATABASE d")]
    [InlineData("REINDEX (VERBOSE) SYSTEM d")]
    [InlineData("REINDEX SCHEMA tenant_schema")]
    [InlineData("VACUUM (ANALYZE) t")]
    [InlineData("CLUSTER")]
    [InlineData("CLUSTER VERBOSE")]
    [InlineData("CLUSTER (VERBOSE)")]
    [InlineData("CREATE DATABASE d")]
    [InlineData("DROP DATABASE d")]
    [InlineData("CREATE TABLESPACE s LOCATION '/x'")]
    [InlineData("DROP TABLESPACE s")]
    [InlineData("ALTER DATABASE d SET TABLESPACE s")]
    [InlineData("ALTER SYSTEM SET work_mem = '1GB'")]
    [InlineData("ALTER TABLE p DETACH PARTITION c CONCURRENTLY")]
    [InlineData("CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p")]
    [InlineData("CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p WITH (copy_data = false)")]
    [InlineData("DROP SUBSCRIPTION s")]
    [InlineData("ALTER SUBSCRIPTION s REFRESH PUBLICATION")]
    [InlineData("ALTER SUBSCRIPTION s SET PUBLICATION p")]
    [InlineData("ALTER SUBSCRIPTION s SET (failover = true)")]
    public void What_PostgreSQL_refuses_in_a_transaction_runs_alone(string sql) => Assert.False(Compiling.One(sql).IsTransactional);

    [Theory]
    [InlineData("CREATE INDEX i ON t (a)")]
    [InlineData("CREATE INDEX concurrently_i ON t (a)")]
    [InlineData("DROP INDEX i, concurrently")]
    [InlineData("REINDEX TABLE t")]
    [InlineData("REINDEX (CONCURRENTLY false) INDEX i")]
    [InlineData("CLUSTER t USING i")]
    [InlineData("CLUSTER (VERBOSE) t")]
    [InlineData("ANALYZE t")]
    [InlineData("ALTER DATABASE d SET work_mem = '1GB'")]
    [InlineData("ALTER TABLE p DETACH PARTITION c")]
    [InlineData("ALTER TABLE p DETACH PARTITION c FINALIZE")]
    [InlineData("CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p WITH (create_slot = false, slot_name = a)")]
    [InlineData("CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p WITH (connect = 'off')")]
    [InlineData("ALTER SUBSCRIPTION s SET PUBLICATION p WITH (refresh = false)")]
    [InlineData("ALTER SUBSCRIPTION s DISABLE")]
    [InlineData("CREATE EXTENSION e")]
    [InlineData("INSERT INTO t VALUES ('VACUUM')")]
    public void Everything_else_runs_in_a_transaction(string sql) => Assert.True(Compiling.One(sql).IsTransactional);

    [Theory]
    [InlineData("ALTER TYPE tenant_schema.e ADD VALUE IF NOT EXISTS 'x'", true, false)]
    [InlineData("ALTER TYPE e RENAME VALUE 'x' TO 'y'", false, false)]
    [InlineData("ALTER TABLE t VALIDATE CONSTRAINT c", false, true)]
    [InlineData("ALTER TABLE t ADD x int CHECK (f(VALIDATE)), VALIDATE CONSTRAINT c", false, true)]
    [InlineData("ALTER DOMAIN d VALIDATE CONSTRAINT c", false, true)]
    [InlineData("ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID", false, false)]
    public void Some_need_a_commit_before_or_after(string sql, bool after, bool before)
    {
        var statement = Compiling.One(sql);
        Assert.Equal((after, before, true), (statement.CommitAfter, statement.CommitBefore, statement.IsTransactional));
    }

    [Theory]
    [InlineData("CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS \"My i\" ON ONLY tenant_schema.t (a)", "Create", "My i", "\"acme\"")]
    [InlineData("create index concurrently I on Other.t (a)", "Create", "i", "\"other\"")]
    [InlineData("CREATE INDEX CONCURRENTLY i ON \"O\"\"x\".t (a)", "Create", "i", "\"O\"\"x\"")]
    [InlineData("CREATE INDEX CONCURRENTLY i ON \"p_${tenant.schema}\".t (a)", "Create", "i", "\"p_acme\"")]
    [InlineData("CREATE INDEX CONCURRENTLY i ON ${x.it}.t (a)", "Create", "i", "\"it's\"")]
    [InlineData("CREATE INDEX CONCURRENTLY i ON t (a)", "Create", "i", null)]
    [InlineData("DROP INDEX CONCURRENTLY IF EXISTS shared.i", "Drop", "i", "\"common\"")]
    [InlineData("DROP INDEX CONCURRENTLY i", "Drop", "i", null)]
    [InlineData("REINDEX INDEX CONCURRENTLY tenant_schema.i", "Reindex", "i", "\"acme\"")]
    [InlineData("REINDEX (CONCURRENTLY) INDEX tenant_schema.i", "Reindex", "i", "\"acme\"")]
    public void A_concurrent_index_is_known_by_name(string sql, string action, string index, string? schema)
    {
        var concurrent = Compiling.One(sql).ConcurrentIndex;
        Assert.NotNull(concurrent);
        Assert.Equal((action, index, schema), (concurrent.Action.ToString(), concurrent.Index, concurrent.Schema?.Render(Compiling.Acme)));
    }

    [Theory]
    [InlineData("CREATE INDEX i ON t (a)")]
    [InlineData("REINDEX TABLE CONCURRENTLY t")]
    public void Other_statements_have_no_concurrent_index(string sql) => Assert.Null(Compiling.One(sql).ConcurrentIndex);

    [Theory]
    [InlineData("CREATE INDEX CONCURRENTLY ON t (a)", "needs a name")]
    [InlineData("CREATE INDEX CONCURRENTLY \"i_${tenant.schema}\" ON t (a)", "same for every tenant")]
    public void A_concurrent_index_needs_a_fixed_name(string sql, string expected) => Assert.Contains(expected, Compiling.Error(sql).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("create or replace temp view v as select 1", "CREATE VIEW")]
    [InlineData("CREATE UNIQUE INDEX i ON t (a)", "CREATE INDEX")]
    [InlineData("CREATE MATERIALIZED VIEW v AS SELECT 1", "CREATE MATERIALIZED VIEW")]
    [InlineData("REFRESH MATERIALIZED VIEW v", "REFRESH MATERIALIZED VIEW")]
    [InlineData("CREATE FOREIGN TABLE t () SERVER s", "CREATE FOREIGN TABLE")]
    [InlineData("ALTER DEFAULT PRIVILEGES IN SCHEMA s GRANT SELECT ON TABLES TO r", "ALTER DEFAULT PRIVILEGES")]
    [InlineData("CREATE CONSTRAINT TRIGGER t AFTER INSERT ON x EXECUTE FUNCTION f()", "CREATE TRIGGER")]
    [InlineData("DROP USER u", "DROP USER")]
    [InlineData("WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x", "INSERT")]
    [InlineData("(SELECT 1) UNION SELECT 2", "SELECT")]
    [InlineData("insert into t values (1)", "INSERT")]
    [InlineData("DO $$ BEGIN END $$", "DO")]
    [InlineData("SET CONSTRAINTS ALL DEFERRED", "SET CONSTRAINTS")]
    public void A_statement_knows_its_command(string sql, string command) => Assert.Equal(command, Compiling.One(sql).Command);

    [Fact]
    public void A_statement_knows_its_place_and_source()
    {
        var (statements, errors) = Compiling.Compile("-- one\nSELECT 1 -- a\n;;\n  /* two */ SELECT tenant_schema.f() /* b */ ; -- three");
        Assert.Empty(errors);
        Assert.Equal([(2, 1), (4, 13)], statements.Select(statement => (statement.Position.Line, statement.Position.Column)));
        Assert.Equal(["SELECT 1", "SELECT tenant_schema.f()"], statements.Select(statement => statement.Template.Source));
        Assert.Equal(SqlSegmentKind.TenantSchema, statements[1].Template.Segments[1].Kind);
    }
}
