-- The run that last brought a revision to an end on a schema, and whose it was.
SELECT h.run, h.who
FROM @history@.history h
WHERE h.fleet = $1 AND h.scope = $2 AND h.schema = $3 AND h.step IS NULL AND h.outcome = 'done' AND h.revision IS NOT NULL
ORDER BY h.id DESC
LIMIT 1
