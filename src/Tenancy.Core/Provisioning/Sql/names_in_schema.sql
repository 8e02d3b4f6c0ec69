-- The names of what is in a schema, as far as SQL writes the schema before them.
SELECT DISTINCT n.name::pg_catalog.text FROM pg_catalog.pg_depend d
CROSS JOIN LATERAL (
  SELECT c.relname FROM pg_catalog.pg_class c WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND c.oid = d.objid
  UNION ALL SELECT p.proname FROM pg_catalog.pg_proc p WHERE d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND p.oid = d.objid
  UNION ALL SELECT t.typname FROM pg_catalog.pg_type t WHERE d.classid = 'pg_catalog.pg_type'::pg_catalog.regclass AND t.oid = d.objid
  UNION ALL SELECT c.collname FROM pg_catalog.pg_collation c WHERE d.classid = 'pg_catalog.pg_collation'::pg_catalog.regclass AND c.oid = d.objid
  UNION ALL SELECT c.cfgname FROM pg_catalog.pg_ts_config c WHERE d.classid = 'pg_catalog.pg_ts_config'::pg_catalog.regclass AND c.oid = d.objid
  UNION ALL SELECT t.dictname FROM pg_catalog.pg_ts_dict t WHERE d.classid = 'pg_catalog.pg_ts_dict'::pg_catalog.regclass AND t.oid = d.objid
  UNION ALL SELECT s.stxname FROM pg_catalog.pg_statistic_ext s WHERE d.classid = 'pg_catalog.pg_statistic_ext'::pg_catalog.regclass AND s.oid = d.objid) AS n (name)
WHERE d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND d.refobjid = $1::pg_catalog.text::pg_catalog.oid
-- Indexes and constraints hang on their tables.
UNION SELECT c.conname::pg_catalog.text FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_constraint c ON c.conrelid = d.objid
WHERE d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND d.refobjid = $1::pg_catalog.text::pg_catalog.oid AND d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
UNION SELECT c.relname::pg_catalog.text FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_index i ON i.indrelid = d.objid JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
WHERE d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND d.refobjid = $1::pg_catalog.text::pg_catalog.oid AND d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
