-- Other schemas with a history that the role may read.
SELECT n.nspname::pg_catalog.text FROM pg_catalog.pg_class i
JOIN pg_catalog.pg_namespace n ON n.oid = i.relnamespace
JOIN pg_catalog.pg_class h ON h.relnamespace = n.oid AND h.relname = 'head' AND h.relkind = 'r'
WHERE i.relname = 'installation' AND i.relkind = 'r' AND n.nspname <> @history_literal@
  AND pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_table_privilege(h.oid, 'SELECT')
  AND (SELECT count(*) FROM pg_catalog.pg_attribute a WHERE a.attrelid = h.oid AND a.attname IN ('fleet', 'revision', 'schema_oid')) = 3
ORDER BY 1
