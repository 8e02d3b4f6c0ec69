-- Names of NOT NULL constraints, as JSON, that PostgreSQL (18 and later) would not choose for the table and column as they are called now: those of tables and columns that were renamed, and chosen ones. Null for none.
-- What is inherited has the parent's.
SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('relation', c.relname, 'column', a.attname, 'name', k.conname) ORDER BY c.relname, a.attnum)::pg_catalog.text
FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_class c ON c.oid = d.objid
JOIN pg_catalog.pg_constraint k ON k.conrelid = c.oid AND k.contype = 'n' AND k.coninhcount = 0
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.conkey[1]
WHERE d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND d.refobjid = (SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname = $1)
  AND d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND c.relkind IN ('r', 'p', 'f')
  AND k.conname <> pg_catalog.concat(c.relname, '_', a.attname, '_not_null')
