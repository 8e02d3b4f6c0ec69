-- The invalid indexes that REINDEX CONCURRENTLY of index $2 in schema $1 leaves when it fails (manual, REINDEX).
SELECT c.relname::pg_catalog.text FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
WHERE n.nspname = $1 AND NOT i.indisvalid AND pg_catalog.left(c.relname, pg_catalog.length($2)) = $2 AND pg_catalog.substr(c.relname, pg_catalog.length($2) + 1) ~ '^_cc(new|old)[0-9]*$'
