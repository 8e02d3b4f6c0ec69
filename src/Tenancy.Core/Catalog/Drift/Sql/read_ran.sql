-- Of revisions that may be recorded without being run: who ran them and who did not. Null where a stamp says that a schema has one.
SELECT l.schema, l.revision, l.ran FROM (
  SELECT DISTINCT ON (h.schema, h.revision) h.schema, h.revision, h.direction,
    CASE h.direction WHEN 'up' THEN coalesce(h.message, '') NOT LIKE 'not run, marked as applied: %' END AS ran
  FROM @history@.history h
  WHERE h.fleet = $1 AND h.scope = 'tenant' AND h.revision = ANY ($2) AND h.schema = ANY ($3) AND h.step IS NULL AND h.outcome = 'done' AND h.direction IN ('up', 'down', 'stamp')
  ORDER BY h.schema, h.revision, h.id DESC) l
WHERE l.ran IS NOT NULL
