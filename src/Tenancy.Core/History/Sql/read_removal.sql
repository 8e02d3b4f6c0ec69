-- The schema, and whether a removal of this very one was begun.
SELECT n.oid, coalesce(t.removal_begun IS NOT NULL AND t.schema_oid = n.oid, false)
FROM (VALUES (true)) AS one (row)
LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = $2
LEFT JOIN @history@.tenant t ON t.fleet = $1 AND t.schema = $2
