-- What a copy has: every revision with its manifest's checksum, and why it did not run. What its source ($10, under whatever name it had) only recorded counts as that, and what the source is not known to have run counts as
-- a stamp.
WITH RECURSIVE known AS (
  SELECT $10::pg_catalog.text AS name, NULL::pg_catalog.int8 AS until
  UNION
  SELECT r.former_schema, r.id FROM known k JOIN @history@.history r ON r.fleet = $1 AND r.scope = 'tenant' AND r.schema = k.name AND r.former_schema IS NOT NULL AND (k.until IS NULL OR r.id < k.until)),
source AS (
  SELECT DISTINCT ON (h.revision) h.revision, h.direction, h.message
  FROM known k JOIN @history@.history h ON h.fleet = $1 AND h.scope = 'tenant' AND h.schema = k.name AND (k.until IS NULL OR h.id < k.until)
  WHERE h.revision IS NOT NULL AND h.step IS NULL AND h.outcome = 'done' AND h.direction IN ('up', 'down', 'stamp')
  ORDER BY h.revision, h.id DESC)
INSERT INTO @history@.history (run, fleet, scope, schema, tenant, revision, direction, outcome, checksum, started_at, seconds, tool_version, message)
SELECT $4, $1, $2, $3, $5, r.revision, CASE WHEN s.direction = 'up' THEN 'up' ELSE 'stamp' END, 'done', r.checksum, now(), 0, $6,
  CASE WHEN s.message LIKE 'not run, marked as applied: %' THEN s.message ELSE r.message END
FROM ROWS FROM (pg_catalog.unnest($7::pg_catalog.text[]), pg_catalog.unnest($8::pg_catalog.text[]), pg_catalog.unnest($9::pg_catalog.text[])) WITH ORDINALITY AS r (revision, checksum, message, number)
LEFT JOIN source s ON s.revision = r.revision
ORDER BY r.number
