-- Sets the path for the rest of the transaction and asserts that names land in the schema: PostgreSQL silently skips one that does not exist.
-- No SET clause here: it would undo the setting at the function's end (manual, CREATE FUNCTION).
CREATE OR REPLACE FUNCTION @history@.use_path(p_path text, p_schema text)
RETURNS void LANGUAGE plpgsql AS $use_path$
DECLARE
  v_set text := pg_catalog.set_config('search_path', p_path, true);
BEGIN
  IF p_schema IS NOT NULL AND pg_catalog.current_schema() IS DISTINCT FROM p_schema::pg_catalog.name THEN
    RAISE EXCEPTION USING ERRCODE = 'TN004',
      MESSAGE = pg_catalog.format('the current schema would be %I instead of %I: the role may lack USAGE on it', pg_catalog.current_schema(), p_schema);
  END IF;
  v_set := pg_catalog.set_config('tenancy.current_schema', coalesce(pg_catalog.current_schema()::text, ''), true);
END
$use_path$;
