-- The database and the schema that the history is in now.
UPDATE @history@.installation SET
  database_oid = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()),
  history_oid = (SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname = @history_literal@);
