-- How large each schema's tables are, pages, as VACUUM and ANALYZE last saw them: nothing is locked. $2: only tables of these names; null for all.
SELECT n.nspname::pg_catalog.text, sum(c.relpages)::pg_catalog.float8
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname::pg_catalog.text = ANY ($1) AND c.relkind IN ('r', 'm') AND ($2::pg_catalog.text[] IS NULL OR c.relname::pg_catalog.text = ANY ($2))
GROUP BY n.nspname
