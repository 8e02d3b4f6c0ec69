WITH cleared AS (DELETE FROM @history@.head h WHERE h.fleet = $1 AND h.scope = 'tenant' AND h.schema = $2),
stopped AS (DELETE FROM @history@.stage s WHERE s.fleet = $1 AND s.scope = 'tenant' AND s.schema = $2),
unregistered AS (DELETE FROM @history@.tenant t WHERE t.fleet = $1 AND t.schema = $2)
INSERT INTO @history@.history (run, fleet, scope, schema, tenant, direction, outcome, started_at, seconds, tool_version)
VALUES ($4, $1, 'tenant', $2, $3, 'remove', 'done', now(), extract(epoch FROM pg_catalog.clock_timestamp() - now())::pg_catalog.float8, $5)
