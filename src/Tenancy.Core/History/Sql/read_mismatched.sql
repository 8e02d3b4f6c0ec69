-- Who has these revisions applied, and with which checksum: the newest row of each schema decides, under whatever name it had. Version 1 knows no renames.
WITH RECURSIVE known AS (
  SELECT s.schema, s.schema AS name, NULL::pg_catalog.int8 AS until FROM pg_catalog.unnest($3::pg_catalog.text[]) AS s (schema)
  UNION
  SELECT k.schema, pg_catalog.to_jsonb(r) ->> 'former_schema', r.id FROM known k JOIN @history@.history r ON r.fleet = $1 AND r.scope = 'tenant' AND r.schema = k.name AND r.direction = 'rename' AND (k.until IS NULL OR r.id < k.until)
  WHERE pg_catalog.to_jsonb(r) ->> 'former_schema' IS NOT NULL)
SELECT l.scope, l.schema, l.revision, l.checksum FROM (
  SELECT DISTINCT ON (h.scope, h.schema, h.revision) h.scope, h.schema, h.revision, h.checksum, h.direction
  FROM (SELECT s.id, s.scope, s.schema, s.revision, s.checksum, s.direction FROM @history@.history s
      WHERE s.fleet = $1 AND s.scope = 'shared' AND s.step IS NULL AND s.outcome = 'done' AND s.revision = ANY ($2)
    UNION ALL SELECT t.id, t.scope, k.schema, t.revision, t.checksum, t.direction FROM @history@.history t JOIN known k ON k.name = t.schema AND (k.until IS NULL OR t.id < k.until)
      WHERE t.fleet = $1 AND t.scope = 'tenant' AND t.step IS NULL AND t.outcome = 'done' AND t.revision = ANY ($2)) h
  ORDER BY h.scope, h.schema, h.revision, h.id DESC) l
WHERE l.direction <> 'down'
