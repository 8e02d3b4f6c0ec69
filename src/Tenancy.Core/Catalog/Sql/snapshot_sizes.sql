-- How many relations each of the schemas $1 has, for no more locks at once than fit.
SELECT n.nspname::text, (SELECT count(*) FROM pg_depend d WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid = n.oid AND d.classid = 'pg_class'::regclass)
FROM unnest($1::name[]) AS wanted(name) JOIN pg_namespace n ON n.nspname = wanted.name
