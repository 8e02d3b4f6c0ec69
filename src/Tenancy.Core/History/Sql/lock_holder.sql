-- Who holds the tenant's key, or the scope's exclusively. pg_locks shows a 64-bit key in two halves (manual, 54.12).
SELECT a.pid, coalesce(a.application_name, ''), coalesce(extract(epoch FROM pg_catalog.clock_timestamp() - a.xact_start)::pg_catalog.float8, 0)
FROM (VALUES (@history@.lock_key($1, 'tenant', $2), false), (@history@.lock_key($1, 'scope', ''), true)) AS k (key, exclusive_only)
JOIN pg_catalog.pg_locks l ON l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
  AND l.classid::pg_catalog.int8 = (k.key >> 32) & 4294967295 AND l.objid::pg_catalog.int8 = k.key & 4294967295
  AND (l.mode = 'ExclusiveLock' OR NOT k.exclusive_only)
JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
WHERE l.pid <> pg_catalog.pg_backend_pid()
LIMIT 1
