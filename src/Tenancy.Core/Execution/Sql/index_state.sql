-- Whether the index $2 in schema $1 is valid, and the process that is still building it; no row where there is none.
SELECT i.indisvalid AND i.indisready AS is_valid, (SELECT p.pid FROM pg_catalog.pg_stat_progress_create_index p
  WHERE p.index_relid = c.oid AND p.datname = pg_catalog.current_database() AND p.pid <> pg_catalog.pg_backend_pid() LIMIT 1) AS builder
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
WHERE n.nspname = $1 AND c.relname = $2
