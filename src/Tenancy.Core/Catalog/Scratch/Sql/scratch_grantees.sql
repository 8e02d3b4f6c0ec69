-- The objects of a schema that the project's grants are on: as grant_new.sql has them, all and not only new ones. $1: the schema's OID as text.
SELECT 'pg_class ' || c.oid, CASE c.relkind WHEN 'S' THEN 'sequences' WHEN 'c' THEN 'types' ELSE 'tables' END,
    CASE c.relkind WHEN 'c' THEN pg_catalog.format_type(c.reltype, NULL) ELSE pg_catalog.format('%I.%I', n.nspname, c.relname) END
  FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_class c ON c.oid = d.objid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass
    AND d.refobjid = $1::pg_catalog.oid AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S', 'c')
UNION ALL
SELECT 'pg_proc ' || p.oid, 'functions', p.oid::pg_catalog.regprocedure::pg_catalog.text
  FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_proc p ON p.oid = d.objid
  WHERE d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND d.refobjid = $1::pg_catalog.oid
UNION ALL
SELECT 'pg_type ' || t.oid, 'types', pg_catalog.format_type(t.oid, NULL)
  FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_type t ON t.oid = d.objid
  WHERE d.classid = 'pg_catalog.pg_type'::pg_catalog.regclass AND d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND d.refobjid = $1::pg_catalog.oid
