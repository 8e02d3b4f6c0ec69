using Xunit;

namespace Tenancy.Core.Tests.Sql;

public sealed class SqlRefusalTests
{
    [Theory]
    [InlineData("BEGIN", "transaction")]
    [InlineData("begin; ", "transaction")]
    [InlineData("START TRANSACTION ISOLATION LEVEL SERIALIZABLE", "transaction")]
    [InlineData("COMMIT", "transaction")]
    [InlineData("/* x */ Commit AND CHAIN", "transaction")]
    [InlineData("END", "transaction")]
    [InlineData("ROLLBACK TO SAVEPOINT a", "transaction")]
    [InlineData("ABORT", "transaction")]
    [InlineData("SAVEPOINT a", "EXCEPTION")]
    [InlineData("RELEASE SAVEPOINT a", "EXCEPTION")]
    [InlineData("PREPARE TRANSACTION 'a'", "transaction")]
    [InlineData("COMMIT PREPARED 'a'", "transaction")]
    [InlineData("ROLLBACK PREPARED 'a'", "transaction")]
    [InlineData("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE", "properties")]
    [InlineData("SET LOCAL TRANSACTION READ ONLY", "properties")]
    [InlineData("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY", "properties")]
    [InlineData("SET work_mem = '1GB'", "SET LOCAL work_mem")]
    [InlineData("SET SESSION work_mem TO '1GB'", "SET LOCAL work_mem")]
    [InlineData("SET TIME ZONE 'UTC'", "SET LOCAL")]
    [InlineData("SET NAMES 'UTF8'", "client_encoding")]
    [InlineData("SET LOCAL NAMES 'LATIN1'", "client_encoding")]
    [InlineData("SET my.setting = 'a'", "SET LOCAL my.setting")]
    [InlineData("SET LOCAL search_path = x", "search_path")]
    [InlineData("SET LOCAL \"search_path\" = x", "search_path")]
    [InlineData("SET search_path TO x", "search_path")]
    [InlineData("SET LOCAL role = x", "role")]
    [InlineData("SET LOCAL ROLE x", "role")]
    [InlineData("SET ROLE x", "role")]
    [InlineData("SET SESSION ROLE x", "role")]
    [InlineData("SET SESSION AUTHORIZATION x", "role")]
    [InlineData("SET LOCAL SESSION AUTHORIZATION x", "role")]
    [InlineData("SET SCHEMA 'x'", "schema")]
    [InlineData("SET LOCAL standard_conforming_strings = off", "engine's")]
    [InlineData("SET LOCAL tenancy.run = 'x'", "tenancy.")]
    [InlineData("SET LOCAL lock_timeout = 0", "limit")]
    [InlineData("SET LOCAL lock_timeout TO '0ms'", "limit")]
    [InlineData("SET LOCAL lock_timeout = '0h'", "limit")]
    [InlineData("SET LOCAL lock_timeout = '0 ms'", "limit")]
    [InlineData("SET LOCAL lock_timeout = '0us'", "limit")]
    [InlineData("SET LOCAL lock_timeout = '500us'", "limit")]
    [InlineData("SET LOCAL lock_timeout = '0d'", "limit")]
    [InlineData("SET LOCAL lock_timeout = '0.1'", "limit")]
    [InlineData("SET LOCAL lock_timeout = 0.1", "limit")]
    [InlineData("SET LOCAL lock_timeout = '0.0001h'", "limit")]
    [InlineData("SET LOCAL lock_timeout = '0x0'", "limit")]
    [InlineData("SET LOCAL lock_timeout = '0e5'", "limit")]
    [InlineData("SET LOCAL lock_timeout = E'\\060'", "limit")]
    [InlineData("SET LOCAL lock_timeout = U&'\\0030'", "limit")]
    [InlineData("SET LOCAL lock_timeout = DEFAULT", "limit")]
    [InlineData("SET LOCAL lock_timeout = ${x.limit}", "limit")]
    [InlineData("SET LOCAL lock_timeout = '${x.limit}s'", "limit")]
    [InlineData("SET LOCAL \"Lock_Timeout\" = 0", "limit")]
    [InlineData("SET LOCAL statement_timeout = 0", "limit")]
    [InlineData("SET LOCAL idle_in_transaction_session_timeout = '0min'", "limit")]
    [InlineData("DO $$ BEGIN SET LOCAL statement_timeout = 0; END $$", "limit")]
    [InlineData("SELECT set_config('lock_timeout', '0', true)", "limit")]
    [InlineData("SELECT set_config('lock_timeout', '1' || '', true)", "limit")]
    [InlineData("SELECT set_config('statement_timeout', NULL, true)", "limit")]
    [InlineData("SELECT set_config('search_path', j #>> ARRAY['x', 'y'], true) FROM t", "search_path")]
    [InlineData("SELECT set_config('lock_' || 'timeout', '0', true)", "plain string")]
    [InlineData("SELECT set_config(name, '0', true) FROM t", "plain string")]
    [InlineData("SELECT set_config(E'lock_timeout', '0', true)", "plain string")]
    [InlineData("SELECT set_config(U&'lock_timeout', '0', true)", "plain string")]
    [InlineData("SELECT set_config('${x.name}', '0', true)", "plain string")]
    [InlineData("SELECT U&\"set_config\"('lock_timeout', '0', true)", "without U&")]
    [InlineData("SET LOCAL row_security = on", "engine's")]
    [InlineData("SET LOCAL track_counts = off", "engine's")]
    [InlineData("SET LOCAL transaction_isolation = 'serializable'", "engine's")]
    [InlineData("SET LOCAL transaction_read_only = on", "engine's")]
    [InlineData("SET LOCAL transaction_deferrable = on", "engine's")]
    [InlineData("SET LOCAL session_replication_role = replica", "engine's")]
    [InlineData("SELECT set_config('client_connection_check_interval', '0', true)", "engine's")]
    [InlineData("SET LOCAL U&\"search_path\" = t2", "plainly")]
    [InlineData("UPDATE pg_settings SET setting = '0' WHERE name = 'lock_timeout'", "pg_settings")]
    [InlineData("UPDATE ONLY pg_catalog . \"pg_settings\" AS s SET setting = '0'", "pg_settings")]
    [InlineData("WITH u AS (UPDATE pg_settings SET setting = 'off' WHERE name = 'track_counts' RETURNING 1) SELECT 1", "pg_settings")]
    [InlineData("DO $$ BEGIN UPDATE pg_settings SET setting = '0'; END $$", "pg_settings")]
    [InlineData("UPDATE U&\"pg_settings\" SET setting = '0'", "without U&")]
    [InlineData("SET LOCAL tenancy.U&\"changes\" = t2", "plainly")]
    [InlineData("SET LOCAL \"${x.name}\" = t2", "plainly")]
    [InlineData("DO U&'BEGIN COMMIT; END'", "dollar quotes")]
    [InlineData("DO LANGUAGE U&\"plpgsql\" 'BEGIN NULL; END'", "language")]
    [InlineData("DO LANGUAGE E'plpgsql' 'BEGIN COMMIT; END'", "DO block")]
    [InlineData("RESET ALL", "SET LOCAL")]
    [InlineData("DISCARD ALL", "DISCARD")]
    [InlineData("CLOSE ALL", "CLOSE ALL")]
    [InlineData("LISTEN a", "NOTIFY")]
    [InlineData("UNLISTEN *", "NOTIFY")]
    [InlineData("LOAD 'a'", "preload")]
    [InlineData("PREPARE a AS SELECT 1", "statement itself")]
    [InlineData("EXECUTE a", "statement itself")]
    [InlineData("DEALLOCATE a", "session")]
    [InlineData("DECLARE c CURSOR WITH HOLD FOR SELECT 1", "HOLD")]
    [InlineData("COPY t FROM STDIN", "INSERT")]
    [InlineData("COPY (SELECT 1) TO stdout WITH (FORMAT csv)", "INSERT")]
    [InlineData("SELECT set_config('a.b', 'c', false)", "true")]
    [InlineData("SELECT pg_catalog.set_config('a.b', f(1, 2), x)", "true")]
    [InlineData("SELECT set_config('search_path', 'c', true)", "search_path")]
    [InlineData("SELECT set_config('role', 'c', true)", "role")]
    [InlineData("SELECT \"set_config\"('TENANCY.x', 'c', true)", "tenancy.")]
    [InlineData("SELECT pg_advisory_lock(1)", "pg_advisory_xact_lock")]
    [InlineData("SELECT pg_advisory_unlock_all()", "pg_advisory_xact_lock")]
    [InlineData("DO $$ BEGIN COMMIT; END $$", "DO block")]
    [InlineData("DO $$ BEGIN IF true THEN ROLLBACK; END IF; END $$", "DO block")]
    [InlineData("DO $$ BEGIN COMMIT AND CHAIN; END $$", "DO block")]
    [InlineData("DO $$ BEGIN PERFORM set_config('a.b', 'c', false); END $$", "true")]
    [InlineData("DO $$ BEGIN SET work_mem = '1GB'; END $$", "SET LOCAL work_mem")]
    [InlineData("DO $$ BEGIN DO $x$ BEGIN RESET work_mem; END $x$; END $$", "SET LOCAL")]
    [InlineData("DO $$ BEGIN SET LOCAL search_path = x; END $$", "search_path")]
    [InlineData("\\i other.sql", "sql_file")]
    public void What_takes_the_transaction_or_the_session_is_refused(string sql, string expected) => Assert.Contains(expected, Compiling.Error(sql).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("SET LOCAL work_mem = '1GB'")]
    [InlineData("SET LOCAL lock_timeout = '30s'")]
    [InlineData("SET LOCAL statement_timeout = '2h'")]
    [InlineData("SET LOCAL lock_timeout TO 1")]
    [InlineData("SET LOCAL lock_timeout = ' 1.5 s '")]
    [InlineData("SET LOCAL idle_in_transaction_session_timeout = '501us'")]
    [InlineData("SELECT set_config('lock_timeout', '30s', true)")]
    [InlineData("SELECT set_config('a.b', j #>> ARRAY['x', 'y'], true) FROM t")]
    [InlineData("SET LOCAL names.x = 'a'")]
    [InlineData("SELECT U&\"d\\0061t\", t.U&\"d\", U&'d\\0061t' FROM t")]
    [InlineData("SET LOCAL TIME ZONE 'UTC'")]
    [InlineData("SET CONSTRAINTS ALL DEFERRED")]
    [InlineData("NOTIFY a, 'b'")]
    [InlineData("DECLARE c CURSOR FOR SELECT 1 AS with, hold FROM t")]
    [InlineData("COPY t FROM '/tmp/stdin.csv'")]
    [InlineData("COPY (SELECT a FROM stdin) TO '/tmp/x'")]
    [InlineData("SELECT set_config('a.b', f(1, 2), true)")]
    [InlineData("SELECT my.set_config('a', 'b', false)")]
    [InlineData("SELECT pg_try_advisory_xact_lock(1)")]
    [InlineData("SELECT 'COMMIT; ROLLBACK' /* ; COMMIT */, 1")]
    [InlineData("CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN COMMIT; SET work_mem = 1; PERFORM set_config('a.b', 'c', false); END $$")]
    [InlineData("CREATE FUNCTION p() RETURNS text LANGUAGE sql RETURN set_config('a.b', 'c', false)")]
    [InlineData("DO $$ DECLARE reset int; load text := 'a'; BEGIN reset := 1; PERFORM CASE WHEN true THEN load ELSE commit END FROM t; EXECUTE 'SELECT 1'; EXCEPTION WHEN others THEN NULL; END $$")]
    [InlineData("DO LANGUAGE plpython3u $$ plpy.commit(); COMMIT; $$")]
    [InlineData("ALTER ROLE x SET work_mem = '1GB'")]
    [InlineData("UPDATE t SET role = 'a', commit = true")]
    public void What_stays_within_the_transaction_is_allowed(string sql) => Assert.Equal(sql, Compiling.Render(sql));

    [Fact]
    public void Rows_of_a_dump_are_read_over()
    {
        var (statements, errors) = Compiling.Compile("COPY t (a) FROM stdin;\n1\tit's; \"\n$$\n\\.\n\nSELECT 1;\nCOMMIT;");
        Assert.Equal([1, 7], errors.Select(error => error.Line));
        Assert.Equal("SELECT 1", Assert.Single(statements).Template.Source);
    }

    [Fact]
    public void Every_statement_has_its_own_error()
    {
        var (statements, errors) = Compiling.Compile("BEGIN;\nSELECT 1;\n  COMMIT;\nSELECT '${tenant.nam}', '${x.1}'; \\x\nSELECT 2;");
        Assert.Equal([(1, 1), (3, 3), (4, 9), (4, 26), (4, 35)], errors.Select(error => (error.Line, error.Column)));
        Assert.Equal("SELECT 1", statements[0].Template.Source);
    }

    [Fact]
    public void A_dump_read_by_mistake_does_not_flood()
    {
        var (_, errors) = Compiling.Compile(string.Concat(Enumerable.Repeat("SET a = 1;\n", 100_000)));
        Assert.Equal(100, errors.Count);
        Assert.Contains("not listed", errors[^1].Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SELECT 'abc", "string", 8)]
    [InlineData("SELECT E'abc\\'", "string", 8)]
    [InlineData("SELECT \"abc", "quoted identifier", 8)]
    [InlineData("SELECT $a$abc$", "$a$", 8)]
    [InlineData("SELECT /* a /* b */", "comment", 8)]
    [InlineData("SELECT (1; SELECT 2", "parenthesis", 8)]
    [InlineData("CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN a THEN b; END", "BEGIN ATOMIC", 33)]
    [InlineData("SELECT a\0", "NUL", 9)]
    [InlineData("SELECT \"\"", "empty", 8)]
    [InlineData("SELECT a234567890123456789012345678901234567890123456789012345678901234", "64 bytes", 8)]
    public void A_broken_text_is_told_where_it_began(string sql, string expected, int column)
    {
        var error = Compiling.Error(sql);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Equal((1, column), (error.Line, error.Column));
    }
}
