-- Relations of schemas, with where their rows lie, and whether this transaction may have written rows of them or drawn from them. A key to one takes another lock (ShareRowExclusive), and checking it another too (RowShare).
SELECT pg_catalog.format('%I.%I', n.nspname, c.relname), c.relfilenode::pg_catalog.text,
  EXISTS (SELECT FROM pg_catalog.pg_locks l WHERE l.pid = pg_catalog.pg_backend_pid() AND l.locktype = 'relation' AND l.relation = c.oid AND l.granted AND l.mode IN ('RowExclusiveLock', 'ExclusiveLock'))
FROM pg_catalog.pg_namespace n JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid
WHERE n.nspname = ANY ($1) AND c.relkind IN ('r', 'p', 'm', 'S', 'f', 'v')
ORDER BY 1
