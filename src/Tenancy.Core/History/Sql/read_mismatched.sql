-- Who has these revisions applied, and with which checksum: the newest row of each schema decides.
SELECT l.scope, l.schema, l.revision, l.checksum FROM (
  SELECT DISTINCT ON (h.scope, h.schema, h.revision) h.scope, h.schema, h.revision, h.checksum, h.direction
  FROM @history@.history h
  WHERE h.fleet = $1 AND h.step IS NULL AND h.outcome = 'done' AND h.revision = ANY ($2)
    AND (h.scope = 'shared' OR h.schema = ANY ($3))
  ORDER BY h.scope, h.schema, h.revision, h.id DESC) l
WHERE l.direction <> 'down'
