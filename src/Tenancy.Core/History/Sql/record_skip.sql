-- Once a state of affairs: a tenant that does not meet a requirement every night does not fill the history.
INSERT INTO @history@.history (run, fleet, scope, schema, tenant, revision, direction, outcome, tool_version, message, started_at, seconds)
SELECT $1, $2, $3, $4, $5, $6, $7, 'skipped', $8, $9, pg_catalog.now(), 0
WHERE NOT EXISTS (
  SELECT FROM (
    SELECT h.outcome, h.message FROM @history@.history h
    WHERE h.fleet = $2 AND h.scope = $3 AND h.schema = $4 AND h.revision = $6 ORDER BY h.id DESC LIMIT 1) last
  WHERE last.outcome = 'skipped' AND last.message = $9)
