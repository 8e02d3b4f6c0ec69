-- Keeps the catalog as it is before the statements: a cursor shows what its snapshot shows, also after the transaction has dropped it (manual, DECLARE). A second connection could do so too, but behind a pooler
-- two runs that hold one each would wait for each other. They read nothing until they are asked (assert_placement.sql, own_versions.sql), and end with the transaction.
CREATE OR REPLACE FUNCTION @history@.keep_before()
RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $keep_before$
DECLARE
  v_before refcursor := 'tenancy_before';
  v_columns refcursor := 'tenancy_columns';
BEGIN
  OPEN v_before NO SCROLL FOR
    SELECT o.class_oid::bigint, u.object, o.schema_name, o.object_name::text
      FROM ROWS FROM (unnest(nullif(current_setting('tenancy.classes', true), '')::bigint[]), unnest(nullif(current_setting('tenancy.objects', true), '')::bigint[])) AS u (class, object)
      CROSS JOIN LATERAL @history@.locate(u.class::oid, u.object::oid) o;
  OPEN v_columns NO SCROLL FOR
    SELECT ARRAY(SELECT c.a FROM unnest(nullif(current_setting('tenancy.relations', true), '')::oid[]) r (oid) CROSS JOIN LATERAL (SELECT a FROM pg_attribute a WHERE a.attrelid = r.oid OFFSET 0) c),
      ARRAY(SELECT c.t FROM unnest(nullif(current_setting('tenancy.relations', true), '')::oid[]) r (oid) CROSS JOIN LATERAL (SELECT t FROM pg_class t WHERE t.oid = r.oid OFFSET 0) c);
END
$keep_before$;

-- Begins work on one schema in the transaction that has just begun: every setting that keeps it from waiting without a limit, or from meaning something else than the manifest says; locks and state, where p_locks;
-- the start of the proof; the path. In one call, because each command costs the server as much as a small change.
-- No SET clause here: it would undo the settings at the function's end (manual, CREATE FUNCTION).
CREATE OR REPLACE FUNCTION @history@.begin_work(
  p_lock_timeout text, p_statement_timeout text, p_idle_timeout text, p_application text, p_locks boolean,
  p_fleet text, p_scope text, p_schema text, p_schema_oid oid, p_heads text[], p_stages text[], p_path text, p_current_schema text)
RETURNS void LANGUAGE plpgsql AS $begin_work$
DECLARE
  v_set text;
BEGIN
  -- The connection check ends a statement whose runner was killed; only Linux servers have it (manual, 20.3.2).
  v_set := pg_catalog.concat(
    pg_catalog.set_config('lock_timeout', p_lock_timeout, true), pg_catalog.set_config('statement_timeout', p_statement_timeout, true),
    pg_catalog.set_config('idle_in_transaction_session_timeout', p_idle_timeout, true), pg_catalog.set_config('application_name', p_application, true),
    pg_catalog.set_config('standard_conforming_strings', 'on', true), pg_catalog.set_config('row_security', 'off', true),
    CASE WHEN pg_catalog.version() OPERATOR(pg_catalog.~~) '%linux%' THEN pg_catalog.set_config('client_connection_check_interval', '2s', true) END,
    -- Since PostgreSQL 17: a role's limit would end the session, whatever a statement may take.
    CASE WHEN pg_catalog.current_setting('transaction_timeout', true) IS NOT NULL THEN pg_catalog.set_config('transaction_timeout', '0', true) END);
  -- Expressions, not PERFORM: that would be a query each (manual, 43.11.2).
  IF p_locks THEN
    v_set := pg_catalog.concat(@history@.enter(p_fleet, p_scope, p_schema, p_schema_oid, p_heads, p_stages, true));
  ELSE
    v_set := pg_catalog.concat(@history@.start_proof(p_schema));
  END IF;
  v_set := pg_catalog.concat(@history@.keep_before());
  v_set := pg_catalog.concat(@history@.use_path(p_path, p_current_schema));
END
$begin_work$;

-- Leaves nothing behind in the session: a temporary object, a lock, or a SET without LOCAL in a function that was called, would meet the next tenant, or a pooler's next client.
-- A cursor WITH HOLD would do worse: its query runs at COMMIT (manual, DECLARE), after the proof. No SET clause here either.
-- p_flushes: whether the COMMIT that follows waits for the disk, whatever the server, the database or the role says; where it waits for standbys too that stays.
CREATE OR REPLACE FUNCTION @history@.clean_session(p_flushes boolean)
RETURNS void LANGUAGE plpgsql AS $clean_session$
DECLARE
  v_set text;
BEGIN
  EXECUTE 'CLOSE ALL';
  v_set := pg_catalog.concat(pg_catalog.pg_advisory_unlock_all());
  DISCARD TEMP;
  RESET ALL;
  -- What the client asked for when it connected.
  v_set := pg_catalog.set_config('client_encoding', 'UTF8', false);
  -- Last: RESET ALL would undo it.
  IF NOT p_flushes THEN
    v_set := pg_catalog.set_config('synchronous_commit', 'off', true);
  ELSIF pg_catalog.current_setting('synchronous_commit') OPERATOR(pg_catalog.=) 'off' THEN
    v_set := pg_catalog.set_config('synchronous_commit', 'on', true);
  END IF;
END
$clean_session$;
