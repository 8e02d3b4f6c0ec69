-- A commit that waits for the disk, whatever the server, the database or the role says; one that waits for standbys too stays as it is.
WITH waiting AS MATERIALIZED (
  SELECT CASE WHEN pg_catalog.current_setting('synchronous_commit') = 'off' THEN pg_catalog.set_config('synchronous_commit', 'on', true) END)
UPDATE @history@.run r SET durable_at = pg_catalog.clock_timestamp() FROM waiting WHERE r.fleet = $1 AND r.id = $2
