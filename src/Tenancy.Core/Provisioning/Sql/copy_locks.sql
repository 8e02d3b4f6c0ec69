-- Entries of the lock table that a copy of schema $1 takes until COMMIT: every relation that is made, with its indexes and TOAST; where rows are copied ($2), what is read too.
SELECT coalesce(sum(1 + o.indexes + CASE WHEN o.reltoastrelid = 0 THEN 0 ELSE 2 END + CASE WHEN $2 AND o.relkind IN ('r', 'S') THEN 1 + o.indexes ELSE 0 END), 0)::pg_catalog.int8
FROM (SELECT c.relkind, c.reltoastrelid, (SELECT count(*) FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid) AS indexes
  FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_class c ON c.oid = d.objid
  WHERE d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND d.refobjid = (SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname = $1)
    AND d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass) o
