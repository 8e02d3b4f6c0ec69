-- Asserts that a schema is in the state that was planned for.
CREATE OR REPLACE FUNCTION @history@.assert_state(
  p_fleet text, p_scope text, p_schema text, p_schema_oid oid, p_heads text[], p_stages text[])
RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $assert_state$
DECLARE
  v_is_planned boolean;
  v_heads text[];
  v_is_other boolean;
  v_stages text[];
  v_removal timestamptz;
BEGIN
  -- One question suffices where everything is as it should be; what is not is said below.
  v_is_planned := p_stages = '{}'
    AND (SELECT count(*) = cardinality(p_heads) AND coalesce(bool_and(h.revision = ANY (p_heads) AND h.schema_oid = p_schema_oid), true)
      FROM @history@.head h WHERE h.fleet = p_fleet AND h.scope = p_scope AND h.schema = p_schema)
    AND NOT EXISTS (SELECT FROM @history@.stage s WHERE s.fleet = p_fleet AND s.scope = p_scope AND s.schema = p_schema)
    AND NOT EXISTS (SELECT FROM @history@.tenant t WHERE t.fleet = p_fleet AND t.schema = p_schema AND t.removal_begun IS NOT NULL);
  IF v_is_planned AND to_regnamespace(quote_ident(p_schema))::oid = p_schema_oid THEN
    RETURN;
  END IF;

  SELECT coalesce(array_agg(h.revision ORDER BY h.revision COLLATE "C"), '{}'), bool_or(h.schema_oid <> p_schema_oid),
      (SELECT t.removal_begun FROM @history@.tenant t WHERE t.fleet = p_fleet AND t.schema = p_schema AND t.schema_oid = p_schema_oid AND p_scope = 'tenant')
    INTO v_heads, v_is_other, v_removal
    FROM @history@.head h WHERE h.fleet = p_fleet AND h.scope = p_scope AND h.schema = p_schema;
  -- Only now: the cache that it asks is up to date once a table has been locked.
  IF to_regnamespace(quote_ident(p_schema))::oid IS DISTINCT FROM p_schema_oid THEN
    RAISE EXCEPTION USING ERRCODE = 'TN003',
      MESSAGE = format('schema %I is not the one that was planned for: it was dropped or made again meanwhile', p_schema);
  END IF;
  IF v_is_other THEN
    RAISE EXCEPTION USING ERRCODE = 'TN003',
      MESSAGE = format('schema %I was dropped and made again since history recorded where it is', p_schema);
  END IF;
  IF v_removal IS NOT NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'TN002', MESSAGE = format('schema %I is being removed since %s', p_schema, v_removal);
  END IF;

  v_stages := ARRAY(SELECT s.revision || ':' || s.direction || ':' || s.number || ':' || s.outcome || coalesce(' at ' || s.position, '') FROM @history@.stage s
    WHERE s.fleet = p_fleet AND s.scope = p_scope AND s.schema = p_schema ORDER BY s.revision COLLATE "C", s.number);
  IF v_heads IS DISTINCT FROM p_heads OR v_stages IS DISTINCT FROM p_stages THEN
    RAISE EXCEPTION USING ERRCODE = 'TN002',
      MESSAGE = format('%I was planned at %s and is at %s: another run changed it meanwhile', p_schema,
        coalesce(nullif(array_to_string(p_heads || p_stages, ', '), ''), 'base'),
        coalesce(nullif(array_to_string(v_heads || v_stages, ', '), ''), 'base'));
  END IF;
END
$assert_state$;

-- Begins work on one schema inside the caller's transaction: takes the locks (only ever tries them: a waiter would hold a
-- snapshot and stop every CREATE INDEX CONCURRENTLY), asserts the state that was planned for, and notes where the proof of placement starts.
CREATE OR REPLACE FUNCTION @history@.enter(
  p_fleet text, p_scope text, p_schema text, p_schema_oid oid, p_heads text[], p_stages text[], p_prove boolean)
RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $enter$
DECLARE
  v_done text;
BEGIN
  v_done := concat(@history@.lock(p_fleet, p_scope, p_schema));
  v_done := concat(@history@.assert_state(p_fleet, p_scope, p_schema, p_schema_oid, p_heads, p_stages));
  IF p_prove THEN
    v_done := concat(@history@.start_proof(p_schema));
  END IF;
END
$enter$;

-- Notes where the proof of placement starts.
CREATE OR REPLACE FUNCTION @history@.start_proof(p_schema text)
RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $start_proof$
DECLARE
  v_set text;
BEGIN
  IF current_setting('track_counts') <> 'on' THEN
    RAISE EXCEPTION USING ERRCODE = 'TN006',
      MESSAGE = 'track_counts is off: where functions, types and grants landed could not be proved';
  END IF;
  v_set := concat(set_config('tenancy.changes', @history@.catalog_changes()::text, true), set_config('tenancy.schema', p_schema, true),
    set_config('tenancy.backend', @history@.transaction_identity(), true));
END
$start_proof$;
