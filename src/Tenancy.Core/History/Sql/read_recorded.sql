-- The revisions that a run brought to an end on one schema, in order. What it marked as applied says why.
SELECT h.revision, h.message IS NOT NULL
FROM @history@.history h
WHERE h.fleet = $1 AND h.scope = $2 AND h.schema = $3 AND h.run = $4 AND h.step IS NULL AND h.outcome = 'done' AND h.revision IS NOT NULL
ORDER BY h.id
