INSERT INTO @history@.installation (version, database_oid, history_oid, tool_version, functions)
SELECT $1, d.oid, n.oid, $2, $3 FROM pg_catalog.pg_database d, pg_catalog.pg_namespace n
WHERE d.datname = pg_catalog.current_database() AND n.nspname = @history_literal@
ON CONFLICT (is_single) DO UPDATE SET version = EXCLUDED.version, tool_version = EXCLUDED.tool_version, functions = EXCLUDED.functions
