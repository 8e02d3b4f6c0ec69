-- Materialized views of a schema that have been filled: name, and a query that says whether each row is one that the view's own query gives now, and the other way round.
SELECT c.relname::pg_catalog.text, pg_catalog.format('SELECT NOT EXISTS ((SELECT r::pg_catalog.text FROM %1$I.%2$I r EXCEPT ALL SELECT q::pg_catalog.text FROM (%3$s) q) UNION ALL (SELECT q::pg_catalog.text FROM (%3$s) q EXCEPT ALL SELECT r::pg_catalog.text FROM %1$I.%2$I r))',
    $1, c.relname, pg_catalog.btrim(pg_catalog.pg_get_viewdef(c.oid), E' \n;'))
FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_class c ON c.oid = d.objid
WHERE d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND d.refobjid = (SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname = $1)
  AND d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND c.relkind = 'm' AND c.relispopulated
ORDER BY c.relname COLLATE "C"
