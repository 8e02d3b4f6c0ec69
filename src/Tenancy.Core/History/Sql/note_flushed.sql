-- A commit that waits for the disk, whatever the server, the database or the role says; one that waits for standbys too stays as it is. It writes a row, because one that wrote nothing would flush nothing.
WITH waiting AS MATERIALIZED (
  SELECT CASE WHEN pg_catalog.current_setting('synchronous_commit') = 'off' THEN pg_catalog.set_config('synchronous_commit', 'on', true) END),
scope AS MATERIALIZED (SELECT @history@.lock_key($1, 'scope', '') AS key)
INSERT INTO @history@.flushed AS f (fleet, history_id)
-- While somebody is at work, a row with a smaller number may be committed after this. Who is, is asked after the rows were seen: pg_locks shows what is now, not what was when the statement began.
SELECT $1, CASE WHEN EXISTS (
  SELECT FROM pg_catalog.pg_locks l
  WHERE l.locktype = 'advisory' AND l.objsubid = 1 AND l.pid <> pg_catalog.pg_backend_pid()
    AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
    AND l.classid::pg_catalog.int8 = (scope.key >> 32) & 4294967295 AND l.objid::pg_catalog.int8 = scope.key & 4294967295)
  THEN 0 ELSE coalesce((SELECT max(h.id) FROM @history@.history h), 0) END
FROM waiting, scope
ON CONFLICT (fleet) DO UPDATE SET history_id = greatest(f.history_id, EXCLUDED.history_id)
