-- Tables with rows of their own and sequences of schema $1: OID, name, whether it is a sequence, whether the current role may read it, whether row-level security would keep rows from that role.
SELECT c.oid, c.relname::pg_catalog.text, c.relkind = 'S',
  coalesce(pg_catalog.has_schema_privilege(c.relnamespace, 'USAGE') AND pg_catalog.has_table_privilege(c.oid, 'SELECT'), false), pg_catalog.row_security_active(c.oid)
FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_class c ON c.oid = d.objid
WHERE d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND d.refobjid = (SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname = $1)
  AND d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND c.relkind IN ('r', 'S')
ORDER BY c.relname COLLATE "C"
