-- For history tables of version 1, which keep no arguments.
SELECT * FROM (
  SELECT h.id, h.run, h.scope, h.schema, h.tenant, h.revision, h.direction, h.step, h.outcome, h.checksum, h.started_at, h.seconds, h.who,
    h.tool_version, h.sqlstate, h.position, h.message, NULL::pg_catalog.text
  FROM @history@.history h
  WHERE h.fleet = $1 AND (h.scope = 'tenant' AND ($3 IS NULL OR h.schema = ANY ($3)) OR h.scope = 'shared' AND $2)
    AND ($4 IS NULL OR h.run = $4) AND ($5 IS NULL OR h.started_at >= $5)
  ORDER BY h.id DESC LIMIT $6) newest
ORDER BY id
