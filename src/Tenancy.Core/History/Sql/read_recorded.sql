-- What a run has recorded of revisions on one schema, in order: their ends, and the stages before. What it marked as applied says why.
SELECT h.revision, pg_catalog.split_part(h.step, ':', 1)::pg_catalog.int4, h.outcome = 'done', h.message IS NOT NULL, h.seconds
FROM @history@.history h
WHERE h.fleet = $1 AND h.scope = $2 AND h.schema = $3 AND h.run = $4 AND h.direction IN ('up', 'down') AND h.outcome IN ('started', 'done')
ORDER BY h.id
