-- The table of a concurrent index statement: $3 in schema $1, or where that is null the one of the index $2; no row where there is none, or it is no plain table.
SELECT t.relname::pg_catalog.text FROM pg_catalog.pg_class t JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
WHERE n.nspname = $1 AND t.relkind = 'r' AND (t.relname = $3
  OR $3 IS NULL AND t.oid = (SELECT i.indrelid FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid WHERE c.relnamespace = n.oid AND c.relname = $2))
