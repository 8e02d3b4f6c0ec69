-- The last run that migrated tenants, not one that made them.
SELECT h.run, h.started_at
FROM @history@.history h
WHERE h.fleet = $1 AND h.direction IN ('up', 'down')
  AND h.run NOT IN (SELECT c.run FROM @history@.history c WHERE c.fleet = $1 AND c.direction = 'create')
ORDER BY h.id DESC
LIMIT 1
