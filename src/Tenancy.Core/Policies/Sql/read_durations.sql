-- How long revisions took at the most, added up: seconds, null where none was ever run. A revision in stages takes the time of its steps.
SELECT sum(s.longest)::pg_catalog.float8
FROM (
  SELECT max(h.seconds) AS longest
  FROM @history@.history h
  WHERE h.fleet = $1 AND h.scope = $2 AND h.direction = $3 AND h.revision = ANY ($4) AND h.outcome = 'done'
    -- What was recorded and not run took no time.
    AND h.message IS NULL
  GROUP BY h.revision, h.step) s
