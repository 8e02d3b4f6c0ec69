INSERT INTO @history@.history (run, fleet, scope, schema, tenant, revision, direction, step, outcome, checksum, tool_version, message, started_at, seconds)
VALUES ($4, $1, $2, $3, $5, $7, 'repair', $8, 'done', $9, $6, $10, now(), extract(epoch FROM pg_catalog.clock_timestamp() - now())::pg_catalog.float8)
