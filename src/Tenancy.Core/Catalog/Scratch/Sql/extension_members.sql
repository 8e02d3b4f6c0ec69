-- The names that extensions have made, each with its schema; not those in pg_catalog, which every path has.
SELECT DISTINCT ON (m.name) m.name::pg_catalog.text, n.nspname::pg_catalog.text
FROM (
  SELECT c.relname AS name, c.relnamespace AS schema FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_class c ON c.oid = d.objid
    WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass AND d.deptype = 'e'
  UNION ALL
  SELECT t.typname, t.typnamespace FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_type t ON t.oid = d.objid
    WHERE d.classid = 'pg_catalog.pg_type'::pg_catalog.regclass AND d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass AND d.deptype = 'e'
  UNION ALL
  SELECT p.proname, p.pronamespace FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_proc p ON p.oid = d.objid
    WHERE d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass AND d.deptype = 'e'
  UNION ALL
  SELECT o.oprname, o.oprnamespace FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_operator o ON o.oid = d.objid
    WHERE d.classid = 'pg_catalog.pg_operator'::pg_catalog.regclass AND d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass AND d.deptype = 'e'
  UNION ALL
  SELECT o.opcname, o.opcnamespace FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_opclass o ON o.oid = d.objid
    WHERE d.classid = 'pg_catalog.pg_opclass'::pg_catalog.regclass AND d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass AND d.deptype = 'e'
  UNION ALL
  SELECT c.cfgname, c.cfgnamespace FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_ts_config c ON c.oid = d.objid
    WHERE d.classid = 'pg_catalog.pg_ts_config'::pg_catalog.regclass AND d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass AND d.deptype = 'e'
  UNION ALL
  SELECT x.dictname, x.dictnamespace FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_ts_dict x ON x.oid = d.objid
    WHERE d.classid = 'pg_catalog.pg_ts_dict'::pg_catalog.regclass AND d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass AND d.deptype = 'e'
) m
JOIN pg_catalog.pg_namespace n ON n.oid = m.schema
WHERE n.nspname <> 'pg_catalog'
ORDER BY m.name, n.nspname
