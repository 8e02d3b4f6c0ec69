-- What lies outside a schema and would be dropped with it: all that depends on its objects, directly or by others; of an extension that lies in it, what it brought elsewhere too.
WITH RECURSIVE dropped AS (
  SELECT d.classid, d.objid FROM pg_catalog.pg_depend d
    WHERE d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND d.refobjid = $1::pg_catalog.text::pg_catalog.oid
  UNION
  SELECT d.classid, d.objid FROM dropped o JOIN pg_catalog.pg_depend d ON d.refclassid = o.classid AND d.refobjid = o.objid)
SELECT DISTINCT l.schema_name, l.object_name::pg_catalog.text
FROM dropped o CROSS JOIN LATERAL @history@.locate(o.classid, o.objid) l
WHERE l.schema_oid NOT IN (0, $1::pg_catalog.text::pg_catalog.oid) AND l.schema_name <> 'pg_toast' AND l.schema_name !~ '^pg_(toast_)?temp_'
