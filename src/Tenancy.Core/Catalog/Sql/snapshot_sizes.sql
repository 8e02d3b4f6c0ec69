-- How many relations each of the schemas $1 has, and how many locks are to be held at once: an eighth of what the settings give the lock table, because two read side by side.
SELECT n.nspname::text, (SELECT count(*) FROM pg_depend d WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid = n.oid AND d.classid = 'pg_class'::regclass),
  current_setting('max_locks_per_transaction')::int8 * current_setting('max_connections')::int8 / 8
FROM unnest($1::name[]) AS wanted(name) JOIN pg_namespace n ON n.nspname = wanted.name
