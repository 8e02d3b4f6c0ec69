-- Relations of the schemas $1 into which this transaction has written rows, or may have: who writes them holds this lock; a key to a table, made or dropped, takes others.
SELECT DISTINCT pg_catalog.format('%I.%I', n.nspname, c.relname)
FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_class c ON c.oid = l.relation JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE l.pid = pg_catalog.pg_backend_pid() AND l.locktype = 'relation' AND l.granted AND l.database <> 0 AND l.mode = 'RowExclusiveLock' AND n.nspname = ANY ($1::pg_catalog.name[]) AND c.relkind <> 'i'
ORDER BY 1
