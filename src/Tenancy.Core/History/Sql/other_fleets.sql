SELECT o.fleet AS other_fleet FROM (
  SELECT t.fleet FROM @history@.tenant t WHERE t.schema = $2
  UNION SELECT h.fleet FROM @history@.head h WHERE h.schema = $2
  UNION SELECT s.fleet FROM @history@.stage s WHERE s.schema = $2) o
WHERE o.fleet <> $1 ORDER BY 1 LIMIT 1
