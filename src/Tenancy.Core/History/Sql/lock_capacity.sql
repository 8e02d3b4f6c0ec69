-- The lock table of the server: processes it has room for (manual, 20.12: backends and prepared transactions; NLOCKENTS in lock.c), locks for each of them, entries that others use now.
-- One more process than the settings tell: the autovacuum launcher.
SELECT
  (SELECT sum(s.setting::pg_catalog.int8) + 1 FROM pg_catalog.pg_settings s
    WHERE s.name IN ('max_connections', 'max_worker_processes', 'max_wal_senders', 'max_prepared_transactions')
      OR s.name = (SELECT max(v.name) FROM pg_catalog.pg_settings v WHERE v.name IN ('autovacuum_max_workers', 'autovacuum_worker_slots')))::pg_catalog.int8,
  pg_catalog.current_setting('max_locks_per_transaction')::pg_catalog.int8,
  (SELECT count(*) FROM (SELECT DISTINCT k.locktype, k.database, k.relation, k.page, k.tuple, k.virtualxid, k.transactionid::pg_catalog.text, k.classid, k.objid, k.objsubid
    FROM pg_catalog.pg_locks k WHERE NOT k.fastpath AND k.pid <> pg_catalog.pg_backend_pid()) l)
