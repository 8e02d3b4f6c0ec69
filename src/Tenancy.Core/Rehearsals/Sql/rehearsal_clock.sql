-- When what came before ended, the locks held then (of relations, but for reads and key checks), and when what comes after begins: what this costs itself lies between.
SELECT pg_catalog.date_part('epoch', pg_catalog.clock_timestamp()) AS tenancy_clock,
  ARRAY(SELECT l.relation::pg_catalog.text || ' ' || l.mode FROM pg_catalog.pg_locks l
    WHERE l.pid = pg_catalog.pg_backend_pid() AND l.locktype = 'relation' AND l.granted AND l.mode NOT IN ('AccessShareLock', 'RowShareLock')),
  pg_catalog.date_part('epoch', pg_catalog.clock_timestamp())
