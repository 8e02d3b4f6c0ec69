-- What of these objects lay in other schemas before the transaction, and is not declared: what was dropped or moved cannot be resolved any more. Asks the caller's cursor tenancy_before, whose snapshot
-- still sees the old rows; once a transaction.
CREATE OR REPLACE FUNCTION @history@.outside_before(
  p_schemas text[], p_classes bigint[], p_objects bigint[], p_touch_schemas text[], p_touch_names text[], p_touch_database boolean)
RETURNS TABLE (class_oid bigint, object_oid bigint, object_schema text, object_name text)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $outside_before$
DECLARE
  v_before refcursor := 'tenancy_before';
BEGIN
  PERFORM set_config('tenancy.classes', p_classes::text, true), set_config('tenancy.objects', p_objects::text, true);
  LOOP
    FETCH v_before INTO class_oid, object_oid, object_schema, object_name;
    EXIT WHEN NOT FOUND;
    IF (CASE WHEN object_schema IS NULL THEN NOT p_touch_database
        ELSE object_schema <> ALL (p_schemas) AND object_schema <> 'pg_toast' AND object_schema !~ '^pg_(toast_)?temp_'
          AND NOT @history@.is_declared(object_schema::name, object_name::name, p_touch_schemas, p_touch_names) END) THEN
      RETURN NEXT;
    END IF;
  END LOOP;
END
$outside_before$;

-- Raises where a change of the transaction lies outside the schemas and is not declared. p_has_history, p_are_new: as in prove.
CREATE OR REPLACE FUNCTION @history@.assert_placement_in(
  p_schemas oid[], p_has_history boolean, p_are_new boolean, p_touch_schemas text[], p_touch_names text[], p_touch_database boolean)
RETURNS void LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $assert_placement_in$
DECLARE
  v_suspect record;
  v_outside text[] := '{}';
  v_verdicts text[] := '{}';
  v_classes bigint[] := '{}';
  v_objects bigint[] := '{}';
BEGIN
  FOR v_suspect IN SELECT * FROM @history@.prove(p_schemas, p_has_history, p_are_new, p_touch_schemas, p_touch_names, p_touch_database) LOOP
    IF v_suspect.verdict = 'outside' THEN
      v_outside := array_append(v_outside, CASE WHEN v_suspect.object_schema IS NULL THEN v_suspect.object_name || ' (in no schema)' ELSE concat(v_suspect.object_schema, '.', v_suspect.object_name) END);
    ELSE
      v_verdicts := array_append(v_verdicts, v_suspect.verdict);
      v_classes := array_append(v_classes, v_suspect.class_oid::bigint);
      v_objects := array_append(v_objects, coalesce(v_suspect.object_oid::bigint, 0));
    END IF;
  END LOOP;

  IF v_classes <> '{}' THEN
    FOR v_suspect IN
      SELECT DISTINCT o.object_schema, o.object_name, u.verdict
        FROM @history@.outside_before(ARRAY(SELECT n.nspname::text FROM pg_namespace n WHERE n.oid = ANY (p_schemas)), v_classes, v_objects, p_touch_schemas, p_touch_names, p_touch_database) o
        JOIN unnest(v_verdicts, v_classes, v_objects) AS u (verdict, class_oid, object_oid) USING (class_oid, object_oid)
    LOOP
      -- A table that was changed names what was dropped of it already.
      IF concat(v_suspect.object_schema, '.', v_suspect.object_name) <> ALL (v_outside) THEN
        v_outside := array_append(v_outside, CASE WHEN v_suspect.object_schema IS NULL THEN v_suspect.object_name || ' (in no schema)'
          ELSE concat(v_suspect.object_schema, '.', v_suspect.object_name, CASE v_suspect.verdict WHEN 'dropped' THEN ' (dropped)' ELSE ' (moved away)' END) END);
      END IF;
    END LOOP;
  END IF;

  IF v_outside <> '{}' THEN
    RAISE EXCEPTION USING ERRCODE = 'TN014',
      MESSAGE = 'changed what lies outside its schema and was rolled back: ' || (SELECT string_agg(DISTINCT o COLLATE "C", ', ' ORDER BY o COLLATE "C") FROM unnest(v_outside) o);
  END IF;
END
$assert_placement_in$;

-- The same for a transaction on one schema, with what the proof rests on.
CREATE OR REPLACE FUNCTION @history@.assert_placement(
  p_schema_oid oid, p_current_schema name, p_touch_schemas text[], p_touch_names text[], p_touch_database boolean)
RETURNS void LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $assert_placement$
DECLARE
  v_done text;
BEGIN
  -- Expressions, as in begin_work (session.sql).
  v_done := concat(@history@.assert_place(p_schema_oid, p_current_schema));
  v_done := concat(@history@.assert_placement_in(ARRAY[p_schema_oid], false, false, p_touch_schemas, p_touch_names, p_touch_database));
END
$assert_placement$;
