using Xunit;

namespace Tenancy.Core.Tests.Sql;

public sealed class SqlTranslationTests
{
    [Theory]
    [InlineData("SELECT * FROM tenant_schema.t", "SELECT * FROM \"acme\".t")]
    [InlineData("SELECT * FROM TENANT_Schema . t", "SELECT * FROM \"acme\" . t")]
    [InlineData("SELECT * FROM tenant_schema/* a.b */ -- c\n.t", "SELECT * FROM \"acme\"/* a.b */ -- c\n.t")]
    [InlineData("SELECT * FROM \"tenant_schema\".t", "SELECT * FROM \"acme\".t")]
    [InlineData("SELECT * FROM \"Tenant_Schema\".t", "SELECT * FROM \"Tenant_Schema\".t")]
    [InlineData("SELECT * FROM shared.t", "SELECT * FROM \"common\".t")]
    [InlineData("SELECT * FROM db.shared.t", "SELECT * FROM db.shared.t")]
    [InlineData("SELECT * FROM my_tenant_schema.t, tenant_schema_2.t, tenant_schema$.t", "SELECT * FROM my_tenant_schema.t, tenant_schema_2.t, tenant_schema$.t")]
    [InlineData("SELECT tenant_schema FROM x", "SELECT tenant_schema FROM x")]
    [InlineData("SELECT x.tenant_schema, 1 AS tenant_schema FROM x", "SELECT x.tenant_schema, 1 AS tenant_schema FROM x")]
    [InlineData("SELECT schema, tenant_schema FROM x", "SELECT schema, tenant_schema FROM x")]
    [InlineData("SELECT schema tenant_schema, shared FROM x", "SELECT schema tenant_schema, shared FROM x")]
    [InlineData("UPDATE t SET search_path = tenant_schema", "UPDATE t SET search_path = tenant_schema")]
    [InlineData("UPDATE t SET schema = tenant_schema", "UPDATE t SET schema = tenant_schema")]
    [InlineData("SELECT $j${\"a\": \"tenant_schema.t ${tenant.name}\"}$j$ /* tenant_schema.t ${x} */", "SELECT $j${\"a\": \"tenant_schema.t ${tenant.name}\"}$j$")]
    [InlineData("CREATE SCHEMA tenant_schema", "CREATE SCHEMA \"acme\"")]
    [InlineData("CREATE SCHEMA IF NOT EXISTS tenant_schema AUTHORIZATION shared", "CREATE SCHEMA IF NOT EXISTS \"acme\" AUTHORIZATION shared")]
    [InlineData("DROP SCHEMA IF EXISTS tenant_schema, other, shared CASCADE", "DROP SCHEMA IF EXISTS \"acme\", other, \"common\" CASCADE")]
    [InlineData("ALTER TABLE x SET SCHEMA tenant_schema", "ALTER TABLE x SET SCHEMA \"acme\"")]
    [InlineData("ALTER SCHEMA x RENAME TO tenant_schema", "ALTER SCHEMA x RENAME TO \"acme\"")]
    [InlineData("GRANT SELECT ON ALL TABLES IN SCHEMA tenant_schema, other TO shared", "GRANT SELECT ON ALL TABLES IN SCHEMA \"acme\", other TO shared")]
    [InlineData("GRANT USAGE ON SCHEMA tenant_schema TO r", "GRANT USAGE ON SCHEMA \"acme\" TO r")]
    [InlineData("CREATE EXTENSION IF NOT EXISTS citext WITH SCHEMA shared VERSION '1' CASCADE", "CREATE EXTENSION IF NOT EXISTS citext WITH SCHEMA \"common\" VERSION '1' CASCADE")]
    [InlineData("CREATE EXTENSION citext SCHEMA shared", "CREATE EXTENSION citext SCHEMA \"common\"")]
    [InlineData("REINDEX (VERBOSE) SCHEMA tenant_schema", "REINDEX (VERBOSE) SCHEMA \"acme\"")]
    [InlineData("REINDEX SCHEMA CONCURRENTLY tenant_schema", "REINDEX SCHEMA CONCURRENTLY \"acme\"")]
    [InlineData("IMPORT FOREIGN SCHEMA r LIMIT TO (a) FROM SERVER s INTO tenant_schema", "IMPORT FOREIGN SCHEMA r LIMIT TO (a) FROM SERVER s INTO \"acme\"")]
    [InlineData("SELECT 1 OPERATOR(tenant_schema.+) 2", "SELECT 1 OPERATOR(\"acme\".+) 2")]
    [InlineData("SELECT tenant_schema.f(tenant_schema.t.c)", "SELECT \"acme\".f(\"acme\".t.c)")]
    [InlineData("COMMENT ON TABLE tenant_schema.t IS 'In tenant_schema.t'", "COMMENT ON TABLE \"acme\".t IS 'In tenant_schema.t'")]
    public void A_token_is_translated_only_as_a_schema(string sql, string expected) => Assert.Equal(expected, Compiling.Render(sql));

    [Theory]
    [InlineData("SELECT 'a' -- ${x.it}\n'${x.it}'", "SELECT 'a' -- ${x.it}\n'it''s'")]
    [InlineData("SELECT E'\\'' -- ${x.it} ${tenant\n -- ${x.no}\n  '${x.it}${x.it}'", "SELECT E'\\'' -- ${x.it} ${tenant\n -- ${x.no}\n  'it''sit''s'")]
    [InlineData("SELECT '''' -- '${x.it}'\n''", "SELECT '''' -- '${x.it}'\n''")]
    [InlineData("SELECT N'''${x.it}''' -- ${x.it}", "SELECT N'''it''s'''")]
    [InlineData("DO 'BEGIN PERFORM ''a'' -- ${x.it}\n''${x.it}''; END'", "DO 'BEGIN PERFORM ''a'' -- ${x.it}\n''it''''s''; END'")]
    public void Nothing_is_substituted_in_the_comments_of_a_continued_string(string sql, string expected) => Assert.Equal(expected, Compiling.Render(sql));

    [Theory]
    [InlineData("CREATE FUNCTION tenant_schema.f() RETURNS int LANGUAGE sql AS $$ SELECT tenant_schema FROM tenant_schema.t $$", "CREATE FUNCTION \"acme\".f() RETURNS int LANGUAGE sql AS $$ SELECT tenant_schema FROM \"acme\".t $$")]
    [InlineData("CREATE OR REPLACE FUNCTION f() RETURNS int AS 'SELECT ''a'' FROM tenant_schema.t' LANGUAGE 'sql'", "CREATE OR REPLACE FUNCTION f() RETURNS int AS 'SELECT ''a'' FROM \"acme\".t' LANGUAGE 'sql'")]
    [InlineData("CREATE FUNCTION f() RETURNS int AS E'SELECT \\'a\\'\\n FROM tenant_schema.t' LANGUAGE plpgsql", "CREATE FUNCTION f() RETURNS int AS E'SELECT \\'a\\'\\n FROM \"acme\".t' LANGUAGE plpgsql")]
    [InlineData("CREATE PROCEDURE f() AS $x$ return tenant_schema.t $x$ LANGUAGE plpython3u", "CREATE PROCEDURE f() AS $x$ return tenant_schema.t $x$ LANGUAGE plpython3u")]
    [InlineData("CREATE FUNCTION f(language text DEFAULT 'x') RETURNS int LANGUAGE sql SET search_path = tenant_schema, shared, pg_temp RETURN (SELECT 1 FROM tenant_schema.t)", "CREATE FUNCTION f(language text DEFAULT 'x') RETURNS int LANGUAGE sql SET search_path = \"acme\", \"common\", pg_temp RETURN (SELECT 1 FROM \"acme\".t)")]
    [InlineData("ALTER FUNCTION f() SET search_path TO tenant_schema", "ALTER FUNCTION f() SET search_path TO \"acme\"")]
    [InlineData("DO $$ BEGIN PERFORM tenant_schema.f(); END $$", "DO $$ BEGIN PERFORM \"acme\".f(); END $$")]
    [InlineData("DO 'BEGIN PERFORM tenant_schema.f(); END'", "DO 'BEGIN PERFORM \"acme\".f(); END'")]
    [InlineData("DO LANGUAGE plpgsql $$ BEGIN DO $b$ BEGIN PERFORM tenant_schema.f(); END $b$; END $$", "DO LANGUAGE plpgsql $$ BEGIN DO $b$ BEGIN PERFORM \"acme\".f(); END $b$; END $$")]
    [InlineData("DO $$ BEGIN EXECUTE $q$ SELECT 1 $q$; PERFORM $j$ tenant_schema.t $j$; END $$", "DO $$ BEGIN EXECUTE $q$ SELECT 1 $q$; PERFORM $j$ tenant_schema.t $j$; END $$")]
    [InlineData("CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1 FROM tenant_schema.t; SELECT CASE WHEN true THEN 1 END AS end; END", "CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1 FROM \"acme\".t; SELECT CASE WHEN true THEN 1 END AS end; END")]
    [InlineData("CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN FOR i IN 1..2 LOOP SET LOCAL search_path TO tenant_schema, shared; COMMIT; END LOOP; END $$", "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN FOR i IN 1..2 LOOP SET LOCAL search_path TO \"acme\", \"common\"; COMMIT; END LOOP; END $$")]
    public void Bodies_of_functions_are_translated_too(string sql, string expected) => Assert.Equal(expected, Compiling.Render(sql));

    [Theory]
    [InlineData("SELECT nextval('tenant_schema.seq')", "${tenant.quoted}")]
    [InlineData("SELECT 'tenant_schema.seq'::regclass", "${tenant.quoted}")]
    [InlineData("SELECT 'x', E'\\tenant_schema.a', 'see tenant_schema.t'", "${tenant.quoted}")]
    [InlineData("SELECT 1 FROM pg_namespace WHERE nspname = 'tenant_schema'", "${tenant.schema}")]
    [InlineData("SELECT 1 FROM information_schema.tables WHERE table_schema = 'shared'", "${shared.schema}")]
    [InlineData("SELECT 'shared.users'::pg_catalog.regclass", "${shared.quoted}")]
    [InlineData("SELECT to_regclass('\"shared\".users')", "${shared.quoted}")]
    [InlineData("SELECT CAST('shared.users' AS regclass)", "${shared.quoted}")]
    [InlineData("DO $$ BEGIN EXECUTE 'SELECT * FROM shared.' || 'x'; END $$", "${shared.quoted}")]
    [InlineData("DO $$ BEGIN EXECUTE $q$ SELECT * FROM tenant_schema.t $q$; END $$", "single quotes")]
    [InlineData("DO $$ BEGIN EXECUTE format('SELECT * FROM tenant_schema.%I', 'x'); END $$", "${tenant.quoted}")]
    [InlineData("SELECT 'tenant_schema.' || x", "${tenant.quoted}")]
    [InlineData("CREATE FUNCTION f() RETURNS int LANGUAGE sql SET search_path = 'tenant_schema', 'shared' AS 'SELECT 1'", "without quotes")]
    [InlineData("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT set_config('search_path', 'pg_temp, tenant_schema', true) $$", "${tenant.quoted}")]
    public void A_token_in_a_string_is_an_error_that_names_the_form(string sql, string form)
    {
        var (_, errors) = Compiling.Compile(sql);
        Assert.NotEmpty(errors);
        Assert.All(errors, error => Assert.Contains(form, error.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("SELECT * FROM U&\"tenant_schema\".x", "without U&")]
    [InlineData("SELECT * FROM U&\"tenant!005fschema\" UESCAPE '!'.x; SELECT * FROM U&\"tenant\\005fschema\" . x", "without U&")]
    [InlineData("ALTER TABLE x SET SCHEMA U&\"tenant_schema\"", "without U&")]
    [InlineData("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS U&'SELECT 1 FROM tenant_schema.x'", "dollar quotes")]
    [InlineData("CREATE FUNCTION f() RETURNS int LANGUAGE U&\"sql\" AS $$ SELECT 1 FROM tenant_schema.x $$", "plainly")]
    [InlineData("CREATE FUNCTION f() RETURNS int LANGUAGE sql SET U&\"search_path\" = tenant_schema AS 'SELECT 1'", "without U&")]
    [InlineData("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1 FROM U&\"tenant_schema\".x $$", "without U&")]
    [InlineData("SELECT U&'tenant_schema.x'::regclass", "${tenant.quoted}")]
    public void What_is_not_read_with_U_and_ampersand_is_refused(string sql, string form)
    {
        var (_, errors) = Compiling.Compile(sql);
        Assert.Contains(form, Assert.Single(errors).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_language_of_a_body_may_be_any_string() =>
        Assert.Equal("CREATE FUNCTION f() RETURNS int LANGUAGE E'sql' AS 'SELECT 1 FROM \"acme\".x'", Compiling.Render("CREATE FUNCTION f() RETURNS int LANGUAGE E'sql' AS 'SELECT 1 FROM tenant_schema.x'"));

    [Theory]
    [InlineData("INSERT INTO t VALUES ('shared', 'shared.css', 'This is shared. Then that', 'http://x/shared.html')")]
    [InlineData("INSERT INTO t VALUES ('The tenant_schema. Next', 'x.tenant_schema.y', 'my_tenant_schema.t')")]
    [InlineData("INSERT INTO t VALUES ($$tenant_schema$$, $$tenant_schema.t$$)")]
    public void Data_that_only_looks_like_a_token_stays(string sql) => Assert.Equal(sql, Compiling.Render(sql));

    [Fact]
    public void An_error_in_a_body_has_its_own_place()
    {
        var error = Compiling.Error("DO $$\nBEGIN\n  PERFORM 'tenant_schema.t';\nEND $$");
        Assert.Equal((3, 11), (error.Line, error.Column));
        error = Compiling.Error("DO '\nBEGIN\n  PERFORM ''a'', ''tenant_schema.t'';\nEND '");
        Assert.Equal((3, 18), (error.Line, error.Column));
    }

    [Theory]
    [InlineData("SELECT ${tenant.name}, ${x.it}", "SELECT 'Acme', 'it''s'")]
    [InlineData("SELECT * FROM ${tenant.schema}.t, ${tenant.quoted}.t, ${shared.schema}.t, ${x.key}.t", "SELECT * FROM \"acme\".t, \"acme\".t, \"common\".t, \"value\".t")]
    [InlineData("CREATE SCHEMA ${x.it}", "CREATE SCHEMA \"it's\"")]
    [InlineData("SELECT '${tenant.name} ${x.it}', 'it''s ${x.it}'", "SELECT 'Acme it''s', 'it''s it''s'")]
    [InlineData("SELECT '${tenant.quoted}.seq'::regclass", "SELECT '\"acme\".seq'::regclass")]
    [InlineData("SELECT '${shared.quoted}.seq'::regclass", "SELECT '\"common\".seq'::regclass")]
    [InlineData("SELECT E'\\n${x.it}'", "SELECT E'\\nit''s'")]
    [InlineData("SELECT E'\\${x.it}', '\\${x.it}'", "SELECT E'\\${x.it}', '\\it''s'")]
    [InlineData("CREATE INDEX \"idx_${tenant.schema}_x\" ON t (a)", "CREATE INDEX \"idx_acme_x\" ON t (a)")]
    [InlineData("SELECT a||${x.it}::text", "SELECT a||'it''s'::text")]
    [InlineData("DO 'BEGIN RAISE NOTICE ''${x.it}''; PERFORM ${x.it}; END'", "DO 'BEGIN RAISE NOTICE ''it''''s''; PERFORM ''it''''s''; END'")]
    [InlineData("DO $$ BEGIN PERFORM ${x.it}, '${tenant.quoted}.t'::regclass; END $$", "DO $$ BEGIN PERFORM 'it''s', '\"acme\".t'::regclass; END $$")]
    [InlineData("SELECT '${ open', '$ {x}', '${', 'a$'", "SELECT '${ open', '$ {x}', '${', 'a$'")]
    public void A_placeholder_becomes_what_its_place_needs(string sql, string expected) => Assert.Equal(expected, Compiling.Render(sql));

    [Theory]
    [InlineData("SELECT ${tenant.nmae}", "${tenant.name}")]
    [InlineData("SELECT '${tenant.shema}'", "${tenant.schema}")]
    [InlineData("SELECT '${ tenant.name }'", "${tenant.name}")]
    [InlineData("SELECT \"${tenant.quoted}\"", "${tenant.schema}")]
    [InlineData("SELECT ${X.key}", "${x.key}")]
    public void A_wrong_placeholder_has_the_nearest_spelling(string sql, string suggestion) => Assert.Equal(suggestion, Compiling.Error(sql).Suggestion);

    [Theory]
    [InlineData("CREATE INDEX idx_${tenant.schema} ON t (a)", "\"idx_${tenant.schema}_x\"")]
    [InlineData("CREATE INDEX ${tenant.schema}_x ON t (a)", "quote all of it")]
    [InlineData("SELECT 'a'${x.key}", "touches")]
    [InlineData("SELECT E${x.key}", "touches")]
    [InlineData("SELECT U&${x.key}", "blank")]
    [InlineData("SELECT u&tenant_schema.f()", "blank")]
    [InlineData("SELECT U&'${x.key}'", "U&")]
    [InlineData("SELECT U&\"${x.key}\"", "U&")]
    [InlineData("SELECT E'\\x4${x.key}'", "digits")]
    [InlineData("SELECT E'\\12${x.key}'", "digits")]
    [InlineData("SELECT E'\\u00${x.key}'", "digits")]
    [InlineData("SELECT ${x.key", "Close it")]
    [InlineData("SELECT 'a ${tenant.schema'", "Close it")]
    public void A_placeholder_that_cannot_stay_one_value_is_an_error(string sql, string expected) => Assert.Contains(expected, Compiling.Error(sql).Message, StringComparison.Ordinal);
}
