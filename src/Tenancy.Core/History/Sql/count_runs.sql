-- How runs ended: of each, the schemas by what history has of them last. Rows are looked for from a day before: the clock of the machine that wrote one may be another.
SELECT s.run, count(*) FILTER (WHERE s.last = s.done), count(*) FILTER (WHERE s.last = s.failed), count(*) FILTER (WHERE s.last = s.started)
FROM (
  SELECT h.run, max(h.id) AS last, max(h.id) FILTER (WHERE h.outcome = 'done') AS done, max(h.id) FILTER (WHERE h.outcome = 'failed') AS failed,
    max(h.id) FILTER (WHERE h.outcome = 'started') AS started
  FROM @history@.history h
  WHERE h.fleet = $1 AND h.run = ANY ($2) AND h.started_at >= $3::pg_catalog.timestamptz - interval '1 day' AND h.direction IN ('up', 'down')
  GROUP BY h.run, h.scope, h.schema) s
GROUP BY s.run
