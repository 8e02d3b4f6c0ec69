-- One transaction that works on many schemas, a part each.

-- Which transaction of which backend this is.
CREATE OR REPLACE FUNCTION @history@.transaction_identity()
RETURNS text LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $transaction_identity$
BEGIN
  RETURN pg_backend_pid()::text || ':' || extract(epoch FROM transaction_timestamp())::text;
END
$transaction_identity$;

-- When the work on a schema started: its part where the transaction has several.
CREATE OR REPLACE FUNCTION @history@.work_started()
RETURNS timestamptz LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $work_started$
BEGIN
  RETURN coalesce(nullif(current_setting('tenancy.part', true), '')::timestamptz, transaction_timestamp());
END
$work_started$;

-- Changes counted so far in the tables of the history schema, which between two parts the engine alone writes to.
CREATE OR REPLACE FUNCTION @history@.history_changes()
RETURNS bigint[] LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $history_changes$
BEGIN
  RETURN ARRAY(SELECT pg_stat_get_xact_tuples_inserted(c.oid) + pg_stat_get_xact_tuples_updated(c.oid) + pg_stat_get_xact_tuples_deleted(c.oid)
    FROM pg_namespace n JOIN pg_class c ON c.relnamespace = n.oid
    WHERE n.nspname = @history_literal@ AND c.relname IN ('head', 'stage', 'history', 'tenant', 'revision_text', 'installation', 'run') ORDER BY c.relname);
END
$history_changes$;

-- Begins a part inside the transaction that was begun with p_identity: asserts that no other part has done anything in the schema (unless p_mark is null), and notes what the end of the part is compared with.
CREATE OR REPLACE FUNCTION @history@.begin_part(p_identity text, p_schema_oid oid, p_schema text, p_mark text, p_other_rows bigint)
RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $begin_part$
DECLARE
  v_mark text;
  v_other_rows bigint;
BEGIN
  IF p_identity <> @history@.transaction_identity() THEN
    RAISE EXCEPTION USING ERRCODE = 'TN007', MESSAGE = 'the transaction is not the one that was begun: a statement ended it';
  END IF;
  IF p_mark IS NOT NULL THEN
    SELECT m.mark, m.other_rows INTO v_mark, v_other_rows FROM @history@.marks(ARRAY[p_schema_oid]) m;
  END IF;
  IF v_mark <> p_mark OR v_other_rows < p_other_rows THEN
    RAISE EXCEPTION USING ERRCODE = 'TN010', MESSAGE = format('schema %I was changed by another tenant''s part of the transaction', p_schema), DETAIL = p_schema_oid::text;
  END IF;
  PERFORM @history@.start_proof(p_schema);
  PERFORM set_config('tenancy.history', @history@.history_changes()::text, true);
  PERFORM set_config('tenancy.part', clock_timestamp()::text, true);
END
$begin_part$;

-- Ends a part's statements: asserts what of the proof of placement belongs to the part, and raises where it wrote to the history. Where its other changes landed is proved once, at the end of the transaction.
CREATE OR REPLACE FUNCTION @history@.end_part(p_schema_oid oid, p_current_schema name)
RETURNS void LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $end_part$
BEGIN
  PERFORM @history@.assert_place(p_schema_oid, p_current_schema);
  IF @history@.history_changes()::text <> current_setting('tenancy.history', true) THEN
    RAISE EXCEPTION USING ERRCODE = 'TN014', MESSAGE = 'changed what lies outside its schema and was rolled back: a table of the history (' || @history_literal@ || ')';
  END IF;
END
$end_part$;

-- Closes what a part has opened, but not what the proof still needs: a cursor WITH HOLD would run its query at COMMIT, after the proof.
CREATE OR REPLACE FUNCTION @history@.close_cursors()
RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $close_cursors$
DECLARE
  v_name text;
BEGIN
  FOR v_name IN SELECT c.name FROM pg_cursors c WHERE c.name <> '' AND c.name !~ '^(tenancy_|<unnamed portal )' LOOP
    EXECUTE format('CLOSE %I', v_name);
  END LOOP;
END
$close_cursors$;
