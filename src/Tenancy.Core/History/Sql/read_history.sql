-- What happened to a schema that was renamed is told under all its names, up to each rename.
WITH RECURSIVE known AS (
  SELECT s.schema, NULL::pg_catalog.int8 AS until FROM pg_catalog.unnest($3) AS s (schema)
  UNION
  SELECT r.former_schema, r.id FROM known k JOIN @history@.history r ON r.fleet = $1 AND r.schema = k.schema AND r.former_schema IS NOT NULL AND (k.until IS NULL OR r.id < k.until))
SELECT * FROM (
  SELECT h.id, h.run, h.scope, h.schema, h.tenant, h.revision, h.direction, h.step, h.outcome, h.checksum, h.started_at, h.seconds, h.who,
    h.tool_version, h.sqlstate, h.position, h.message, nullif(r.arguments, '{}')::pg_catalog.text
  FROM @history@.history h LEFT JOIN @history@.run r ON r.fleet = h.fleet AND r.id = h.run
    -- Joined by hash: an EXISTS would look through all of them for each row.
    LEFT JOIN (SELECT k.schema, pg_catalog.max(coalesce(k.until, 9223372036854775807)) AS until FROM known k GROUP BY k.schema) k ON k.schema = h.schema
  WHERE h.fleet = $1 AND (h.scope = 'tenant' AND ($3 IS NULL OR h.id < k.until) OR h.scope = 'shared' AND $2)
    AND ($4 IS NULL OR h.run = $4) AND ($5 IS NULL OR h.started_at >= $5)
  ORDER BY h.id DESC LIMIT $6) newest
ORDER BY id
