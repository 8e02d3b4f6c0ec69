WITH made AS (SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname = $2),
cleared AS (DELETE FROM @history@.head h WHERE h.fleet = $1 AND h.scope = 'tenant' AND h.schema = $2),
stopped AS (DELETE FROM @history@.stage s WHERE s.fleet = $1 AND s.scope = 'tenant' AND s.schema = $2),
registered AS (
  INSERT INTO @history@.tenant (fleet, schema, name, schema_oid, labels) SELECT $1, $2, $3, made.oid, $4::pg_catalog.jsonb FROM made
  ON CONFLICT (fleet, schema) DO UPDATE SET name = EXCLUDED.name, schema_oid = EXCLUDED.schema_oid, labels = EXCLUDED.labels, registered_at = now(), removal_begun = NULL)
INSERT INTO @history@.history (run, fleet, scope, schema, tenant, direction, outcome, started_at, seconds, tool_version)
VALUES ($5, $1, 'tenant', $2, $3, 'create', 'done', now(), extract(epoch FROM pg_catalog.clock_timestamp() - now())::pg_catalog.float8, $6)
