-- What this transaction dropped outside the schema: locked, and not to be found any more; and relations that lost a column because of its type.
SELECT o.object_schema AS dropped_schema, o.object_name AS dropped_name
FROM (SELECT pg_catalog.array_agg(l.class) AS classes, pg_catalog.array_agg(l.object) AS objects FROM (
  SELECT 'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid::pg_catalog.int8 AS class, l.relation::pg_catalog.int8 AS object
    FROM pg_catalog.pg_locks l
    WHERE l.locktype = 'relation' AND l.pid = pg_catalog.pg_backend_pid() AND l.mode = 'AccessExclusiveLock'
      AND (NOT EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid = l.relation)
        OR EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = l.relation AND a.attisdropped AND pg_catalog.age(a.xmin) <= 0))
  UNION
  SELECT l.classid::pg_catalog.int8, l.objid::pg_catalog.int8
    FROM pg_catalog.pg_locks l
    WHERE l.locktype = 'object' AND l.pid = pg_catalog.pg_backend_pid() AND l.mode = 'AccessExclusiveLock' AND l.database <> 0) l) d
-- A cast that a tenant's type takes with it lies in no schema and is the tenant's.
CROSS JOIN LATERAL @history@.outside_before(ARRAY[$1::pg_catalog.text], d.classes, d.objects, '{}', '{}', true) o
