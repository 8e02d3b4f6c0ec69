-- The history tables and functions as the last tool of version 1 made them: what an upgrade begins with. @history@ is replaced by the schema's quoted name.
-- The history tables, version 1. @history@ is replaced by the schema's quoted name.
CREATE TABLE @history@.installation (
  is_single boolean PRIMARY KEY DEFAULT true CHECK (is_single),
  version integer NOT NULL,
  -- Both differ after a restore of the whole database: then every recorded schema OID is refreshed.
  database_oid oid NOT NULL,
  history_oid oid NOT NULL,
  tool_version text NOT NULL,
  installed_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE @history@.tenant (
  fleet text NOT NULL,
  schema text NOT NULL,
  name text NOT NULL,
  schema_oid oid NOT NULL,
  labels jsonb NOT NULL DEFAULT '{}',
  registered_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (fleet, schema)
);

CREATE TABLE @history@.head (
  fleet text NOT NULL,
  scope text NOT NULL CHECK (scope IN ('tenant', 'shared')),
  schema text NOT NULL,
  revision text NOT NULL,
  -- A different OID in pg_namespace means that the schema was dropped and made again.
  schema_oid oid NOT NULL,
  changed_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (fleet, scope, schema, revision)
);

-- The stages done so far of a revision that takes several transactions; gone when its head moves.
CREATE TABLE @history@.stage (
  fleet text NOT NULL,
  scope text NOT NULL CHECK (scope IN ('tenant', 'shared')),
  schema text NOT NULL,
  revision text NOT NULL,
  direction text NOT NULL CHECK (direction IN ('up', 'down')),
  number integer NOT NULL,
  outcome text NOT NULL CHECK (outcome IN ('started', 'done')),
  description text NOT NULL,
  checksum text NOT NULL,
  schema_oid oid NOT NULL,
  changed_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (fleet, scope, schema, revision, number)
);

CREATE TABLE @history@.history (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  run uuid NOT NULL,
  fleet text NOT NULL,
  scope text NOT NULL CHECK (scope IN ('tenant', 'shared')),
  schema text NOT NULL,
  tenant text NOT NULL,
  revision text,
  direction text NOT NULL CHECK (direction IN ('up', 'down', 'stamp', 'create', 'remove', 'rename', 'repair')),
  step text,
  outcome text NOT NULL CHECK (outcome IN ('started', 'done', 'failed')),
  checksum text,
  started_at timestamptz NOT NULL,
  seconds double precision NOT NULL,
  who text NOT NULL DEFAULT session_user,
  tool_version text NOT NULL,
  sqlstate text,
  position text,
  message text
);

CREATE INDEX history_of_schema ON @history@.history (fleet, scope, schema, id);
-- Lets the distinct checksums of each revision be read in as many probes as there are revisions, whatever the number of tenants.
CREATE INDEX history_of_checksum ON @history@.history (fleet, scope, revision, checksum)
  WHERE step IS NULL AND outcome = 'done' AND direction IN ('up', 'stamp', 'repair');

-- The manifests as applied, once a checksum.
CREATE TABLE @history@.revision_text (
  checksum text PRIMARY KEY,
  revision text NOT NULL,
  manifest text NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT now()
);
-- Keys of 64 bits over history schema, fleet, scope and schema: 32 bits collide with probability 69 % at 100,000 tenants.
CREATE OR REPLACE FUNCTION @history@.lock_key(p_fleet text, p_kind text, p_schema text)
RETURNS bigint LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $lock_key$
  SELECT hashtextextended(concat_ws(chr(31), 'tenancy', @history_literal@, p_fleet, p_kind, p_schema), 0)
$lock_key$;

-- Tenant work takes its scope's key shared and the tenant's exclusively; shared-scope work takes the scope's key exclusively.
CREATE OR REPLACE FUNCTION @history@.lock(p_fleet text, p_scope text, p_schema text)
RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $lock$
BEGIN
  IF p_scope = 'shared' THEN
    IF NOT pg_try_advisory_xact_lock(@history@.lock_key(p_fleet, 'scope', '')) THEN
      RAISE EXCEPTION USING ERRCODE = 'TN001', MESSAGE = 'the shared scope is in use by another run',
        DETAIL = @history@.lock_key(p_fleet, 'scope', '')::text;
    END IF;
  ELSE
    IF NOT pg_try_advisory_xact_lock_shared(@history@.lock_key(p_fleet, 'scope', '')) THEN
      RAISE EXCEPTION USING ERRCODE = 'TN001', MESSAGE = 'the shared scope is being changed by another run',
        DETAIL = @history@.lock_key(p_fleet, 'scope', '')::text;
    END IF;
    IF NOT pg_try_advisory_xact_lock(@history@.lock_key(p_fleet, 'tenant', p_schema)) THEN
      RAISE EXCEPTION USING ERRCODE = 'TN001', MESSAGE = format('%I is in use by another run', p_schema),
        DETAIL = @history@.lock_key(p_fleet, 'tenant', p_schema)::text;
    END IF;
  END IF;
END
$lock$;

-- The same for a session, around non-transactional steps.
CREATE OR REPLACE FUNCTION @history@.try_lock_session(p_fleet text, p_scope text, p_schema text)
RETURNS boolean LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $try_lock_session$
BEGIN
  IF p_scope = 'shared' THEN
    RETURN pg_try_advisory_lock(@history@.lock_key(p_fleet, 'scope', ''));
  END IF;
  IF NOT pg_try_advisory_lock_shared(@history@.lock_key(p_fleet, 'scope', '')) THEN
    RETURN false;
  END IF;
  IF NOT pg_try_advisory_lock(@history@.lock_key(p_fleet, 'tenant', p_schema)) THEN
    PERFORM pg_advisory_unlock_shared(@history@.lock_key(p_fleet, 'scope', ''));
    RETURN false;
  END IF;
  RETURN true;
END
$try_lock_session$;
-- Catalogs whose rows say that something was made or changed without a relation lock to show for it. A fixed order: counters are compared by place.
CREATE OR REPLACE FUNCTION @history@.watched_catalogs()
RETURNS regclass[] LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $watched_catalogs$
  SELECT ARRAY[
    -- with a namespace
    'pg_class', 'pg_proc', 'pg_type', 'pg_namespace', 'pg_default_acl', 'pg_collation', 'pg_conversion', 'pg_operator', 'pg_opclass',
    'pg_opfamily', 'pg_ts_config', 'pg_ts_dict', 'pg_ts_parser', 'pg_ts_template', 'pg_statistic_ext', 'pg_constraint', 'pg_enum',
    'pg_ts_config_map', 'pg_amop', 'pg_amproc', 'pg_attribute', 'pg_depend', 'pg_cast',
    -- in no schema
    'pg_extension', 'pg_language', 'pg_event_trigger', 'pg_foreign_data_wrapper', 'pg_foreign_server', 'pg_user_mapping',
    'pg_publication', 'pg_publication_rel', 'pg_publication_namespace', 'pg_subscription', 'pg_largeobject_metadata', 'pg_largeobject',
    'pg_am', 'pg_transform', 'pg_authid', 'pg_auth_members', 'pg_database', 'pg_tablespace', 'pg_db_role_setting', 'pg_parameter_acl',
    'pg_shdescription', 'pg_shseclabel', 'pg_replication_origin']::regclass[]
$watched_catalogs$;

-- Changes counted so far by this backend, uncommitted and earlier unflushed ones together (manual, 28.2.2): only differences mean something.
-- pg_depend counts updates alone (an object that moved between schemas), pg_attribute too (a grant on a column; its insertions come last); the two publication catalogs leave deletions out, because
-- dropping one's own table takes it out of a publication.
CREATE OR REPLACE FUNCTION @history@.catalog_changes()
RETURNS bigint[] LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $catalog_changes$
  SELECT array_agg(
      CASE WHEN c IN ('pg_depend'::regclass, 'pg_attribute'::regclass) THEN 0 ELSE pg_stat_get_xact_tuples_inserted(c) END
      + pg_stat_get_xact_tuples_updated(c)
      + CASE WHEN c IN ('pg_depend'::regclass, 'pg_attribute'::regclass, 'pg_publication_rel'::regclass, 'pg_publication_namespace'::regclass) THEN 0
          ELSE pg_stat_get_xact_tuples_deleted(c) END
      ORDER BY i) || pg_stat_get_xact_tuples_inserted('pg_attribute'::regclass)
    FROM unnest(@history@.watched_catalogs()) WITH ORDINALITY AS w (c, i)
$catalog_changes$;

-- Whether a visible row was written by this transaction, subtransactions included: not older than the transaction and still in progress.
-- An xid beyond the newest one is an old frozen row's, from before a wraparound.
CREATE OR REPLACE FUNCTION @history@.is_own_row(p_xmin xid)
RETURNS boolean LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $is_own_row$
DECLARE
  v_top bigint := pg_current_xact_id()::text::bigint;
BEGIN
  RETURN pg_xact_status(((v_top + (p_xmin::text::bigint - v_top % 4294967296 + 4294967296) % 4294967296))::text::xid8) = 'in progress';
EXCEPTION WHEN invalid_parameter_value THEN
  RETURN false;
END
$is_own_row$;
-- What a manifest's touches call a relation: an index goes by its table, a serial or identity column's sequence too.
CREATE OR REPLACE FUNCTION @history@.relation_name(p_relation oid)
RETURNS name LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $relation_name$
  SELECT coalesce(
      (SELECT t.relname FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid WHERE i.indexrelid = c.oid),
      (SELECT t.relname FROM pg_depend d JOIN pg_class t ON t.oid = d.refobjid
        WHERE c.relkind = 'S' AND d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.objsubid = 0
          AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i') LIMIT 1),
      c.relname)
    FROM pg_class c WHERE c.oid = p_relation
$relation_name$;

-- The same for a type: an array goes by its element, a multirange by its range. A table's row type has the table's name.
CREATE OR REPLACE FUNCTION @history@.type_name(p_type oid)
RETURNS name LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $type_name$
  SELECT coalesce(
      (SELECT r.typname FROM pg_range g JOIN pg_type r ON r.oid = g.rngtypid WHERE g.rngmultitypid = coalesce(e.oid, t.oid)),
      e.typname, t.typname)
    FROM pg_type t LEFT JOIN pg_type e ON e.oid = t.typelem AND e.typarray = t.oid WHERE t.oid = p_type
$type_name$;
-- The schema and name of an object, schema 0 for one in none; no row where it does not exist (any more, or yet) in this snapshot.
CREATE OR REPLACE FUNCTION @history@.locate(p_class oid, p_object oid)
RETURNS TABLE (class_oid oid, schema_oid oid, schema_name text, object_name name)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $locate$
DECLARE
  v_schema oid;
  v_name name;
BEGIN
  CASE p_class
    WHEN 'pg_class'::regclass THEN
      SELECT c.relnamespace, @history@.relation_name(c.oid) INTO v_schema, v_name FROM pg_class c WHERE c.oid = p_object;
    WHEN 'pg_namespace'::regclass THEN SELECT n.oid, n.nspname INTO v_schema, v_name FROM pg_namespace n WHERE n.oid = p_object;
    WHEN 'pg_proc'::regclass THEN SELECT pronamespace, proname INTO v_schema, v_name FROM pg_proc WHERE oid = p_object;
    WHEN 'pg_type'::regclass THEN SELECT typnamespace, @history@.type_name(oid) INTO v_schema, v_name FROM pg_type WHERE oid = p_object;
    WHEN 'pg_collation'::regclass THEN SELECT collnamespace, collname INTO v_schema, v_name FROM pg_collation WHERE oid = p_object;
    WHEN 'pg_conversion'::regclass THEN SELECT connamespace, conname INTO v_schema, v_name FROM pg_conversion WHERE oid = p_object;
    WHEN 'pg_operator'::regclass THEN SELECT oprnamespace, oprname INTO v_schema, v_name FROM pg_operator WHERE oid = p_object;
    WHEN 'pg_opclass'::regclass THEN SELECT opcnamespace, opcname INTO v_schema, v_name FROM pg_opclass WHERE oid = p_object;
    WHEN 'pg_opfamily'::regclass THEN SELECT opfnamespace, opfname INTO v_schema, v_name FROM pg_opfamily WHERE oid = p_object;
    WHEN 'pg_amop'::regclass THEN
      SELECT f.opfnamespace, f.opfname INTO v_schema, v_name FROM pg_amop a JOIN pg_opfamily f ON f.oid = a.amopfamily WHERE a.oid = p_object;
    WHEN 'pg_amproc'::regclass THEN
      SELECT f.opfnamespace, f.opfname INTO v_schema, v_name FROM pg_amproc a JOIN pg_opfamily f ON f.oid = a.amprocfamily WHERE a.oid = p_object;
    WHEN 'pg_ts_config'::regclass THEN SELECT cfgnamespace, cfgname INTO v_schema, v_name FROM pg_ts_config WHERE oid = p_object;
    WHEN 'pg_ts_dict'::regclass THEN SELECT dictnamespace, dictname INTO v_schema, v_name FROM pg_ts_dict WHERE oid = p_object;
    WHEN 'pg_ts_parser'::regclass THEN SELECT prsnamespace, prsname INTO v_schema, v_name FROM pg_ts_parser WHERE oid = p_object;
    WHEN 'pg_ts_template'::regclass THEN SELECT tmplnamespace, tmplname INTO v_schema, v_name FROM pg_ts_template WHERE oid = p_object;
    WHEN 'pg_statistic_ext'::regclass THEN SELECT stxnamespace, stxname INTO v_schema, v_name FROM pg_statistic_ext WHERE oid = p_object;
    -- A range type comes with a cast to its multirange, which lies where the type does.
    WHEN 'pg_cast'::regclass THEN
      SELECT coalesce(t.typnamespace, 0), coalesce(t.typname, 'pg_cast') INTO v_schema, v_name
        FROM pg_cast k LEFT JOIN pg_range g ON g.rngtypid = k.castsource AND g.rngmultitypid = k.casttarget LEFT JOIN pg_type t ON t.oid = g.rngtypid
        WHERE k.oid = p_object;
    WHEN 'pg_default_acl'::regclass THEN SELECT defaclnamespace, 'default privileges' INTO v_schema, v_name FROM pg_default_acl WHERE oid = p_object;
    -- Parts of a table or domain go by it.
    WHEN 'pg_constraint'::regclass THEN
      SELECT connamespace, coalesce(@history@.type_name(contypid), @history@.relation_name(conrelid)) INTO v_schema, v_name FROM pg_constraint WHERE oid = p_object;
    WHEN 'pg_attrdef'::regclass THEN
      SELECT c.relnamespace, c.relname INTO v_schema, v_name FROM pg_attrdef a JOIN pg_class c ON c.oid = a.adrelid WHERE a.oid = p_object;
    WHEN 'pg_rewrite'::regclass THEN
      SELECT c.relnamespace, c.relname INTO v_schema, v_name FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class WHERE r.oid = p_object;
    WHEN 'pg_policy'::regclass THEN
      SELECT c.relnamespace, c.relname INTO v_schema, v_name FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid WHERE p.oid = p_object;
    -- A foreign key has triggers on the table that it refers to: these are the key's.
    WHEN 'pg_trigger'::regclass THEN
      SELECT c.relnamespace, c.relname INTO v_schema, v_name FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE t.oid = p_object AND NOT t.tgisinternal;
    ELSE NULL;
  END CASE;
  IF v_schema IS NOT NULL THEN
    RETURN QUERY SELECT p_class, v_schema, (SELECT n.nspname::text FROM pg_namespace n WHERE n.oid = v_schema), v_name;
  END IF;
END
$locate$;
-- Rows that this transaction wrote, outside the schema, in the catalogs that changed; the others are not read (a one-time filter).
CREATE OR REPLACE FUNCTION @history@.rows_outside(p_changed regclass[], p_schema_oid oid)
RETURNS TABLE (class_oid oid, object_oid oid, schema_oid oid, object_name name)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $rows_outside$
BEGIN
  RETURN QUERY
  SELECT r.class_oid, r.object_oid, r.schema_oid, r.object_name FROM (
    SELECT 'pg_class'::regclass::oid AS class_oid, c.oid AS object_oid, c.relnamespace AS schema_oid,
        @history@.relation_name(c.oid) AS object_name, c.xmin AS xmin
      FROM pg_class c WHERE 'pg_class'::regclass = ANY (p_changed) AND c.relnamespace <> p_schema_oid AND age(c.xmin) <= 0
    -- Only a grant on a column changes one without a lock on its table.
    UNION ALL SELECT 'pg_class'::regclass, c.oid, c.relnamespace, @history@.relation_name(c.oid), a.xmin
      FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
      WHERE 'pg_attribute'::regclass = ANY (p_changed) AND c.relnamespace <> p_schema_oid AND age(a.xmin) <= 0
    UNION ALL SELECT 'pg_proc'::regclass, oid, pronamespace, proname, p.xmin
      FROM pg_proc p WHERE 'pg_proc'::regclass = ANY (p_changed) AND pronamespace <> p_schema_oid AND age(p.xmin) <= 0
    UNION ALL SELECT 'pg_type'::regclass, oid, typnamespace, @history@.type_name(t.oid), t.xmin
      FROM pg_type t WHERE 'pg_type'::regclass = ANY (p_changed) AND typnamespace <> p_schema_oid AND age(t.xmin) <= 0
    UNION ALL SELECT 'pg_namespace'::regclass, oid, oid, nspname, n.xmin
      FROM pg_namespace n WHERE 'pg_namespace'::regclass = ANY (p_changed) AND oid <> p_schema_oid AND age(n.xmin) <= 0
    UNION ALL SELECT 'pg_default_acl'::regclass, oid, defaclnamespace, 'default privileges', a.xmin
      FROM pg_default_acl a WHERE 'pg_default_acl'::regclass = ANY (p_changed) AND defaclnamespace <> p_schema_oid AND age(a.xmin) <= 0
    UNION ALL SELECT 'pg_collation'::regclass, oid, collnamespace, collname, c.xmin
      FROM pg_collation c WHERE 'pg_collation'::regclass = ANY (p_changed) AND collnamespace <> p_schema_oid AND age(c.xmin) <= 0
    UNION ALL SELECT 'pg_conversion'::regclass, oid, connamespace, conname, c.xmin
      FROM pg_conversion c WHERE 'pg_conversion'::regclass = ANY (p_changed) AND connamespace <> p_schema_oid AND age(c.xmin) <= 0
    UNION ALL SELECT 'pg_operator'::regclass, oid, oprnamespace, oprname, o.xmin
      FROM pg_operator o WHERE 'pg_operator'::regclass = ANY (p_changed) AND oprnamespace <> p_schema_oid AND age(o.xmin) <= 0
    UNION ALL SELECT 'pg_opclass'::regclass, oid, opcnamespace, opcname, o.xmin
      FROM pg_opclass o WHERE 'pg_opclass'::regclass = ANY (p_changed) AND opcnamespace <> p_schema_oid AND age(o.xmin) <= 0
    UNION ALL SELECT 'pg_opfamily'::regclass, f.oid, f.opfnamespace, f.opfname, f.xmin
      FROM pg_opfamily f WHERE 'pg_opfamily'::regclass = ANY (p_changed) AND f.opfnamespace <> p_schema_oid AND age(f.xmin) <= 0
    UNION ALL SELECT 'pg_opfamily'::regclass, f.oid, f.opfnamespace, f.opfname, a.xmin
      FROM pg_amop a JOIN pg_opfamily f ON f.oid = a.amopfamily
      WHERE 'pg_amop'::regclass = ANY (p_changed) AND f.opfnamespace <> p_schema_oid AND age(a.xmin) <= 0
    UNION ALL SELECT 'pg_opfamily'::regclass, f.oid, f.opfnamespace, f.opfname, a.xmin
      FROM pg_amproc a JOIN pg_opfamily f ON f.oid = a.amprocfamily
      WHERE 'pg_amproc'::regclass = ANY (p_changed) AND f.opfnamespace <> p_schema_oid AND age(a.xmin) <= 0
    UNION ALL SELECT 'pg_ts_config'::regclass, c.oid, cfgnamespace, cfgname, c.xmin
      FROM pg_ts_config c WHERE 'pg_ts_config'::regclass = ANY (p_changed) AND cfgnamespace <> p_schema_oid AND age(c.xmin) <= 0
    UNION ALL SELECT 'pg_ts_config'::regclass, c.oid, c.cfgnamespace, c.cfgname, m.xmin
      FROM pg_ts_config_map m JOIN pg_ts_config c ON c.oid = m.mapcfg
      WHERE 'pg_ts_config_map'::regclass = ANY (p_changed) AND c.cfgnamespace <> p_schema_oid AND age(m.xmin) <= 0
    UNION ALL SELECT 'pg_ts_dict'::regclass, oid, dictnamespace, dictname, d.xmin
      FROM pg_ts_dict d WHERE 'pg_ts_dict'::regclass = ANY (p_changed) AND dictnamespace <> p_schema_oid AND age(d.xmin) <= 0
    UNION ALL SELECT 'pg_ts_parser'::regclass, oid, prsnamespace, prsname, p.xmin
      FROM pg_ts_parser p WHERE 'pg_ts_parser'::regclass = ANY (p_changed) AND prsnamespace <> p_schema_oid AND age(p.xmin) <= 0
    UNION ALL SELECT 'pg_ts_template'::regclass, oid, tmplnamespace, tmplname, t.xmin
      FROM pg_ts_template t WHERE 'pg_ts_template'::regclass = ANY (p_changed) AND tmplnamespace <> p_schema_oid AND age(t.xmin) <= 0
    UNION ALL SELECT 'pg_statistic_ext'::regclass, oid, stxnamespace, stxname, s.xmin
      FROM pg_statistic_ext s WHERE 'pg_statistic_ext'::regclass = ANY (p_changed) AND stxnamespace <> p_schema_oid AND age(s.xmin) <= 0
    UNION ALL SELECT 'pg_type'::regclass, c.contypid, connamespace, @history@.type_name(c.contypid), c.xmin
      FROM pg_constraint c WHERE 'pg_constraint'::regclass = ANY (p_changed) AND contypid <> 0 AND connamespace <> p_schema_oid AND age(c.xmin) <= 0
    UNION ALL SELECT 'pg_type'::regclass, t.oid, t.typnamespace, t.typname, e.xmin
      FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid
      WHERE 'pg_enum'::regclass = ANY (p_changed) AND t.typnamespace <> p_schema_oid AND age(e.xmin) <= 0
    UNION ALL SELECT l.class_oid, k.oid, l.schema_oid, l.object_name, k.xmin
      FROM pg_cast k CROSS JOIN LATERAL @history@.locate('pg_cast'::regclass, k.oid) l
      WHERE 'pg_cast'::regclass = ANY (p_changed) AND age(k.xmin) <= 0 AND l.schema_oid <> p_schema_oid
  ) r
  WHERE @history@.is_own_row(r.xmin);
END
$rows_outside$;
-- How many versions of rows this transaction wrote, at the least, for relations of the schema in the four largest catalogs: one for each visible
-- row of its own, and one more where a new table got its TOAST table after its row. As many as were counted leave none for elsewhere, and
-- spare a scan that would grow with the fleet; fewer prove nothing. Only relations that the transaction locked are looked at.
CREATE OR REPLACE FUNCTION @history@.own_versions(p_schema_oid oid)
RETURNS TABLE (catalog regclass, versions bigint) LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $own_versions$
  WITH relations AS MATERIALIZED (
    SELECT c.oid, c.xmin, c.reltype, c.reltoastrelid, c.relnamespace FROM pg_class c
    WHERE c.relnamespace IN (p_schema_oid, 'pg_toast'::regnamespace)
      AND c.oid = ANY (ARRAY(SELECT l.relation FROM pg_locks l WHERE l.locktype = 'relation' AND l.pid = pg_backend_pid() AND l.mode NOT IN ('AccessShareLock', 'RowShareLock')
        AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())))
  )
  SELECT 'pg_class'::regclass, count(*) + count(*) FILTER (WHERE r.relnamespace = p_schema_oid AND r.reltoastrelid <> 0
      AND EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = r.oid AND d.objsubid = 0
        AND d.refclassid = 'pg_namespace'::regclass AND age(d.xmin) <= 0 AND @history@.is_own_row(d.xmin)))
    FROM relations r WHERE age(r.xmin) <= 0 AND @history@.is_own_row(r.xmin)
  UNION ALL
  SELECT 'pg_attribute', count(*) FROM relations r JOIN pg_attribute a ON a.attrelid = r.oid WHERE age(a.xmin) <= 0 AND @history@.is_own_row(a.xmin)
  UNION ALL
  SELECT 'pg_constraint', count(*) FROM relations r JOIN pg_constraint k ON k.conrelid = r.oid WHERE age(k.xmin) <= 0 AND @history@.is_own_row(k.xmin)
  UNION ALL
  SELECT 'pg_type', count(*) FROM relations r JOIN pg_type t ON t.oid = r.reltype
      CROSS JOIN LATERAL (VALUES (t.oid), (t.typarray)) v (oid) JOIN pg_type o ON o.oid = v.oid
    WHERE age(o.xmin) <= 0 AND @history@.is_own_row(o.xmin)
$own_versions$;
-- Proves where the transaction's changes landed. Gives what lies outside the schema and is not declared (verdict 'outside'), and what this
-- transaction cannot resolve because it dropped it ('dropped') or moved it in ('arrived'): for these the caller asks a cursor, whose snapshot
-- still sees the old rows. No rows: everything landed in the schema.
CREATE OR REPLACE FUNCTION @history@.prove(
  p_schema_oid oid, p_current_schema name, p_touch_schemas text[], p_touch_names text[], p_touch_database boolean)
RETURNS TABLE (verdict text, class_oid oid, object_oid oid, object_schema text, object_name text, what text)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $prove$
DECLARE
  v_before bigint[] := nullif(current_setting('tenancy.changes', true), '')::bigint[];
  v_after bigint[];
  v_changed regclass[];
  v_unaccounted regclass[];
  -- Schema 0 means 'in no schema' elsewhere, and 'there is no temporary schema' here.
  v_own oid[] := array_remove(ARRAY[p_schema_oid, pg_my_temp_schema()], 0::oid);
BEGIN
  IF v_before IS NULL OR current_setting('tenancy.backend', true) IS DISTINCT FROM pg_backend_pid()::text || ':' || extract(epoch FROM transaction_timestamp())::text THEN
    RAISE EXCEPTION USING ERRCODE = 'TN007', MESSAGE = 'the transaction is not the one that was begun: a statement ended it';
  END IF;
  IF coalesce(p_current_schema::text, '') IS DISTINCT FROM current_setting('tenancy.current_schema', true) THEN
    RAISE EXCEPTION USING ERRCODE = 'TN004',
      MESSAGE = format('a statement left the current schema at %I instead of %I', p_current_schema, current_setting('tenancy.current_schema', true));
  END IF;
  IF NOT EXISTS (SELECT FROM pg_namespace n WHERE n.oid = p_schema_oid AND n.nspname = current_setting('tenancy.schema', true)) THEN
    RAISE EXCEPTION USING ERRCODE = 'TN004', MESSAGE = format('a statement renamed or dropped the schema %I', current_setting('tenancy.schema', true));
  END IF;
  IF current_setting('track_counts') <> 'on' THEN
    RAISE EXCEPTION USING ERRCODE = 'TN006', MESSAGE = 'a statement set track_counts off: where functions, types and grants landed cannot be proved';
  END IF;

  -- Relations, by the locks held: reads (AccessShare) and key checks (RowShare) change nothing.
  RETURN QUERY
  SELECT CASE WHEN c.oid IS NULL THEN 'dropped' ELSE 'outside' END, 'pg_class'::regclass::oid, l.relation,
      n.nspname::text, @history@.relation_name(c.oid)::text, max(l.mode)
    FROM pg_locks l
    LEFT JOIN pg_class c ON c.oid = l.relation
    LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE l.locktype = 'relation' AND l.pid = pg_backend_pid() AND l.granted
      AND l.mode NOT IN ('AccessShareLock', 'RowShareLock')
      AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
      AND (c.oid IS NULL OR NOT (c.relnamespace = ANY (v_own) OR n.nspname IN ('pg_catalog', 'pg_toast') OR n.nspname ~ '^pg_toast_temp_'))
      AND NOT @history@.is_declared(n.nspname, @history@.relation_name(c.oid), p_touch_schemas, p_touch_names)
    GROUP BY c.oid, l.relation, n.nspname;

  -- Other objects, by the locks held: dropped, altered or commented on.
  RETURN QUERY
  SELECT CASE WHEN o.class_oid IS NOT NULL THEN 'outside' WHEN k.has_namespace THEN 'dropped' ELSE 'outside' END,
      l.classid, l.objid, o.schema_name, coalesce(o.object_name::text, l.classid::regclass::text), l.mode
    FROM pg_locks l
    JOIN @history@.object_classes() k ON k.class_oid = l.classid
    LEFT JOIN LATERAL @history@.locate(l.classid, l.objid) o ON true
    WHERE l.locktype = 'object' AND l.pid = pg_backend_pid() AND l.granted
      AND l.mode NOT IN ('AccessShareLock', 'RowShareLock')
      AND (o.class_oid IS NULL OR NOT (o.schema_oid = ANY (v_own)))
      AND CASE WHEN NOT k.has_namespace OR o.schema_oid = 0 THEN NOT p_touch_database
               ELSE o.class_oid IS NULL OR NOT @history@.is_declared(o.schema_name, o.object_name, p_touch_schemas, p_touch_names) END;

  IF pg_current_xact_id_if_assigned() IS NULL THEN
    RETURN;
  END IF;
  v_after := @history@.catalog_changes();
  v_changed := ARRAY(SELECT w.c FROM unnest(@history@.watched_catalogs(), v_before, v_after) AS w (c, b, a) WHERE w.c IS NOT NULL AND w.a <> w.b);

  -- Attributes that were inserted lie in what is locked: of these only as many versions count as were updated. A relation that moved in may
  -- have had its TOAST table before.
  v_unaccounted := v_changed;
  IF NOT 'pg_depend'::regclass = ANY (v_changed) AND v_changed && ARRAY['pg_class', 'pg_attribute', 'pg_constraint', 'pg_type']::regclass[] THEN
    v_unaccounted := ARRAY(SELECT w.c FROM unnest(@history@.watched_catalogs(), v_before, v_after) AS w (c, b, a)
      LEFT JOIN @history@.own_versions(p_schema_oid) o ON o.catalog = w.c
      WHERE w.c IS NOT NULL AND w.a <> w.b AND o.versions IS DISTINCT FROM w.a - w.b
        + CASE WHEN w.c = 'pg_attribute'::regclass THEN v_after[cardinality(v_after)] - v_before[cardinality(v_before)] ELSE 0 END);
  END IF;

  -- What no lock shows: catalogs that changed, and in them the rows of this transaction outside the schema.
  RETURN QUERY
  SELECT 'outside', r.class_oid, r.object_oid, n.nspname::text, r.object_name::text, 'changed'
    FROM @history@.rows_outside(v_unaccounted, p_schema_oid) r
    LEFT JOIN pg_namespace n ON n.oid = r.schema_oid
    WHERE NOT (r.schema_oid = ANY (v_own))
      AND n.nspname IS DISTINCT FROM 'pg_toast' AND coalesce(n.nspname, '') !~ '^pg_toast_temp_'
      AND NOT CASE r.schema_oid WHEN 0 THEN p_touch_database ELSE @history@.is_declared(n.nspname, r.object_name, p_touch_schemas, p_touch_names) END;

  IF NOT p_touch_database THEN
    RETURN QUERY
    SELECT 'outside', w.c::oid, NULL::oid, NULL::text, w.c::text, 'changed'
      FROM unnest(v_changed) AS w (c)
      WHERE w.c = ANY (ARRAY['pg_extension', 'pg_language', 'pg_event_trigger', 'pg_foreign_data_wrapper', 'pg_foreign_server',
        'pg_user_mapping', 'pg_publication', 'pg_publication_rel', 'pg_publication_namespace', 'pg_subscription', 'pg_largeobject_metadata',
        'pg_largeobject', 'pg_am', 'pg_transform', 'pg_authid', 'pg_auth_members', 'pg_database', 'pg_tablespace', 'pg_db_role_setting',
        'pg_parameter_acl', 'pg_shdescription', 'pg_shseclabel', 'pg_replication_origin']::regclass[]);
  END IF;

  -- An object that moved in looks like one of the schema's own; only its dependency on the schema was rewritten.
  IF 'pg_depend'::regclass = ANY (v_changed) THEN
    RETURN QUERY
    SELECT 'arrived', d.classid, d.objid, NULL::text, NULL::text, 'moved'
      FROM pg_depend d
      WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid = p_schema_oid
        AND age(d.xmin) <= 0 AND @history@.is_own_row(d.xmin);
  END IF;
END
$prove$;

-- Whether a manifest's touches name the object.
CREATE OR REPLACE FUNCTION @history@.is_declared(p_schema name, p_name name, p_touch_schemas text[], p_touch_names text[])
RETURNS boolean LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $is_declared$
  SELECT coalesce(EXISTS (SELECT FROM unnest(p_touch_schemas, p_touch_names) AS t (s, n)
    WHERE t.s = p_schema::text AND (t.n = '*' OR t.n = p_name::text)), false)
$is_declared$;

-- Classes of objects that take object locks; has_namespace also where only some have one. Sub-objects (defaults, triggers, rules, policies) are left out: their table's lock shows them.
CREATE OR REPLACE FUNCTION @history@.object_classes()
RETURNS TABLE (class_oid oid, has_namespace boolean) LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $object_classes$
  SELECT c::oid, i <= 18 FROM unnest(ARRAY[
    'pg_class', 'pg_proc', 'pg_type', 'pg_namespace', 'pg_default_acl', 'pg_collation', 'pg_conversion', 'pg_operator', 'pg_opclass',
    'pg_opfamily', 'pg_ts_config', 'pg_ts_dict', 'pg_statistic_ext', 'pg_constraint', 'pg_ts_parser',
    'pg_amop', 'pg_amproc', 'pg_cast',
    'pg_extension', 'pg_language', 'pg_event_trigger', 'pg_foreign_data_wrapper', 'pg_foreign_server', 'pg_user_mapping',
    'pg_publication', 'pg_largeobject', 'pg_transform', 'pg_am']::regclass[]) WITH ORDINALITY AS w (c, i)
$object_classes$;
-- Begins work on one schema inside the caller's transaction: takes the locks (only ever tries them: a waiter would hold a
-- snapshot and stop every CREATE INDEX CONCURRENTLY), asserts the state that was planned for, and notes where the proof of placement starts.
CREATE OR REPLACE FUNCTION @history@.enter(
  p_fleet text, p_scope text, p_schema text, p_schema_oid oid, p_heads text[], p_stages text[], p_prove boolean)
RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $enter$
DECLARE
  v_heads text[];
  v_stages text[];
BEGIN
  PERFORM @history@.lock(p_fleet, p_scope, p_schema);

  IF (SELECT n.oid FROM pg_namespace n WHERE n.nspname = p_schema) IS DISTINCT FROM p_schema_oid THEN
    RAISE EXCEPTION USING ERRCODE = 'TN003',
      MESSAGE = format('schema %I is not the one that was planned for: it was dropped or made again meanwhile', p_schema);
  END IF;

  v_heads := ARRAY(SELECT h.revision FROM @history@.head h
    WHERE h.fleet = p_fleet AND h.scope = p_scope AND h.schema = p_schema ORDER BY h.revision COLLATE "C");
  v_stages := ARRAY(SELECT s.revision || ':' || s.direction || ':' || s.number || ':' || s.outcome FROM @history@.stage s
    WHERE s.fleet = p_fleet AND s.scope = p_scope AND s.schema = p_schema ORDER BY s.revision COLLATE "C", s.number);
  IF v_heads IS DISTINCT FROM p_heads OR v_stages IS DISTINCT FROM p_stages THEN
    RAISE EXCEPTION USING ERRCODE = 'TN002',
      MESSAGE = format('%I was planned at %s and is at %s: another run changed it meanwhile', p_schema,
        coalesce(nullif(array_to_string(p_heads || p_stages, ', '), ''), 'base'),
        coalesce(nullif(array_to_string(v_heads || v_stages, ', '), ''), 'base'));
  END IF;

  IF p_prove THEN
    IF current_setting('track_counts') <> 'on' THEN
      RAISE EXCEPTION USING ERRCODE = 'TN006',
        MESSAGE = 'track_counts is off: where functions, types and grants landed could not be proved';
    END IF;
    PERFORM set_config('tenancy.changes', @history@.catalog_changes()::text, true);
    PERFORM set_config('tenancy.schema', p_schema, true);
    PERFORM set_config('tenancy.backend', pg_backend_pid()::text || ':' || extract(epoch FROM transaction_timestamp())::text, true);
  END IF;
END
$enter$;
-- Sets the path for the rest of the transaction and asserts that names land in the schema: PostgreSQL silently skips one that does not exist.
-- No SET clause here: it would undo the setting at the function's end (manual, CREATE FUNCTION).
CREATE OR REPLACE FUNCTION @history@.use_path(p_path text, p_schema text)
RETURNS void LANGUAGE plpgsql AS $use_path$
BEGIN
  PERFORM pg_catalog.set_config('search_path', p_path, true);
  IF p_schema IS NOT NULL AND pg_catalog.current_schema() IS DISTINCT FROM p_schema::pg_catalog.name THEN
    RAISE EXCEPTION USING ERRCODE = 'TN004',
      MESSAGE = pg_catalog.format('the current schema would be %I instead of %I: the role may lack USAGE on it', pg_catalog.current_schema(), p_schema);
  END IF;
  PERFORM pg_catalog.set_config('tenancy.current_schema', coalesce(pg_catalog.current_schema()::text, ''), true);
END
$use_path$;
-- Writes the history row of a revision and moves its head; asserts that exactly the expected rows change.
CREATE OR REPLACE FUNCTION @history@.record_revision(
  p_run uuid, p_fleet text, p_scope text, p_schema text, p_schema_oid oid, p_tenant text, p_revision text,
  p_direction text, p_checksum text, p_tool text, p_remove text[], p_add text[])
RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $record_revision$
DECLARE
  v_removed integer;
BEGIN
  DELETE FROM @history@.head h
    WHERE h.fleet = p_fleet AND h.scope = p_scope AND h.schema = p_schema AND h.revision = ANY (p_remove);
  GET DIAGNOSTICS v_removed = ROW_COUNT;
  IF v_removed <> cardinality(p_remove) THEN
    RAISE EXCEPTION USING ERRCODE = 'TN005',
      MESSAGE = format('expected to remove the heads %s of %I and removed %s', array_to_string(p_remove, ', '), p_schema, v_removed);
  END IF;

  INSERT INTO @history@.head (fleet, scope, schema, revision, schema_oid)
    SELECT p_fleet, p_scope, p_schema, r, p_schema_oid FROM unnest(p_add) r;
  DELETE FROM @history@.stage s
    WHERE s.fleet = p_fleet AND s.scope = p_scope AND s.schema = p_schema AND s.revision = p_revision;
  INSERT INTO @history@.history (run, fleet, scope, schema, tenant, revision, direction, outcome, checksum, started_at, seconds, tool_version)
    VALUES (p_run, p_fleet, p_scope, p_schema, p_tenant, p_revision, p_direction, 'done', p_checksum,
      transaction_timestamp(), extract(epoch FROM clock_timestamp() - transaction_timestamp()), p_tool);

  IF p_scope = 'tenant' THEN
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
      SET outcome = EXCLUDED.outcome, checksum = EXCLUDED.checksum, changed_at = now();
  INSERT INTO @history@.history (run, fleet, scope, schema, tenant, revision, direction, step, outcome, checksum, started_at, seconds, tool_version)
    VALUES (p_run, p_fleet, p_scope, p_schema, p_tenant, p_revision, p_direction, p_number || ': ' || p_description, p_outcome, p_checksum,
      transaction_timestamp(), extract(epoch FROM clock_timestamp() - transaction_timestamp()), p_tool);
  IF p_scope = 'tenant' THEN
    INSERT INTO @history@.tenant (fleet, schema, name, schema_oid) VALUES (p_fleet, p_schema, p_tenant, p_schema_oid)
      ON CONFLICT DO NOTHING;
  END IF;
END
$record_stage$;
-- Gives the objects that this transaction made in the schema the project's grants. Reads them through pg_depend's index:
-- its cost does not grow with the fleet. A row that is visible and not older than the transaction is its own, or another's commit meanwhile:
-- the tenant's lock leaves only its own.
CREATE OR REPLACE FUNCTION @history@.grant_new(p_schema_oid oid, p_owner text, p_grants jsonb)
RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $grant_new$
DECLARE
  v_object record;
  v_role text := current_setting('role');
BEGIN
  IF pg_current_xact_id_if_assigned() IS NULL THEN
    RETURN;
  END IF;
  IF p_owner IS NOT NULL THEN
    PERFORM set_config('role', p_owner, true);
  END IF;
  FOR v_object IN
    SELECT o.class, o.name, g.privileges, g.role, g.keyword
    FROM (
      SELECT CASE c.relkind WHEN 'S' THEN 'sequences' ELSE 'tables' END AS class, c.oid::regclass::text AS name
        FROM pg_depend d JOIN pg_class c ON c.oid = d.objid
        WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_namespace'::regclass AND d.refobjid = p_schema_oid
          AND age(d.xmin) <= 0 AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
      UNION ALL
      SELECT 'functions', p.oid::regprocedure::text
        FROM pg_depend d JOIN pg_proc p ON p.oid = d.objid
        WHERE d.classid = 'pg_proc'::regclass AND d.refclassid = 'pg_namespace'::regclass AND d.refobjid = p_schema_oid
          AND age(d.xmin) <= 0
      UNION ALL
      SELECT 'types', t.oid::regtype::text
        FROM pg_depend d JOIN pg_type t ON t.oid = d.objid
        WHERE d.classid = 'pg_type'::regclass AND d.refclassid = 'pg_namespace'::regclass AND d.refobjid = p_schema_oid
          AND age(d.xmin) <= 0
      UNION ALL
      -- A composite type lies in the schema through its pg_class row.
      SELECT 'types', c.reltype::regtype::text
        FROM pg_depend d JOIN pg_class c ON c.oid = d.objid
        WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_namespace'::regclass AND d.refobjid = p_schema_oid
          AND age(d.xmin) <= 0 AND c.relkind = 'c'
    ) o
    JOIN (
      SELECT j ->> 'to' AS role, j ->> 'on' AS class, j ->> 'privileges' AS privileges,
        CASE j ->> 'on' WHEN 'tables' THEN 'TABLE' WHEN 'sequences' THEN 'SEQUENCE' WHEN 'functions' THEN 'ROUTINE' ELSE 'TYPE' END AS keyword
      FROM jsonb_array_elements(p_grants) j
    ) g ON g.class = o.class
  LOOP
    EXECUTE format('GRANT %s ON %s %s TO %s', v_object.privileges, v_object.keyword, v_object.name,
      CASE WHEN v_object.role = 'public' THEN 'PUBLIC' ELSE quote_ident(v_object.role) END);
  END LOOP;
  PERFORM set_config('role', v_role, true);
END
$grant_new$;
