-- A restore of the whole database gives every schema a new OID. A copy of it (CREATE DATABASE … TEMPLATE) and a history schema restored by itself do not:
-- where any recorded OID still holds, one that does not shows a schema that was dropped and made again.
SELECT NOT EXISTS (
    SELECT FROM @history@.head h JOIN pg_catalog.pg_namespace n ON n.nspname = h.schema AND n.oid = h.schema_oid)
  AND NOT EXISTS (
    SELECT FROM @history@.stage s JOIN pg_catalog.pg_namespace n ON n.nspname = s.schema AND n.oid = s.schema_oid) AS is_restored
