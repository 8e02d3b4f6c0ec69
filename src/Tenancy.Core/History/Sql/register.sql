WITH made AS (
  SELECT t.schema, t.name, t.labels, n.oid FROM ROWS FROM (pg_catalog.unnest($2::pg_catalog.text[]), pg_catalog.unnest($3::pg_catalog.text[]), pg_catalog.unnest($4::pg_catalog.text[])) t (schema, name, labels)
  JOIN pg_catalog.pg_namespace n ON n.nspname = t.schema::pg_catalog.name),
cleared AS (DELETE FROM @history@.head h WHERE h.fleet = $1 AND h.scope = 'tenant' AND h.schema = ANY ($2)),
stopped AS (DELETE FROM @history@.stage s WHERE s.fleet = $1 AND s.scope = 'tenant' AND s.schema = ANY ($2)),
registered AS (
  INSERT INTO @history@.tenant (fleet, schema, name, schema_oid, labels) SELECT $1, made.schema, made.name, made.oid, made.labels::pg_catalog.jsonb FROM made
  ON CONFLICT (fleet, schema) DO UPDATE SET name = EXCLUDED.name, schema_oid = EXCLUDED.schema_oid, labels = EXCLUDED.labels, registered_at = now(), removal_begun = NULL)
INSERT INTO @history@.history (run, fleet, scope, schema, tenant, direction, outcome, started_at, seconds, tool_version)
SELECT $5, $1, 'tenant', t.schema, t.name, 'create', 'done', now(), extract(epoch FROM pg_catalog.clock_timestamp() - now())::pg_catalog.float8, $6
FROM ROWS FROM (pg_catalog.unnest($2), pg_catalog.unnest($3)) WITH ORDINALITY t (schema, name, number)
ORDER BY t.number
