-- Writes the history row of a revision and moves its head; asserts that exactly the expected rows change.
CREATE OR REPLACE FUNCTION @history@.record_revision(
  p_run uuid, p_fleet text, p_scope text, p_schema text, p_schema_oid oid, p_tenant text, p_revision text,
  p_direction text, p_checksum text, p_tool text, p_remove text[], p_add text[], p_message text)
RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $record_revision$
DECLARE
  v_started timestamptz := @history@.work_started();
  v_removed integer := 0;
  v_has_stages boolean;
  v_is_registered boolean;
BEGIN
  IF cardinality(p_remove) = 1 AND cardinality(p_add) = 1 THEN
    -- The ordinary step, in one statement.
    UPDATE @history@.head h SET revision = p_add[1], schema_oid = p_schema_oid, changed_at = now()
      WHERE h.fleet = p_fleet AND h.scope = p_scope AND h.schema = p_schema AND h.revision = p_remove[1];
    GET DIAGNOSTICS v_removed = ROW_COUNT;
  ELSIF p_remove <> '{}' THEN
    DELETE FROM @history@.head h
      WHERE h.fleet = p_fleet AND h.scope = p_scope AND h.schema = p_schema AND h.revision = ANY (p_remove);
    GET DIAGNOSTICS v_removed = ROW_COUNT;
  END IF;
  IF v_removed <> cardinality(p_remove) THEN
    RAISE EXCEPTION USING ERRCODE = 'TN005',
      MESSAGE = format('expected to remove the heads %s of %I and removed %s', array_to_string(p_remove, ', '), p_schema, v_removed);
  END IF;

  IF cardinality(p_remove) <> 1 OR cardinality(p_add) <> 1 THEN
    INSERT INTO @history@.head (fleet, scope, schema, revision, schema_oid)
      SELECT p_fleet, p_scope, p_schema, r, p_schema_oid FROM unnest(p_add) r;
  END IF;
  SELECT EXISTS (SELECT FROM @history@.stage s WHERE s.fleet = p_fleet AND s.scope = p_scope AND s.schema = p_schema AND s.revision = p_revision),
      p_scope <> 'tenant' OR EXISTS (SELECT FROM @history@.tenant t WHERE t.fleet = p_fleet AND t.schema = p_schema)
    INTO v_has_stages, v_is_registered;
  IF v_has_stages THEN
    DELETE FROM @history@.stage s
      WHERE s.fleet = p_fleet AND s.scope = p_scope AND s.schema = p_schema AND s.revision = p_revision;
  END IF;
  INSERT INTO @history@.history (run, fleet, scope, schema, tenant, revision, direction, outcome, checksum, started_at, seconds, tool_version, message)
    VALUES (p_run, p_fleet, p_scope, p_schema, p_tenant, p_revision, p_direction, 'done', p_checksum,
      v_started, extract(epoch FROM clock_timestamp() - v_started), p_tool, p_message);

  IF NOT v_is_registered THEN
    INSERT INTO @history@.tenant (fleet, schema, name, schema_oid) VALUES (p_fleet, p_schema, p_tenant, p_schema_oid)
      ON CONFLICT DO NOTHING;
  END IF;
END
$record_revision$;

-- Marks a stage of a revision that takes several transactions.
CREATE OR REPLACE FUNCTION @history@.record_stage(
  p_run uuid, p_fleet text, p_scope text, p_schema text, p_schema_oid oid, p_tenant text, p_revision text,
  p_direction text, p_checksum text, p_tool text, p_number integer, p_description text, p_outcome text)
RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $record_stage$
BEGIN
  INSERT INTO @history@.stage AS s (fleet, scope, schema, revision, direction, number, outcome, description, checksum, schema_oid)
    VALUES (p_fleet, p_scope, p_schema, p_revision, p_direction, p_number, p_outcome, p_description, p_checksum, p_schema_oid)
    ON CONFLICT (fleet, scope, schema, revision, number) DO UPDATE
      SET outcome = EXCLUDED.outcome, checksum = EXCLUDED.checksum, position = NULL, changed_at = now();
  INSERT INTO @history@.history (run, fleet, scope, schema, tenant, revision, direction, step, outcome, checksum, started_at, seconds, tool_version)
    VALUES (p_run, p_fleet, p_scope, p_schema, p_tenant, p_revision, p_direction, p_number || ': ' || p_description, p_outcome, p_checksum,
      @history@.work_started(), extract(epoch FROM clock_timestamp() - @history@.work_started()), p_tool);
  IF p_scope = 'tenant' THEN
    INSERT INTO @history@.tenant (fleet, schema, name, schema_oid) VALUES (p_fleet, p_schema, p_tenant, p_schema_oid)
      ON CONFLICT DO NOTHING;
  END IF;
END
$record_stage$;
