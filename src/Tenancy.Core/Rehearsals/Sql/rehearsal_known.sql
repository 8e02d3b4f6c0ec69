-- The relations that the transaction has locked, as they were when the cursor was declared: its snapshot shows neither new ones nor new names. The locks are those of the moment it is asked.
DECLARE tenancy_known NO SCROLL CURSOR FOR
SELECT l.relation::pg_catalog.text AS tenancy_relation, n.nspname::pg_catalog.text, c.relname::pg_catalog.text, c.relfilenode::pg_catalog.text
FROM (SELECT DISTINCT k.relation FROM pg_catalog.pg_locks k WHERE k.pid = pg_catalog.pg_backend_pid() AND k.locktype = 'relation' AND k.granted OFFSET 0) l
JOIN pg_catalog.pg_class c ON c.oid = l.relation JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname NOT IN ('pg_catalog', 'pg_toast', @history_literal@) AND c.relpersistence <> 't'
