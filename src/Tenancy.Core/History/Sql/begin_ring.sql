-- Gives whether it was begun before and not ended, whether its tenants were done, and whether it was verified.
WITH begun AS (
  INSERT INTO @history@.ring AS r (fleet, run, number, name) VALUES ($1, $2, $3, $4)
  ON CONFLICT (fleet, run, number) DO NOTHING RETURNING r.number)
SELECT r.ended_at IS NULL, r.ended_at IS NOT NULL, r.verified_at IS NOT NULL
FROM @history@.ring r
WHERE r.fleet = $1 AND r.run = $2 AND r.number = $3
UNION ALL SELECT false, false, false FROM begun
LIMIT 1
