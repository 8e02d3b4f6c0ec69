-- Of revisions that may be recorded without being run: who ran them and who did not, under whatever name it had. Null where a stamp says that a schema has one. Version 1 knows no renames.
WITH RECURSIVE known AS (
  SELECT s.schema, s.schema AS name, NULL::pg_catalog.int8 AS until FROM pg_catalog.unnest($3::pg_catalog.text[]) AS s (schema)
  UNION
  SELECT k.schema, pg_catalog.to_jsonb(r) ->> 'former_schema', r.id FROM known k JOIN @history@.history r ON r.fleet = $1 AND r.scope = 'tenant' AND r.schema = k.name AND r.direction = 'rename' AND (k.until IS NULL OR r.id < k.until)
  WHERE pg_catalog.to_jsonb(r) ->> 'former_schema' IS NOT NULL)
SELECT l.schema, l.revision, l.ran FROM (
  SELECT DISTINCT ON (k.schema, h.revision) k.schema, h.revision, CASE h.direction WHEN 'up' THEN coalesce(h.message, '') NOT LIKE 'not run, marked as applied: %' END AS ran
  FROM known k JOIN @history@.history h ON h.fleet = $1 AND h.scope = 'tenant' AND h.schema = k.name AND (k.until IS NULL OR h.id < k.until)
  WHERE h.revision = ANY ($2) AND h.step IS NULL AND h.outcome = 'done' AND h.direction IN ('up', 'down', 'stamp')
  ORDER BY k.schema, h.revision, h.id DESC) l
WHERE l.ran IS NOT NULL
