using Xunit;

namespace Tenancy.Core.Tests.Catalog;

/// <summary>A change of the schema of <c>AllKinds.sql</c>, and in what the snapshot then differs.</summary>
/// <param name="Sql">The change.</param>
/// <param name="Expected">What differs then: the object, after a colon the property; none for what does not count.</param>
/// <param name="Value">What the only property is then; empty for PostgreSQL's default, null where that is not asked.</param>
/// <param name="Version">The oldest major version of PostgreSQL that knows it.</param>
public sealed record SnapshotCase(string Sql, string[] Expected, string? Value = null, int Version = 15);

/// <summary>For each kind and each option a change.</summary>
internal static class SnapshotCases
{
    private static readonly SnapshotCase[] Cases =
    [
        // the schema
        new("GRANT USAGE ON SCHEMA @schema@ TO pg_monitor", ["schema: grants"], """[{"to":"pg_monitor","privileges":["usage"]}]"""),
        new("ALTER DEFAULT PRIVILEGES IN SCHEMA @schema@ GRANT EXECUTE ON FUNCTIONS TO pg_monitor", ["default privileges functions of <owner>"]),
        new("ALTER DEFAULT PRIVILEGES IN SCHEMA @schema@ GRANT INSERT ON TABLES TO pg_monitor", ["default privileges tables of <owner>: grants"], """[{"to":"pg_monitor","privileges":["insert","select"]}]"""),
        new("CREATE COLLATION german FROM \"C\"", ["unsupported collation german"]),
        new("CREATE CAST (address AS text) WITH INOUT", ["unsupported cast from address to text"]),
        new("DROP OPERATOR === (int, int)", ["unsupported operator ===(integer,integer)"]),

        // tables
        new("ALTER TABLE stray SET UNLOGGED", ["table stray: unlogged"], "true"),
        new("ALTER TABLE invoice SET (fillfactor = 80)", ["table invoice: with"], """{"fillfactor": "80"}"""),
        new("ALTER TABLE account SET (toast.autovacuum_enabled = false)", ["table account: with"], """{"toast.autovacuum_enabled": "false"}"""),
        new("ALTER TABLE account REPLICA IDENTITY FULL", ["table account: replica_identity"], "full"),
        new("ALTER TABLE account REPLICA IDENTITY NOTHING", ["table account: replica_identity"], "nothing"),
        new("ALTER TABLE account REPLICA IDENTITY USING INDEX account_email_key", ["constraint account.account_email_key: replica_identity"], "true"),
        new("ALTER TABLE account CLUSTER ON account_email_key", ["constraint account.account_email_key: cluster_on"], "true"),
        new("ALTER TABLE account ENABLE ROW LEVEL SECURITY", ["table account: row_security"], "true"),
        new("ALTER TABLE account FORCE ROW LEVEL SECURITY", ["table account: row_security_forced"], "true"),
        new("ALTER TABLE event_old OWNER TO pg_monitor", ["table event_old: owner"], "pg_monitor"),
        new("GRANT UPDATE ON account TO pg_monitor WITH GRANT OPTION", ["table account: grants"], """[{"to":"pg_monitor","privileges":["update"],"with_grant_option":true}, {"to":"pg_monitor","privileges":["select"]}]"""),
        new("REVOKE SELECT ON account FROM pg_monitor", ["table account: grants"], ""),
        new("GRANT SELECT ON stray TO public", ["table stray: grants"], """[{"to":"public","privileges":["select"]}]"""),
        new("COMMENT ON TABLE account IS 'Who pays'", ["table account: comment"], "Who pays"),
        new("ALTER TABLE child NO INHERIT parent", ["table child: inherits", "column child.a: inherited"]),
        new("ALTER TABLE event ATTACH PARTITION event_apart FOR VALUES FROM ('2021-01-01') TO ('2022-01-01')", ["table event_apart: partition_of", "table event_apart: values", "column event_apart.id: inherited", "column event_apart.day: inherited", "column event_apart.note: inherited", "index event_apart.event_apart_day_idx"]),
        new("CREATE TABLE more (a int) PARTITION BY HASH (a)", ["table more", "column more.a"]),
        new("ALTER TABLE stray ADD c int", ["column stray.c"]),

        new("UPDATE pg_inherits SET inhdetachpending = true WHERE inhrelid = 'event_old'::regclass", ["table event_old: detach_pending"], "true"),
        new("ALTER TABLE stray SET ACCESS METHOD heap_too", ["table stray: access_method"], "heap_too"),
        new("ALTER TABLE stray SET TABLESPACE snapshot_space", ["table stray: tablespace"], "snapshot_space"),
        new("CREATE TYPE stray_type AS (a int, b int); ALTER TABLE stray OF stray_type", ["composite type stray_type", "table stray: of_type"]),
        new("ALTER TABLE stray INHERIT parent", ["table stray: inherits", "column stray.a: inherited", "column stray.a: local"]),
        new("ALTER TABLE event DETACH PARTITION event_rest", [
            "table event_rest: partition_of", "table event_rest: values", "column event_rest.id: inherited", "column event_rest.day: inherited", "column event_rest.note: inherited", "index event_rest.event_rest_day_idx: inherited"]),

        // columns
        new("ALTER TABLE account ALTER code TYPE text COLLATE \"POSIX\"", ["column account.code: collation"], "\"POSIX\""),
        new("ALTER TABLE stray ALTER b TYPE varchar(50)", ["column stray.b: type"], "character varying(50)"),
        new("ALTER TABLE account ALTER name SET DEFAULT 'x'", ["column account.name: default"], "'x'::character varying"),
        new("ALTER TABLE account ALTER feeling SET DEFAULT 'sad'", ["column account.feeling: default"], "'sad'::mood"),
        new("ALTER TABLE account ALTER feeling DROP DEFAULT", ["column account.feeling: default"], ""),
        new("ALTER TABLE account ALTER id SET GENERATED ALWAYS", ["column account.id: identity"], "always"),
        new("ALTER TABLE account ALTER id DROP IDENTITY", ["column account.id: identity"]),
        new("ALTER TABLE account ALTER id SET INCREMENT 10", ["identity sequence account.id"]),
        new("GRANT USAGE ON SEQUENCE account_id_seq TO pg_monitor", ["identity sequence account.id"]),
        new("ALTER TABLE account ALTER length DROP EXPRESSION", ["column account.length: generated"], ""),
        new("ALTER TABLE account DROP length, ADD length int GENERATED ALWAYS AS (length(email)) VIRTUAL", ["column account.length: stored"], "false", 18),
        new("ALTER TABLE account ALTER name SET NOT NULL", ["column account.name: nullable"], "false"),
        new("ALTER TABLE account ALTER email DROP NOT NULL", ["column account.email: nullable"], ""),
        new("ALTER TABLE account ALTER email DROP NOT NULL, ADD CONSTRAINT other_name NOT NULL email", [], null, 18),
        new("ALTER TABLE account ALTER code SET COMPRESSION pglz", ["column account.code: compression"], "pglz"),
        new("ALTER TABLE account ALTER code SET STORAGE EXTERNAL", ["column account.code: storage"], "external"),
        new("ALTER TABLE account ALTER code SET STATISTICS 500", ["column account.code: statistics"], "500"),
        new("ALTER TABLE account ALTER code SET (n_distinct = -0.2)", ["column account.code: with"], """{"n_distinct": "-0.2"}"""),
        new("COMMENT ON COLUMN account.email IS 'x'", ["column account.email: comment"], "x"),
        new("GRANT UPDATE (name) ON account TO pg_monitor", ["column account.name: grants"], """[{"to":"pg_monitor","privileges":["update"]}]"""),
        new("ALTER TABLE event_old ALTER note SET DEFAULT 'old'", ["column event_old.note: default"], "'old'::text"),

        // constraints
        new("ALTER TABLE account DROP CONSTRAINT account_email_key, ADD UNIQUE (email) DEFERRABLE", ["constraint account.account_email_key: deferrable"], "true"),
        new("ALTER TABLE account DROP CONSTRAINT account_email_key, ADD UNIQUE NULLS NOT DISTINCT (email)", ["constraint account.account_email_key: nulls_not_distinct"], "true"),
        new("ALTER TABLE account DROP CONSTRAINT account_email_key, ADD CONSTRAINT account_email_key UNIQUE (email) INCLUDE (name)", ["constraint account.account_email_key: include"], "[\"name\"]"),
        new("ALTER TABLE account DROP CONSTRAINT account_email_key, ADD UNIQUE (email) WITH (fillfactor = 60)", ["constraint account.account_email_key: with"], """{"fillfactor": "60"}"""),
        new("ALTER TABLE account DROP CONSTRAINT account_email_key, ADD UNIQUE (email) USING INDEX TABLESPACE snapshot_space", ["constraint account.account_email_key: tablespace"], "snapshot_space"),
        new("ALTER TABLE invoice DROP CONSTRAINT invoice_pkey, ADD CONSTRAINT invoice_pkey PRIMARY KEY (account, id)", ["constraint invoice.invoice_pkey: primary_key"]),
        new("ALTER TABLE invoice ALTER CONSTRAINT invoice_account_fkey DEFERRABLE", ["constraint invoice.invoice_account_fkey: deferrable"], "true"),
        new("ALTER TABLE invoice ALTER CONSTRAINT invoice_account_fkey DEFERRABLE INITIALLY DEFERRED", ["constraint invoice.invoice_account_fkey: deferrable", "constraint invoice.invoice_account_fkey: initially_deferred"]),
        new("ALTER TABLE invoice DROP CONSTRAINT invoice_account_fkey, ADD FOREIGN KEY (account) REFERENCES account ON DELETE SET NULL (account)", ["constraint invoice.invoice_account_fkey: references"], """{"table": "account", "columns": ["id"], "on_delete": "set null", "set_columns": ["account"]}"""),
        new("ALTER TABLE invoice DROP CONSTRAINT invoice_account_fkey, ADD FOREIGN KEY (account) REFERENCES account MATCH FULL ON UPDATE RESTRICT", ["constraint invoice.invoice_account_fkey: references"], """{"table": "account", "columns": ["id"], "on_update": "restrict", "match": "full"}"""),
        new("ALTER TABLE invoice DROP CONSTRAINT invoice_account_fkey, ADD FOREIGN KEY (account) REFERENCES account ON DELETE CASCADE NOT VALID", ["constraint invoice.invoice_account_fkey: not_valid"], "true"),
        new("ALTER TABLE invoice ALTER CONSTRAINT invoice_account_fkey NOT ENFORCED", ["constraint invoice.invoice_account_fkey: not_enforced", "constraint invoice.invoice_account_fkey: not_valid"], null, 18),
        new("ALTER TABLE invoice DISABLE TRIGGER ALL", ["constraint invoice.invoice_account_fkey: triggers", "trigger invoice.checked: enabled"]),
        new("ALTER TABLE invoice DROP CONSTRAINT invoice_total_check, ADD CHECK (total >= 1)", ["constraint invoice.invoice_total_check: check"], "(total >= (1)::numeric)"),
        new("ALTER TABLE invoice DROP CONSTRAINT invoice_total_check, ADD CHECK (total >= 0) NO INHERIT", ["constraint invoice.invoice_total_check: no_inherit"], "true"),
        new("ALTER TABLE invoice DROP CONSTRAINT invoice_total_check, ADD CHECK (total >= 0) NOT VALID", ["constraint invoice.invoice_total_check: not_valid"], "true"),
        new("ALTER TABLE invoice DROP CONSTRAINT invoice_total_check, ADD CHECK (total >= 0) NOT ENFORCED", ["constraint invoice.invoice_total_check: not_enforced", "constraint invoice.invoice_total_check: not_valid"], null, 18),
        new("ALTER TABLE invoice ADD CHECK (total >= 0)", ["constraint invoice.invoice_total_check1"]),
        new("ALTER TABLE invoice DROP CONSTRAINT invoice_total_check, ADD CONSTRAINT invoice_total_check7 CHECK (total >= 0)", []),
        new("ALTER TABLE account DROP CONSTRAINT account_email_check, ADD CHECK (email <> '')", []),
        new("ALTER TABLE invoice DROP CONSTRAINT apart, ADD CONSTRAINT apart EXCLUDE USING gist (during WITH &&) WHERE (total > 0)", ["constraint invoice.apart: exclude"], "EXCLUDE USING gist (during WITH &&) WHERE ((total > (0)::numeric))"),
        new("ALTER TABLE invoice DROP CONSTRAINT apart, ADD CONSTRAINT apart EXCLUDE USING gist (during WITH &&) DEFERRABLE INITIALLY DEFERRED", ["constraint invoice.apart: deferrable", "constraint invoice.apart: initially_deferred"]),
        new("COMMENT ON CONSTRAINT apart ON invoice IS 'x'", ["constraint invoice.apart: comment"], "x"),
        new("ALTER TABLE invoice ADD other int4range, ADD CONSTRAINT periods UNIQUE (other, during WITHOUT OVERLAPS)", ["column invoice.other", "constraint invoice.periods"], null, 18),
        new("ALTER TABLE invoice ADD CONSTRAINT total_there NOT NULL order_of NOT VALID", ["column invoice.order_of: nullable", "constraint invoice.total_there"], null, 18),

        new("ALTER TABLE event ADD PRIMARY KEY (id, day)", [
            "column event.id: nullable", "column event_old.id: nullable", "column event_rest.id: nullable", "constraint event.event_pkey", "constraint event_old.event_old_pkey", "constraint event_rest.event_rest_pkey"]),
        new("ALTER TABLE event_old ADD UNIQUE (id, day), ADD CHECK (id > 0) NO INHERIT", ["constraint event_old.event_old_id_day_key", "constraint event_old.event_old_id_check"]),
        new("ALTER TABLE event ADD CHECK (id > 0)", ["constraint event.event_id_check", "constraint event_old.event_id_check", "constraint event_rest.event_id_check"]),

        // indexes
        new("DROP INDEX invoice_search; CREATE INDEX invoice_search ON invoice (account DESC, lower(total::text))", ["index invoice.invoice_search: columns"], """[{"column":"account","order":"desc"}, {"expression":"lower((total)::text)"}]"""),
        new("DROP INDEX invoice_search; CREATE INDEX invoice_search ON invoice (account, lower(total::text) COLLATE \"C\" text_pattern_ops NULLS FIRST)", ["index invoice.invoice_search: columns"], """["account", {"expression":"lower((total)::text)","collation":"\"C\"","opclass":"text_pattern_ops","nulls":"first"}]"""),
        new("DROP INDEX invoice_search; CREATE INDEX invoice_search ON invoice (account, lower(total::text)) INCLUDE (id)", ["index invoice.invoice_search: include"], "[\"id\"]"),
        new("DROP INDEX invoice_search; CREATE UNIQUE INDEX invoice_search ON invoice (account, lower(total::text))", ["index invoice.invoice_search: unique"], "true"),
        new("DROP INDEX turnover_key; CREATE UNIQUE INDEX turnover_key ON turnover (account) NULLS NOT DISTINCT", ["index turnover.turnover_key: nulls_not_distinct"], "true"),
        new("DROP INDEX turnover_key; CREATE INDEX turnover_key ON turnover USING hash (account)", ["index turnover.turnover_key: method", "index turnover.turnover_key: unique"]),
        new("DROP INDEX invoice_search; CREATE INDEX invoice_search ON invoice (account, lower(total::text)) WHERE id > 1", ["index invoice.invoice_search: where"], "(id > 1)"),
        new("ALTER INDEX invoice_search SET (fillfactor = 60)", ["index invoice.invoice_search: with"], """{"fillfactor": "60"}"""),
        new("ALTER INDEX invoice_search ALTER 2 SET STATISTICS 77", ["index invoice.invoice_search: statistics"], """{"2": 77}"""),
        new("DROP INDEX invoice_search; CREATE INDEX invoice_search ON invoice (account, lower(total::text)) TABLESPACE snapshot_space", ["index invoice.invoice_search: tablespace"], "snapshot_space"),
        new("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'invoice_search'::regclass", ["index invoice.invoice_search: invalid"], "true"),
        new("CREATE INDEX event_note ON ONLY event (note)", ["index event.event_note"]),
        new("COMMENT ON INDEX invoice_search IS 'x'", ["index invoice.invoice_search: comment"], "x"),
        new("ALTER INDEX invoice_total_idx RENAME TO invoice_total_idx3", []),
        new("CREATE INDEX ON invoice (total)", ["index invoice.invoice_total_idx1"]),

        // sequences
        new("ALTER SEQUENCE ticket INCREMENT 3", ["sequence ticket: increment"], "3"),
        new("ALTER SEQUENCE ticket MINVALUE -5", ["sequence ticket: minvalue", "sequence ticket: start"]),
        new("ALTER SEQUENCE ticket MAXVALUE 99", ["sequence ticket: maxvalue"], "99"),
        new("ALTER SEQUENCE ticket START 9", ["sequence ticket: start"], "9"),
        new("ALTER SEQUENCE ticket CACHE 9", ["sequence ticket: cache"], "9"),
        new("ALTER SEQUENCE ticket CYCLE", ["sequence ticket: cycle"], "true"),
        new("ALTER SEQUENCE ticket AS smallint", ["sequence ticket: type"], "smallint"),
        new("ALTER SEQUENCE ticket OWNED BY stray.a", ["sequence ticket: owned_by"], """{"table": "stray", "column": "a"}"""),
        new("ALTER SEQUENCE ticket RESTART 50; SELECT nextval('ticket')", []),
        new("ALTER SEQUENCE ticket SET UNLOGGED", ["sequence ticket: unlogged"], "true"),
        new("ALTER SEQUENCE ticket OWNER TO pg_monitor", ["sequence ticket: owner"], "pg_monitor"),
        new("COMMENT ON SEQUENCE ticket IS 'x'", ["sequence ticket: comment"], "x"),
        new("GRANT USAGE ON SEQUENCE ticket TO pg_monitor", ["sequence ticket: grants"], """[{"to":"pg_monitor","privileges":["usage"]}]"""),

        // views
        new("CREATE OR REPLACE VIEW rich WITH (security_barrier) AS SELECT a.id, a.feeling, i.total FROM account a JOIN invoice i ON i.account = a.id WHERE i.id > 1", ["view rich: query"]),
        new("ALTER VIEW rich SET (security_barrier = false)", ["view rich: with"], """{"security_barrier": "false"}"""),
        new("CREATE VIEW checked AS SELECT * FROM stray WITH LOCAL CHECK OPTION", ["view checked"]),
        new("ALTER VIEW rich ALTER id SET DEFAULT 3", ["column rich.id"]),
        new("COMMENT ON COLUMN rich.id IS 'x'", ["column rich.id"]),
        new("COMMENT ON VIEW rich IS 'x'", ["view rich: comment"], "x"),
        new("REFRESH MATERIALIZED VIEW turnover WITH NO DATA", ["materialized view turnover: with_data"], "false"),
        new("ALTER MATERIALIZED VIEW turnover SET (fillfactor = 60)", ["materialized view turnover: with"], """{"fillfactor": "60"}"""),
        new("GRANT SELECT ON turnover TO public", ["materialized view turnover: grants"], """[{"to":"public","privileges":["select"]}]"""),

        new("ALTER VIEW rich OWNER TO pg_monitor", ["view rich: owner"], "pg_monitor"),
        new("ALTER MATERIALIZED VIEW turnover SET TABLESPACE snapshot_space", ["materialized view turnover: tablespace"], "snapshot_space"),
        new("ALTER MATERIALIZED VIEW turnover CLUSTER ON turnover_key", ["index turnover.turnover_key: cluster_on"], "true"),
        new("ALTER MATERIALIZED VIEW turnover ALTER total SET STATISTICS 5", ["column turnover.total"]),
        new("ALTER MATERIALIZED VIEW turnover ALTER total SET (n_distinct = 5); COMMENT ON COLUMN turnover.total IS 'x'", ["column turnover.total"]),
        new("ALTER MATERIALIZED VIEW turnover ALTER total SET STORAGE EXTERNAL", ["column turnover.total"]),
        new("ALTER MATERIALIZED VIEW turnover ALTER total SET COMPRESSION pglz", ["column turnover.total"]),

        // routines
        new("CREATE OR REPLACE FUNCTION numbers() RETURNS SETOF int LANGUAGE plpgsql AS 'BEGIN RETURN NEXT 2; END'", ["function numbers(): body"], "BEGIN RETURN NEXT 2; END"),
        new("ALTER FUNCTION numbers() STABLE", ["function numbers(): volatility"], "stable"),
        new("ALTER FUNCTION numbers() IMMUTABLE", ["function numbers(): volatility"], "immutable"),
        new("ALTER FUNCTION numbers() STRICT", ["function numbers(): strict"], "true"),
        new("ALTER FUNCTION numbers() LEAKPROOF", ["function numbers(): leakproof"], "true"),
        new("ALTER FUNCTION numbers() SECURITY DEFINER", ["function numbers(): security"], "definer"),
        new("ALTER FUNCTION numbers() PARALLEL SAFE", ["function numbers(): parallel"], "safe"),
        new("ALTER FUNCTION numbers() COST 5", ["function numbers(): cost"], "5"),
        new("ALTER FUNCTION numbers() ROWS 5", ["function numbers(): rows"], "5"),
        new("ALTER FUNCTION numbers() SET search_path = pg_catalog, @schema@", ["function numbers(): set"], """{"search_path": "pg_catalog, <schema>"}"""),
        new("ALTER FUNCTION numbers() SET work_mem = '1MB'", ["function numbers(): set"], """{"work_mem": "1MB"}"""),
        new("REVOKE EXECUTE ON FUNCTION numbers() FROM public", ["function numbers(): revokes"], """[{"to":"public","privileges":["execute"]}]"""),
        new("COMMENT ON FUNCTION price(int, text) IS 'x'", ["function price(integer, text): comment"], "x"),
        new("CREATE OR REPLACE FUNCTION first_account() RETURNS bigint RETURN (SELECT id FROM account LIMIT 1)", ["function first_account(): sql_body"]),
        new("DROP FUNCTION numbers(); CREATE FUNCTION numbers() RETURNS SETOF bigint LANGUAGE plpgsql AS 'BEGIN RETURN NEXT 1; END'", ["function numbers(): returns"], "SETOF bigint"),
        new("CREATE OR REPLACE FUNCTION numbers() RETURNS SETOF int LANGUAGE sql AS 'SELECT 1'", ["function numbers(): body", "function numbers(): language"]),
        new("DROP PROCEDURE clean(int); CREATE PROCEDURE clean(weeks int) LANGUAGE plpgsql AS $$ BEGIN DELETE FROM @schema@.event WHERE day < current_date - days; END $$", ["procedure clean(integer): arguments"], "IN weeks integer"),
        new("ALTER FUNCTION numbers() OWNER TO pg_monitor", ["function numbers(): owner"], "pg_monitor"),
        new("ALTER FUNCTION numbers() SUPPORT generate_series_int4_support", ["function numbers(): support"], "generate_series_int4_support"),
        new("CREATE OR REPLACE AGGREGATE total_of(int) (sfunc = int4pl, stype = int, initcond = '0', parallel = safe)", ["aggregate total_of(integer): parallel"], "safe"),
        new("CREATE OR REPLACE AGGREGATE total_of(int) (sfunc = int4pl, stype = int, initcond = '0', sspace = 64)", ["aggregate total_of(integer): sspace"], "64"),
        new("CREATE OR REPLACE AGGREGATE total_of(int) (sfunc = int4pl, stype = int, initcond = '0', combinefunc = int4pl)", ["aggregate total_of(integer): combinefunc"], "int4pl"),
        new("CREATE OR REPLACE AGGREGATE total_of(int) (sfunc = int4pl, stype = int, initcond = '0', finalfunc = int4abs)", ["aggregate total_of(integer): finalfunc"], "int4abs"),
        new("CREATE OR REPLACE AGGREGATE total_of(int) (sfunc = int4larger, stype = int, initcond = '0', sortop = >)", ["aggregate total_of(integer): sfunc", "aggregate total_of(integer): sortop"]),
        new("CREATE OR REPLACE AGGREGATE total_of(int) (sfunc = int4pl, stype = int, initcond = '0', msfunc = int4pl, minvfunc = int4mi, mstype = int, minitcond = '0')", [
            "aggregate total_of(integer): minitcond", "aggregate total_of(integer): minvfunc", "aggregate total_of(integer): msfunc", "aggregate total_of(integer): mstype"]),
        new("ALTER PROCEDURE clean(int) SECURITY DEFINER", ["procedure clean(integer): security"], "definer"),
        new("CREATE OR REPLACE AGGREGATE total_of(int) (sfunc = int4pl, stype = int, initcond = '1')", ["aggregate total_of(integer): initcond"], "1"),
        new("CREATE FUNCTION numbers(mood[]) RETURNS int LANGUAGE sql AS 'SELECT 1'", ["function numbers(mood[])"]),

        // triggers, rules, policies
        new("ALTER TABLE account DISABLE TRIGGER noted", ["trigger account.noted: enabled"], "false"),
        new("ALTER TABLE account ENABLE ALWAYS TRIGGER noted", ["trigger account.noted: enabled"], "always"),
        new("ALTER TABLE account ENABLE REPLICA TRIGGER noted", ["trigger account.noted: enabled"], "replica"),
        new("CREATE OR REPLACE TRIGGER noted BEFORE INSERT OR DELETE OR UPDATE OF name, email ON account FOR EACH ROW EXECUTE FUNCTION note_change('a\\000', 'ü', '')", ["trigger account.noted: events", "trigger account.noted: when"]),
        new("CREATE OR REPLACE TRIGGER noted AFTER INSERT OR UPDATE OF name, email ON account FOR EACH ROW WHEN (NEW.id > 0) EXECUTE FUNCTION note_change('a\\000', 'ü', '')", ["trigger account.noted: timing"], "after"),
        new("CREATE OR REPLACE TRIGGER noted BEFORE INSERT OR UPDATE OF email ON account FOR EACH ROW WHEN (NEW.id > 0) EXECUTE FUNCTION note_change('a\\000', 'ü', '')", ["trigger account.noted: events"], """["insert", {"update": ["email"]}]"""),
        new("CREATE OR REPLACE TRIGGER noted BEFORE INSERT OR UPDATE OF name, email ON account FOR EACH ROW WHEN (NEW.id > 1) EXECUTE FUNCTION note_change('a\\000', 'ü', '')", ["trigger account.noted: when"], "(new.id > 1)"),
        new("CREATE OR REPLACE TRIGGER noted BEFORE INSERT OR UPDATE OF name, email ON account FOR EACH ROW WHEN (NEW.id > 0) EXECUTE FUNCTION note_change('\\\\', 'ü', '')", ["trigger account.noted: arguments"], """["\\\\", "ü", ""]"""),
        new("CREATE TRIGGER counted AFTER UPDATE ON account REFERENCING OLD TABLE AS was NEW TABLE AS now FOR EACH STATEMENT EXECUTE FUNCTION note_change()", ["trigger account.counted"]),
        new("DROP TRIGGER checked ON invoice; CREATE CONSTRAINT TRIGGER checked AFTER INSERT ON invoice DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION note_change()", ["trigger invoice.checked: initially_deferred"], "true"),
        new("CREATE TRIGGER all_parts AFTER INSERT ON event FOR EACH ROW EXECUTE FUNCTION note_change()", ["trigger event.all_parts", "trigger event_old.all_parts", "trigger event_rest.all_parts"]),
        new("COMMENT ON RULE noted ON parent IS 'x'", ["rule parent.noted: comment"], "x"),
        new("COMMENT ON POLICY own ON account IS 'x'", ["policy account.own: comment"], "x"),
        new("COMMENT ON TRIGGER noted ON account IS 'x'", ["trigger account.noted: comment"], "x"),
        new("CREATE OR REPLACE RULE noted AS ON DELETE TO parent DO ALSO NOTIFY lost", ["rule parent.noted: definition"]),
        new("ALTER TABLE parent DISABLE RULE noted", ["rule parent.noted: enabled"], "false"),
        new("ALTER POLICY own ON account USING (id > 2)", ["policy account.own: using"], "(id > 2)"),
        new("ALTER POLICY own ON account TO CURRENT_USER", ["policy account.own: to"], "[\"<owner>\"]"),
        new("DROP POLICY own ON account; CREATE POLICY own ON account AS RESTRICTIVE FOR SELECT TO pg_monitor USING (id > 1)", ["policy account.own: as"], "restrictive"),
        new("DROP POLICY own ON account; CREATE POLICY own ON account FOR UPDATE TO pg_monitor USING (id > 1)", ["policy account.own: for"], "update"),
        new("DROP POLICY own ON account; CREATE POLICY own ON account TO pg_monitor USING (id > 1) WITH CHECK (id > 3)", ["policy account.own: for", "policy account.own: with_check"]),

        // types
        new("ALTER TYPE mood ADD VALUE 'glad' BEFORE 'ok'", ["enum mood: values"], """["sad", "glad", "ok"]"""),
        new("ALTER TYPE address ADD ATTRIBUTE city text", ["composite type address: attributes"], """[{"name":"street","type":"text","collation":"\"C\""}, {"name":"number","type":"integer"}, {"name":"city","type":"text"}]"""),
        new("COMMENT ON COLUMN address.street IS 'x'", ["attribute address.street"]),
        new("ALTER DOMAIN amount SET DEFAULT 1", ["domain amount: default"], "1"),
        new("ALTER DOMAIN amount SET NOT NULL", ["domain amount: nullable"], "false"),
        new("ALTER DOMAIN amount DROP CONSTRAINT amount_positive; ALTER DOMAIN amount ADD CONSTRAINT amount_positive CHECK (VALUE >= 0) NOT VALID", ["domain constraint amount.amount_positive: not_valid"], "true"),
        new("ALTER DOMAIN amount DROP CONSTRAINT amount_positive", ["domain constraint amount.amount_positive"]),
        new("COMMENT ON CONSTRAINT amount_positive ON DOMAIN amount IS 'x'", ["domain constraint amount.amount_positive: comment"], "x"),
        new("DROP TYPE span; CREATE TYPE span AS RANGE (subtype = numeric, multirange_type_name = spans)", ["range type span: multirange"], "spans"),
        new("DROP TYPE span; CREATE TYPE span AS RANGE (subtype = text, collation = \"C\")", ["range type span: collation", "range type span: subtype"]),
        new("GRANT USAGE ON TYPE mood TO pg_monitor", ["enum mood: grants"], """[{"to":"pg_monitor","privileges":["usage"]}]"""),
        new("CREATE TYPE hours_range AS RANGE (subtype = numeric); DROP TYPE span", ["range type hours_range", "range type span"]),
        new("ALTER TYPE mood OWNER TO pg_monitor", ["enum mood: owner"], "pg_monitor"),
        new("ALTER TABLE account DROP balance; DROP DOMAIN amount; CREATE DOMAIN amount AS text COLLATE \"C\"", ["column account.balance", "domain amount: collation", "domain amount: default", "domain amount: type", "domain constraint amount.amount_positive"]),
        new("CREATE DOMAIN feeling AS mood DEFAULT 'ok'", ["domain feeling"]),
        new("COMMENT ON TYPE mood IS 'x'", ["enum mood: comment"], "x"),

        // what is left
        new("ALTER STATISTICS account_place SET STATISTICS 50", ["statistics account_place: target"], "50"),
        new("DROP STATISTICS account_place; CREATE STATISTICS account_place (mcv) ON name, code FROM account", ["statistics account_place: kinds"], "[\"mcv\"]"),
        new("DROP STATISTICS account_place; CREATE STATISTICS account_place ON name, lower(code) FROM account", ["statistics account_place: columns"], """["name", {"expression":"lower(code)"}]"""),
        new("COMMENT ON STATISTICS account_place IS 'x'", ["statistics account_place: comment"], "x"),
        new("ALTER STATISTICS account_place OWNER TO pg_monitor", ["statistics account_place: owner"], "pg_monitor"),
        new("ALTER FOREIGN TABLE remote OPTIONS (ADD x 'y')", ["foreign table remote: options"], """{"x": "y"}"""),
        new("ALTER FOREIGN TABLE remote ALTER name OPTIONS (ADD x 'y')", ["column remote.name: options"], """{"x": "y"}"""),
        new("CREATE FOREIGN TABLE farther (id int OPTIONS (x 'y', z 'a')) SERVER elsewhere OPTIONS (x 'y', z 'it''s')", ["column farther.id", "foreign table farther"]),
        new("ALTER FOREIGN TABLE remote ADD more int", ["column remote.more"]),
    ];

    /// <summary>The changes, to name a test by.</summary>
    internal static TheoryData<string> Changes => new(Cases.Select(static item => item.Sql));

    /// <summary>The one with a change.</summary>
    internal static SnapshotCase Of(string sql) => Cases.Single(item => item.Sql == sql);
}
