-- When what came before ended, the locks held then (of relations, but for reads and key checks), the files of the tables among them and how often each was read from end to end so far, and when what comes after begins:
-- what this costs itself lies between.
SELECT pg_catalog.date_part('epoch', pg_catalog.clock_timestamp()) AS tenancy_clock,
  ARRAY(SELECT l.relation::pg_catalog.text || ' ' || l.mode FROM pg_catalog.pg_locks l
    WHERE l.pid = pg_catalog.pg_backend_pid() AND l.locktype = 'relation' AND l.granted AND l.mode NOT IN ('AccessShareLock', 'RowShareLock')),
  ARRAY(SELECT c.oid::pg_catalog.text || ' ' || c.relfilenode::pg_catalog.text || ' ' || pg_catalog.pg_stat_get_xact_numscans(c.oid)::pg_catalog.text
    FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_class c ON c.oid = l.relation AND c.relkind IN ('r', 'm')
    WHERE l.pid = pg_catalog.pg_backend_pid() AND l.locktype = 'relation' AND l.granted AND l.mode NOT IN ('AccessShareLock', 'RowShareLock')),
  pg_catalog.date_part('epoch', pg_catalog.clock_timestamp())
