SELECT s.scope, s.schema, s.revision, s.direction, s.number, s.outcome = 'done', s.description, s.checksum, s.schema_oid,
  -- Version 1 has no such column.
  pg_catalog.to_jsonb(s) ->> 'position'
FROM @history@.stage s
WHERE s.fleet = $1 AND (s.scope = 'shared' AND s.schema = $2 OR s.scope = 'tenant' AND ($3::pg_catalog.text[] IS NULL OR s.schema = ANY ($3)))
ORDER BY s.schema, s.revision COLLATE "C", s.number
