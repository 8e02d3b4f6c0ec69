-- Whom the sessions named $1 wait for, the oldest transaction first; of a prepared transaction the process is 0. A role that may not see another's session gets its process, role and
-- application only (manual, 28.2.3). By name and not by process: behind a pooler the client does not know its process.
SELECT b.pid, coalesce(a.application_name, ''), coalesce(a.usename::pg_catalog.text, ''), a.state,
  extract(epoch FROM pg_catalog.clock_timestamp() - a.xact_start)::pg_catalog.float8, CASE WHEN a.state IS NOT NULL THEN a.query END
FROM pg_catalog.pg_stat_activity w
CROSS JOIN LATERAL (SELECT DISTINCT u.pid FROM pg_catalog.unnest(pg_catalog.pg_blocking_pids(w.pid)) u (pid)) b
LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = b.pid
WHERE w.datname = pg_catalog.current_database() AND w.application_name = $1 AND w.wait_event_type = 'Lock'
ORDER BY a.xact_start, b.pid
LIMIT 3
