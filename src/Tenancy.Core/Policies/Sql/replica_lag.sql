-- Physical standbys that receive changes. replay_lag is null where a standby has nothing left to replay, or has just begun: then bytes say which.
-- A role without pg_read_all_stats sees rows without values (manual, 28.2.4): is_readable is false then.
SELECT pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE') AS is_readable,
  coalesce(nullif(r.application_name, ''), host(r.client_addr), 'standby') AS name,
  extract(epoch FROM r.replay_lag)::pg_catalog.float8 AS seconds,
  pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), r.replay_lsn)::pg_catalog.int8 AS bytes
FROM (SELECT) one
LEFT JOIN pg_catalog.pg_stat_replication r ON r.state <> 'backup'
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_replication_slots s WHERE s.active_pid = r.pid AND s.slot_type = 'logical')
