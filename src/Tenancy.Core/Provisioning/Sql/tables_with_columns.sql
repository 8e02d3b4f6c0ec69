-- Tables of a schema that have rows of their own (partitions, not what is partitioned; of those that inherit only their own): name, columns that take values, and those of them whose values are OIDs, alone or in arrays.
SELECT c.relname::pg_catalog.text,
  ARRAY(SELECT a.attname::pg_catalog.text FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attnum),
  ARRAY(SELECT a.attname::pg_catalog.text FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
      AND CASE t.typtype WHEN 'd' THEN t.typbasetype ELSE t.oid END IN ('pg_catalog.oid'::pg_catalog.regtype, 'pg_catalog.oid[]'::pg_catalog.regtype) ORDER BY a.attnum)
FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_class c ON c.oid = d.objid
WHERE d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND d.refobjid = (SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname = $1)
  AND d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND c.relkind = 'r'
ORDER BY c.relname COLLATE "C"
