-- Where the database's extensions are. One in a tenant's schema must not put that tenant's tables and types into everybody's path.
SELECT DISTINCT n.nspname::pg_catalog.text FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
WHERE n.nspname <> 'pg_catalog' AND NOT EXISTS (SELECT FROM @history@.tenant t WHERE t.schema = n.nspname)
ORDER BY 1
