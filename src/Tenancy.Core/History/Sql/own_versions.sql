-- How many versions of rows this transaction wrote in one of the six catalogs that change most, at the least, for relations, types and functions of the schemas: one for each visible row of its own; null for another
-- catalog. As many as were counted leave none for elsewhere, and spare a scan that would grow with the fleet; fewer prove nothing. p_locked: the relations that it locked for a change, the only ones looked at; one that is
-- locked in several modes comes several times and counts once. Types and functions are those that depend on a schema.
-- Each catalog is read by an index, whatever the planner thinks of it (OFFSET 0): a plan is made once a session, and the catalogs grow meanwhile. Compiling it would take longer than it does, whatever it is thought to cost.
CREATE OR REPLACE FUNCTION @history@.own_versions(p_schemas oid[], p_locked oid[], p_catalog regclass)
RETURNS bigint LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan SET jit = off AS $own_versions$
DECLARE
  -- Most rows have it; is_own_row knows the subtransactions' too.
  v_xmin xid := pg_current_xact_id()::xid;
  v_schemas oid[] := p_schemas || 'pg_toast'::regnamespace::oid;
BEGIN
  CASE p_catalog
    WHEN 'pg_class'::regclass THEN
      RETURN (SELECT count(*) FROM (SELECT DISTINCT u.oid FROM unnest(p_locked) u (oid)) l
          CROSS JOIN LATERAL (SELECT c.xmin FROM pg_class c WHERE c.oid = l.oid AND c.relnamespace = ANY (v_schemas) OFFSET 0) o
        WHERE age(o.xmin) <= 0 AND (o.xmin = v_xmin OR @history@.is_own_row(o.xmin)));
    WHEN 'pg_attribute'::regclass THEN
      RETURN (SELECT count(*) FROM (SELECT DISTINCT u.oid FROM unnest(p_locked) u (oid)) l
          CROSS JOIN LATERAL (SELECT c.oid FROM pg_class c WHERE c.oid = l.oid AND c.relnamespace = ANY (v_schemas) OFFSET 0) c
          CROSS JOIN LATERAL (SELECT a.xmin FROM pg_attribute a WHERE a.attrelid = c.oid OFFSET 0) o
        WHERE age(o.xmin) <= 0 AND (o.xmin = v_xmin OR @history@.is_own_row(o.xmin)));
    WHEN 'pg_constraint'::regclass THEN
      RETURN (SELECT count(*) FROM (SELECT DISTINCT u.oid FROM unnest(p_locked) u (oid)) l
          CROSS JOIN LATERAL (SELECT c.oid FROM pg_class c WHERE c.oid = l.oid AND c.relnamespace = ANY (v_schemas) OFFSET 0) c
          CROSS JOIN LATERAL (SELECT k.xmin FROM pg_constraint k WHERE k.conrelid = c.oid OFFSET 0) o
        WHERE age(o.xmin) <= 0 AND (o.xmin = v_xmin OR @history@.is_own_row(o.xmin)))
        + (SELECT count(*) FROM @history@.dependents(p_schemas, 'pg_type') t (oid)
          CROSS JOIN LATERAL (SELECT k.xmin FROM pg_constraint k WHERE k.contypid = t.oid OFFSET 0) o
        WHERE age(o.xmin) <= 0 AND (o.xmin = v_xmin OR @history@.is_own_row(o.xmin)));
    WHEN 'pg_type'::regclass THEN
      -- A composite type both depends on its schema and is its relation's.
      RETURN (SELECT count(*) FROM (
            SELECT c.reltype FROM unnest(p_locked) u (oid)
              CROSS JOIN LATERAL (SELECT c.reltype FROM pg_class c WHERE c.oid = u.oid AND c.reltype <> 0 AND c.relnamespace = ANY (v_schemas) OFFSET 0) c
            UNION SELECT d.oid FROM @history@.dependents(p_schemas, 'pg_type') d (oid)) n (oid)
          CROSS JOIN LATERAL (SELECT t.oid, t.typarray FROM pg_type t WHERE t.oid = n.oid OFFSET 0) t
          CROSS JOIN LATERAL (VALUES (t.oid), (t.typarray)) v (oid)
          CROSS JOIN LATERAL (SELECT y.xmin FROM pg_type y WHERE y.oid = v.oid OFFSET 0) o
        WHERE age(o.xmin) <= 0 AND (o.xmin = v_xmin OR @history@.is_own_row(o.xmin)));
    WHEN 'pg_enum'::regclass THEN
      RETURN (SELECT count(*) FROM @history@.dependents(p_schemas, 'pg_type') t (oid)
          CROSS JOIN LATERAL (SELECT e.xmin FROM pg_enum e WHERE e.enumtypid = t.oid OFFSET 0) o
        WHERE age(o.xmin) <= 0 AND (o.xmin = v_xmin OR @history@.is_own_row(o.xmin)));
    WHEN 'pg_proc'::regclass THEN
      RETURN (SELECT count(*) FROM @history@.dependents(p_schemas, 'pg_proc') d (oid)
          CROSS JOIN LATERAL (SELECT p.xmin FROM pg_proc p WHERE p.oid = d.oid OFFSET 0) o
        WHERE age(o.xmin) <= 0 AND (o.xmin = v_xmin OR @history@.is_own_row(o.xmin)));
    ELSE
      RETURN NULL;
  END CASE;
END
$own_versions$;

-- The objects of a catalog that depend on the schemas, which lie in them.
CREATE OR REPLACE FUNCTION @history@.dependents(p_schemas oid[], p_catalog regclass)
RETURNS SETOF oid LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan SET jit = off AS $dependents$
BEGIN
  RETURN QUERY SELECT DISTINCT d.objid FROM (SELECT d.objid, d.classid FROM pg_depend d WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid = ANY (p_schemas) OFFSET 0) d WHERE d.classid = p_catalog;
END
$dependents$;

-- How many more versions of pg_class it wrote, at the least, for relations of the schemas that it made: each comes without TOAST table, checks, triggers and rules, and gets an update of its own for the first of each kind
-- (create_toast_table, SetRelationNumChecks, CreateTrigger, SetRelationRuleStatus: PostgreSQL 15 to 18).
CREATE OR REPLACE FUNCTION @history@.completed_versions(p_schemas oid[], p_locked oid[])
RETURNS bigint LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan SET jit = off AS $completed_versions$
DECLARE
  v_xmin xid := pg_current_xact_id()::xid;
BEGIN
  RETURN (SELECT coalesce(sum((o.reltoastrelid <> 0)::integer + (o.relchecks > 0)::integer + o.relhastriggers::integer + o.relhasrules::integer), 0)
    FROM (SELECT DISTINCT u.oid FROM unnest(p_locked) u (oid)) l
      CROSS JOIN LATERAL (SELECT c.*, c.xmin FROM pg_class c WHERE c.oid = l.oid AND c.relnamespace = ANY (p_schemas) AND (c.reltoastrelid <> 0 OR c.relchecks > 0 OR c.relhastriggers OR c.relhasrules) OFFSET 0) o
    WHERE age(o.xmin) <= 0 AND (o.xmin = v_xmin OR @history@.is_own_row(o.xmin))
      AND EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = o.oid AND d.objsubid = 0
        AND d.refclassid = 'pg_namespace'::regclass AND age(d.xmin) <= 0 AND (d.xmin = v_xmin OR @history@.is_own_row(d.xmin))));
END
$completed_versions$;

-- The same for all that schemas hold which this transaction has made, and into which nothing was moved: whatever is there was written by it, so no row is asked who wrote it, and none of pg_attribute is read. Columns are
-- inserted without their default, and get an update for it. A TOAST table comes with an index.
CREATE OR REPLACE FUNCTION @history@.new_versions(p_schemas oid[], p_locked oid[])
RETURNS TABLE (catalog regclass, versions bigint) LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan SET jit = off AS $new_versions$
DECLARE
  v_relations bigint;
  v_tables oid[];
  v_types oid[];
BEGIN
  SELECT coalesce(sum(1 + 3 * (c.reltoastrelid <> 0)::integer + (c.relchecks > 0)::integer + c.relhastriggers::integer + c.relhasrules::integer), 0),
      coalesce(array_agg(c.oid) FILTER (WHERE c.reltype <> 0), '{}'), coalesce(array_agg(c.reltype) FILTER (WHERE c.reltype <> 0), '{}')
    INTO v_relations, v_tables, v_types
    FROM (SELECT DISTINCT u.oid FROM unnest(p_locked) u (oid)) l
    CROSS JOIN LATERAL (SELECT o.* FROM pg_class o WHERE o.oid = l.oid AND o.relnamespace = ANY (p_schemas) OFFSET 0) c;
  v_types := ARRAY(SELECT u.oid FROM unnest(v_types) u (oid) UNION SELECT d.oid FROM @history@.dependents(p_schemas, 'pg_type') d (oid));
  RETURN QUERY VALUES
    ('pg_namespace'::regclass, cardinality(p_schemas)::bigint),
    ('pg_class', v_relations),
    ('pg_attribute', (SELECT count(*) FROM unnest(v_tables) r (oid) CROSS JOIN LATERAL (SELECT FROM pg_attrdef f WHERE f.adrelid = r.oid OFFSET 0) f)),
    ('pg_constraint', (SELECT count(*) FROM unnest(v_tables) r (oid) CROSS JOIN LATERAL (SELECT FROM pg_constraint k WHERE k.conrelid = r.oid OFFSET 0) k)
      + (SELECT count(*) FROM unnest(v_types) r (oid) CROSS JOIN LATERAL (SELECT FROM pg_constraint k WHERE k.contypid = r.oid OFFSET 0) k)),
    ('pg_type', (SELECT coalesce(sum(1 + (t.typarray <> 0)::integer), 0) FROM unnest(v_types) r (oid) CROSS JOIN LATERAL (SELECT y.typarray FROM pg_type y WHERE y.oid = r.oid OFFSET 0) t));
END
$new_versions$;

-- How often this transaction updated rows for relations of the schemas, at the least: those of pg_attribute (columns), asked where columns were updated more often than their visible rows show, and those of pg_class that
-- its visible rows do not show (tables), for what was there before. A column with a default is: it is inserted without it, then updated. What columns and tables were before, the cursor tenancy_columns knows.
-- Each part that is counted is an update of its own in PostgreSQL (tablecmds.c, heap.c, pg_attrdef.c). Of a column: a default stored, a default removed, type, name, NOT NULL, identity, grants; and what old rows have in a new
-- column, since minor releases of May 2025 (counted only from those after them on: more than there was would leave room for something elsewhere). Of a table: each column added; each check
-- added or dropped, which come to a table that is there one by one; its first trigger or key; its first rule.
CREATE OR REPLACE FUNCTION @history@.table_updates(p_schemas oid[], p_locked oid[])
RETURNS TABLE (columns bigint, tables bigint) LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan SET jit = off AS $table_updates$
DECLARE
  v_before refcursor := 'tenancy_columns';
  v_xmin xid := pg_current_xact_id()::xid;
  v_relations oid[] := ARRAY(SELECT c.oid FROM (SELECT DISTINCT u.oid FROM unnest(p_locked) u (oid)) l CROSS JOIN LATERAL (SELECT o.oid FROM pg_class o WHERE o.oid = l.oid AND o.relnamespace = ANY (p_schemas) OFFSET 0) c);
  v_columns pg_attribute[];
  v_tables pg_class[];
  v_version integer := current_setting('server_version_num');
  v_stores_missing boolean := v_version % 10000 >= CASE v_version / 10000 WHEN 15 THEN 14 WHEN 16 THEN 10 WHEN 17 THEN 6 ELSE 0 END;
BEGIN
  PERFORM set_config('tenancy.relations', v_relations::text, true);
  FETCH v_before INTO v_columns, v_tables;
  SELECT coalesce(sum(CASE
        WHEN a.attisdropped THEN 1 + coalesce(b.atthasdef, false)::integer
        WHEN b.attnum IS NULL THEN d.is_stored + (v_stores_missing AND a.atthasmissing AND k.oid IS NOT NULL)::integer
        ELSE greatest(1, d.is_stored + (b.atthasdef AND (d.is_stored = 1 OR NOT a.atthasdef))::integer
          + ((a.atttypid, a.atttypmod, a.attcollation) IS DISTINCT FROM (b.atttypid, b.atttypmod, b.attcollation))::integer
          + (a.attname <> b.attname)::integer + (a.attnotnull <> b.attnotnull)::integer + (a.attidentity <> b.attidentity)::integer
          + (a.attacl IS DISTINCT FROM b.attacl)::integer) END), 0)
    INTO columns
    FROM unnest(v_relations) r (oid)
    CROSS JOIN LATERAL (SELECT o.*, o.xmin FROM pg_attribute o WHERE o.attrelid = r.oid OFFSET 0) a
    LEFT JOIN unnest(v_tables) k ON k.oid = r.oid
    LEFT JOIN unnest(v_columns) b ON b.attrelid = a.attrelid AND b.attnum = a.attnum
    CROSS JOIN LATERAL (SELECT count(*)::integer AS is_stored FROM (SELECT f.xmin FROM pg_attrdef f WHERE a.atthasdef AND f.adrelid = a.attrelid AND f.adnum = a.attnum OFFSET 0) f
      WHERE age(f.xmin) <= 0 AND (f.xmin = v_xmin OR @history@.is_own_row(f.xmin))) d
    WHERE age(a.xmin) <= 0 AND (a.xmin = v_xmin OR @history@.is_own_row(a.xmin));
  SELECT coalesce(sum(greatest(0, c.relnatts - b.relnatts + abs(c.relchecks - b.relchecks) + (c.relhastriggers AND NOT b.relhastriggers)::integer + (c.relhasrules AND NOT b.relhasrules)::integer - 1)), 0)
    INTO tables
    FROM unnest(v_tables) b
    CROSS JOIN LATERAL (SELECT o.*, o.xmin FROM pg_class o WHERE o.oid = b.oid OFFSET 0) c
    WHERE age(c.xmin) <= 0 AND (c.xmin = v_xmin OR @history@.is_own_row(c.xmin));
  RETURN NEXT;
END
$table_updates$;
