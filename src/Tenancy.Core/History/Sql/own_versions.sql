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
