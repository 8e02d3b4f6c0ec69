-- What is installed. A restore of the whole database gives every schema a new OID. A copy of it (CREATE DATABASE … TEMPLATE) and a history schema
-- restored by itself do not: where any recorded OID still holds, one that does not shows a schema that was dropped and made again.
SELECT m.version, m.tool_version, m.is_moved,
  CASE WHEN m.is_moved THEN NOT EXISTS (
      SELECT FROM @history@.head h JOIN pg_catalog.pg_namespace n ON n.nspname = h.schema AND n.oid = h.schema_oid)
    AND NOT EXISTS (
      SELECT FROM @history@.stage s JOIN pg_catalog.pg_namespace n ON n.nspname = s.schema AND n.oid = s.schema_oid)
  ELSE false END AS is_restored
FROM (
  SELECT i.version, i.tool_version,
    i.database_oid IS DISTINCT FROM (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
      OR i.history_oid IS DISTINCT FROM (SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname = @history_literal@) AS is_moved
  FROM @history@.installation i) m
