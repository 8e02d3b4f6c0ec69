-- Whether the index $2 in schema $1 is what the same statement made of a temporary table like its table $3. What differs for certain are the schemas, which stand before USING; the names there are the
-- same in both.
SELECT a.definition, a.indisunique = b.indisunique AND a.table_name = $3
  AND pg_catalog.substr(a.definition, pg_catalog.strpos(a.definition, ' USING ')) = pg_catalog.substr(b.definition, pg_catalog.strpos(b.definition, ' USING ')) AS is_same
FROM (SELECT c.relnamespace, c.relname, t.relname AS table_name, i.indisunique, pg_catalog.pg_get_indexdef(c.oid) AS definition
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid JOIN pg_catalog.pg_class t ON t.oid = i.indrelid WHERE c.relname = $2) a
JOIN (SELECT i.indisunique, pg_catalog.pg_get_indexdef(c.oid) AS definition
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid WHERE c.relname = $2 AND c.relnamespace = pg_catalog.pg_my_temp_schema()) b ON true
WHERE a.relnamespace = (SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname = $1)
