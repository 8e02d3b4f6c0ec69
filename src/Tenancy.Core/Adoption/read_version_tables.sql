-- Which schemas have a table of that name, whether it may be read, and its columns.
SELECT n.nspname::pg_catalog.text, coalesce(pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_table_privilege(c.oid, 'SELECT'), false),
  pg_catalog.array_agg(a.attname::pg_catalog.text)
FROM pg_catalog.pg_namespace n
JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = $2 AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE n.nspname::pg_catalog.text = ANY ($1)
GROUP BY n.nspname, n.oid, c.oid
