-- Asserts that rows can be taken one batch after the other by the order of a key: a unique index of exactly these columns, none of them ever null. With equal or
-- missing keys rows would be passed over.
CREATE OR REPLACE FUNCTION @history@.assert_batch_key(p_schema text, p_table text, p_columns text[])
RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $assert_batch_key$
DECLARE
  v_table pg_class;
  v_fault text;
BEGIN
  SELECT c.* INTO v_table FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = p_schema AND c.relname = p_table;
  IF NOT FOUND THEN
    RETURN; -- The statement says so better.
  END IF;
  IF v_table.relkind NOT IN ('r', 'p') THEN
    v_fault := format('%I is no table', p_table);
  ELSIF v_table.relkind = 'r' AND EXISTS (SELECT FROM pg_inherits i WHERE i.inhparent = v_table.oid) THEN
    v_fault := format('tables inherit from %I, and a key does not hold for their rows', p_table);
  ELSE
    SELECT CASE WHEN a.attnum IS NULL THEN format('%I has no column %I', p_table, k.name) ELSE format('the column %I may be null', k.name) END INTO v_fault
      FROM unnest(p_columns) WITH ORDINALITY k (name, place)
      LEFT JOIN pg_attribute a ON a.attrelid = v_table.oid AND a.attname = k.name AND a.attnum > 0 AND NOT a.attisdropped
      WHERE a.attnotnull IS DISTINCT FROM true
        -- From PostgreSQL 18 on one may not have been validated.
        OR EXISTS (SELECT FROM pg_constraint n WHERE n.conrelid = v_table.oid AND n.contype = 'n' AND n.conkey = ARRAY[a.attnum] AND NOT n.convalidated)
      ORDER BY k.place LIMIT 1;
    IF v_fault IS NULL AND NOT EXISTS (
      SELECT FROM pg_index i
      WHERE i.indrelid = v_table.oid AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL AND i.indnkeyatts = cardinality(p_columns)
        AND ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = v_table.oid AND a.attnum = ANY ((i.indkey::int2[])[0:i.indnkeyatts - 1]) ORDER BY 1)
          = ARRAY(SELECT c FROM unnest(p_columns) c ORDER BY 1)) THEN
      v_fault := format('no primary key and no unique index of %I is of exactly %s', p_table, array_to_string(p_columns, ', '));
    END IF;
  END IF;
  IF v_fault IS NOT NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'TN009', MESSAGE = format('the key %s does not tell the rows of %I apart: %s', array_to_string(p_columns, ', '), p_table, v_fault);
  END IF;
END
$assert_batch_key$;

-- Notes how far a stage has come that commits in batches; in the transaction of the batch.
CREATE OR REPLACE FUNCTION @history@.record_position(p_fleet text, p_scope text, p_schema text, p_revision text, p_number integer, p_position text)
RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $record_position$
BEGIN
  UPDATE @history@.stage s SET position = p_position, changed_at = now()
    WHERE s.fleet = p_fleet AND s.scope = p_scope AND s.schema = p_schema AND s.revision = p_revision AND s.number = p_number AND s.outcome = 'started';
  IF NOT FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'TN005', MESSAGE = format('step %s of %s is not in progress on %I', p_number, p_revision, p_schema);
  END IF;
END
$record_position$;
