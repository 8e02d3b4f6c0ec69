-- What is installed, and whether this is another place than that where it was: a restore of the whole database, a copy of it, a history schema restored by itself.
SELECT i.version, i.tool_version,
  i.database_oid IS DISTINCT FROM (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
    OR i.history_oid IS DISTINCT FROM (SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname = @history_literal@) AS is_moved,
  -- Builds before had no such column.
  coalesce(pg_catalog.to_jsonb(i) ->> 'functions', '') AS functions
FROM @history@.installation i
