-- Who stands in the way: for a tenant whoever holds its key, or the scope's exclusively; for the shared schema whoever holds the scope's key at
-- all. pg_locks shows a 64-bit key in two halves (manual, 54.12), and those of other databases too, where keys are equal for equal names.
SELECT a.pid, coalesce(a.application_name, ''), coalesce(extract(epoch FROM pg_catalog.clock_timestamp() - coalesce(a.xact_start, a.query_start))::pg_catalog.float8, 0)
FROM (VALUES (@history@.lock_key($1, 'tenant', $3), false), (@history@.lock_key($1, 'scope', ''), $2 <> 'shared')) AS k (key, exclusive_only)
JOIN pg_catalog.pg_locks l ON l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
  AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
  AND l.classid::pg_catalog.int8 = (k.key >> 32) & 4294967295 AND l.objid::pg_catalog.int8 = k.key & 4294967295
  AND (l.mode = 'ExclusiveLock' OR NOT k.exclusive_only)
JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
WHERE l.pid <> pg_catalog.pg_backend_pid()
LIMIT 1
