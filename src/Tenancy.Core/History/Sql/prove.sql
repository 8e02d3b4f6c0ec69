-- Asserts what the rest of the proof rests on: transaction, current schema, the schema's name and the counters are those of the start.
CREATE OR REPLACE FUNCTION @history@.assert_place(p_schema_oid oid, p_current_schema name)
RETURNS void LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $assert_place$
BEGIN
  IF current_setting('tenancy.backend', true) IS DISTINCT FROM @history@.transaction_identity() THEN
    RAISE EXCEPTION USING ERRCODE = 'TN007', MESSAGE = 'the transaction is not the one that was begun: a statement ended it';
  END IF;
  IF coalesce(p_current_schema::text, '') IS DISTINCT FROM current_setting('tenancy.current_schema', true) THEN
    RAISE EXCEPTION USING ERRCODE = 'TN004',
      MESSAGE = format('a statement left the current schema at %I instead of %I', p_current_schema, current_setting('tenancy.current_schema', true));
  END IF;
  IF to_regnamespace(quote_ident(current_setting('tenancy.schema', true)))::oid IS DISTINCT FROM p_schema_oid THEN
    RAISE EXCEPTION USING ERRCODE = 'TN004', MESSAGE = format('a statement renamed or dropped the schema %I', current_setting('tenancy.schema', true));
  END IF;
  IF current_setting('track_counts') <> 'on' THEN
    RAISE EXCEPTION USING ERRCODE = 'TN006', MESSAGE = 'a statement set track_counts off: where functions, types and grants landed cannot be proved';
  END IF;
END
$assert_place$;

-- Proves where the transaction's changes landed. Gives what lies outside the schemas and is not declared (verdict 'outside'), and what this
-- transaction cannot resolve because it dropped it ('dropped') or moved it in ('arrived'): for these the caller asks a cursor, whose snapshot
-- still sees the old rows. No rows: everything landed in the schemas.
-- p_schemas: one, or all that the transaction works on. p_has_history: true where the engine has written history already. p_are_new: true where the engine has made all the schemas in this transaction, since keep_before.
CREATE OR REPLACE FUNCTION @history@.prove(
  p_schemas oid[], p_has_history boolean, p_are_new boolean, p_touch_schemas text[], p_touch_names text[], p_touch_database boolean)
RETURNS TABLE (verdict text, class_oid oid, object_oid oid, object_schema text, object_name text, what text)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan AS $prove$
DECLARE
  v_before bigint[] := nullif(current_setting('tenancy.changes', true), '')::bigint[];
  v_after bigint[];
  v_changed regclass[];
  v_written bigint[];
  v_versions bigint;
  v_inserted_attributes bigint;
  v_missing bigint;
  v_updates record;
  v_unaccounted regclass[];
  v_is_suspect boolean;
  v_relations oid[];
  v_relation_modes text[];
  v_classes oid[];
  v_objects oid[];
  v_object_modes text[];
  -- Schema 0 means 'in no schema' elsewhere, and 'there is no temporary schema' here.
  v_own oid[] := array_remove(p_schemas || pg_my_temp_schema(), 0::oid);
  v_unsuspected oid[] := v_own || ARRAY['pg_catalog', 'pg_toast']::regnamespace[]::oid[];
BEGIN
  IF v_before IS NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'TN007', MESSAGE = 'the transaction is not the one that was begun: a statement ended it';
  END IF;

  -- Most often nothing is suspect, which one reading of all the server's locks shows. Reads (AccessShare) and key checks (RowShare) change nothing. A backend's locks are of its own database or of what all share (0).
  SELECT coalesce(array_agg(l.relation) FILTER (WHERE l.relation IS NOT NULL), '{}'), coalesce(bool_or(c.oid IS NULL OR c.relnamespace <> ALL (v_unsuspected)), false)
    INTO v_relations, v_is_suspect
    FROM pg_locks l LEFT JOIN pg_class c ON c.oid = l.relation
    WHERE l.pid = pg_backend_pid() AND l.granted AND l.mode NOT IN ('AccessShareLock', 'RowShareLock')
      AND (l.locktype = 'object' OR l.locktype = 'relation' AND l.database <> 0);

  IF v_is_suspect THEN
    SELECT coalesce(array_agg(l.relation) FILTER (WHERE l.locktype = 'relation'), '{}'), array_agg(l.mode) FILTER (WHERE l.locktype = 'relation'),
        coalesce(array_agg(l.classid) FILTER (WHERE l.locktype = 'object'), '{}'), array_agg(l.objid) FILTER (WHERE l.locktype = 'object'), array_agg(l.mode) FILTER (WHERE l.locktype = 'object')
      INTO v_relations, v_relation_modes, v_classes, v_objects, v_object_modes
      FROM pg_locks l
      WHERE l.pid = pg_backend_pid() AND l.granted AND l.mode NOT IN ('AccessShareLock', 'RowShareLock')
        AND (l.locktype = 'object' OR l.locktype = 'relation' AND l.database <> 0);

    -- Relations, by the locks held.
    RETURN QUERY
    SELECT CASE WHEN c.oid IS NULL THEN 'dropped' ELSE 'outside' END, 'pg_class'::regclass::oid, l.relation,
        n.nspname::text, @history@.relation_name(c.oid)::text, max(l.mode)
      FROM unnest(v_relations, v_relation_modes) AS l (relation, mode)
      LEFT JOIN pg_class c ON c.oid = l.relation
      LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE (c.oid IS NULL OR NOT (c.relnamespace = ANY (v_own) OR n.nspname IN ('pg_catalog', 'pg_toast') OR n.nspname ~ '^pg_toast_temp_'))
        AND NOT (p_has_history AND n.nspname = @history_literal@ AND l.mode = 'RowExclusiveLock')
        AND NOT @history@.is_declared(n.nspname, @history@.relation_name(c.oid), p_touch_schemas, p_touch_names)
      GROUP BY c.oid, l.relation, n.nspname;

    -- Other objects, by the locks held: dropped, altered or commented on.
    IF v_classes <> '{}' THEN
      RETURN QUERY
      SELECT CASE WHEN o.class_oid IS NOT NULL THEN 'outside' WHEN k.has_namespace THEN 'dropped' ELSE 'outside' END,
          l.class, l.object, o.schema_name, coalesce(o.object_name::text, l.class::regclass::text), l.mode
        FROM unnest(v_classes, v_objects, v_object_modes) AS l (class, object, mode)
        JOIN @history@.object_classes() k ON k.class_oid = l.class
        LEFT JOIN LATERAL @history@.locate(l.class, l.object) o ON true
        WHERE CASE WHEN o.class_oid IS NULL THEN NOT k.is_part ELSE NOT (o.schema_oid = ANY (v_own)) END
          AND CASE WHEN NOT k.has_namespace OR o.schema_oid = 0 THEN NOT p_touch_database
                   ELSE o.class_oid IS NULL OR NOT @history@.is_declared(o.schema_name, o.object_name, p_touch_schemas, p_touch_names) END;
    END IF;
  END IF;

  IF pg_current_xact_id_if_assigned() IS NULL THEN
    RETURN;
  END IF;
  v_after := @history@.catalog_changes();
  IF v_after = v_before THEN
    RETURN;
  END IF;
  SELECT coalesce(array_agg(w.c), '{}'), array_agg(w.a - w.b) INTO v_changed, v_written
    FROM unnest(@history@.watched_catalogs(), v_before, v_after) AS w (c, b, a) WHERE w.c IS NOT NULL AND w.a <> w.b;

  -- Attributes that were inserted lie in what is locked: of these only as many versions count as were updated. A relation that moved in may
  -- have had its TOAST table before.
  v_unaccounted := v_changed;
  v_inserted_attributes := v_after[cardinality(v_after)] - v_before[cardinality(v_before)];
  -- Of few schemas, before history is written; a transaction of all may have thousands, in whose list each relation would be looked up.
  IF (cardinality(p_schemas) = 1 OR NOT p_has_history) AND NOT 'pg_depend'::regclass = ANY (v_changed) THEN
    IF p_are_new THEN
      SELECT coalesce(array_agg(w.c), '{}') INTO v_unaccounted
        FROM unnest(v_changed, v_written) w (c, written) LEFT JOIN @history@.new_versions(p_schemas, v_relations) n ON n.catalog = w.c
        WHERE n.versions IS DISTINCT FROM w.written;
    END IF;
    FOR v_at IN 1 .. cardinality(v_changed) LOOP
      CONTINUE WHEN v_changed[v_at] <> ALL (v_unaccounted);
      v_versions := @history@.own_versions(p_schemas, v_relations, v_changed[v_at]);
      v_missing := v_written[v_at] + CASE WHEN v_changed[v_at] = 'pg_attribute'::regclass THEN v_inserted_attributes ELSE 0 END - v_versions;
      IF v_missing > 0 AND v_changed[v_at] = 'pg_class'::regclass THEN
        v_missing := v_missing - @history@.completed_versions(p_schemas, v_relations);
      END IF;
      IF v_missing > 0 AND v_changed[v_at] IN ('pg_class'::regclass, 'pg_attribute'::regclass) THEN
        IF v_updates IS NULL THEN
          SELECT * INTO v_updates FROM @history@.table_updates(p_schemas, v_relations);
        END IF;
        v_missing := CASE WHEN v_changed[v_at] = 'pg_class'::regclass THEN v_missing - v_updates.tables ELSE v_written[v_at] - v_updates.columns END;
      END IF;
      IF v_missing = 0 THEN
        v_unaccounted := array_remove(v_unaccounted, v_changed[v_at]);
      END IF;
    END LOOP;
  END IF;

  -- What no lock shows: catalogs that changed, and in them the rows of this transaction outside the schema.
  IF v_unaccounted <> '{}' THEN
    RETURN QUERY
    SELECT 'outside', r.class_oid, r.object_oid, n.nspname::text, r.object_name::text, 'changed'
      FROM @history@.rows_outside(v_unaccounted, p_schemas) r
      LEFT JOIN pg_namespace n ON n.oid = r.schema_oid
      WHERE NOT (r.schema_oid = ANY (v_own))
        AND n.nspname IS DISTINCT FROM 'pg_toast' AND coalesce(n.nspname, '') !~ '^pg_toast_temp_'
        AND NOT CASE r.schema_oid WHEN 0 THEN p_touch_database ELSE @history@.is_declared(n.nspname, r.object_name, p_touch_schemas, p_touch_names) END;
  END IF;

  IF NOT p_touch_database AND v_changed && @history@.catalogs_in_no_schema() THEN
    RETURN QUERY
    SELECT 'outside', w.c::oid, NULL::oid, NULL::text, w.c::text, 'changed' FROM unnest(v_changed) AS w (c) WHERE w.c = ANY (@history@.catalogs_in_no_schema());
  END IF;

  -- An object that moved in looks like one of the schema's own; only its dependency on the schema was rewritten.
  IF 'pg_depend'::regclass = ANY (v_changed) THEN
    RETURN QUERY
    SELECT 'arrived', d.classid, d.objid, NULL::text, NULL::text, 'moved'
      FROM pg_depend d
      WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid = ANY (p_schemas)
        AND age(d.xmin) <= 0 AND @history@.is_own_row(d.xmin);
  END IF;
END
$prove$;

-- Whether a manifest's touches name the object.
CREATE OR REPLACE FUNCTION @history@.is_declared(p_schema name, p_name name, p_touch_schemas text[], p_touch_names text[])
RETURNS boolean LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $is_declared$
BEGIN
  RETURN EXISTS (SELECT FROM unnest(p_touch_schemas, p_touch_names) AS t (s, n) WHERE t.s = p_schema::text AND (t.n = '*' OR t.n = p_name::text));
END
$is_declared$;

-- Classes of objects that take object locks; has_namespace also where only some have one. Parts of tables go by their table, and those that were dropped are left
-- out: dropping takes the table's lock, which shows it. A comment on one takes no more of the table than a read does.
CREATE OR REPLACE FUNCTION @history@.object_classes()
RETURNS TABLE (class_oid oid, has_namespace boolean, is_part boolean) LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $object_classes$
  SELECT c::oid, i <= 21, i <= 3 FROM unnest(ARRAY[
    'pg_trigger', 'pg_rewrite', 'pg_policy',
    'pg_class', 'pg_proc', 'pg_type', 'pg_namespace', 'pg_default_acl', 'pg_collation', 'pg_conversion', 'pg_operator', 'pg_opclass',
    'pg_opfamily', 'pg_ts_config', 'pg_ts_dict', 'pg_statistic_ext', 'pg_constraint', 'pg_ts_parser',
    'pg_amop', 'pg_amproc', 'pg_cast',
    'pg_extension', 'pg_language', 'pg_event_trigger', 'pg_foreign_data_wrapper', 'pg_foreign_server', 'pg_user_mapping',
    'pg_publication', 'pg_largeobject', 'pg_transform', 'pg_am']::regclass[]) WITH ORDINALITY AS w (c, i)
$object_classes$;
