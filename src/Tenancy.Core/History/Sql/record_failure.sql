INSERT INTO @history@.history (run, fleet, scope, schema, tenant, revision, direction, outcome, tool_version, sqlstate, position, message, started_at, seconds)
VALUES ($1, $2, $3, $4, $5, $6, $7, 'failed', $8, $9, $10, $11, $12, extract(epoch FROM pg_catalog.clock_timestamp() - $12)::pg_catalog.float8)
