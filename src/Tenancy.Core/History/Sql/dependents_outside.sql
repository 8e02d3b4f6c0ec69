-- What lies outside a schema and would be dropped with it: all that depends on its objects, directly or by others; of an extension that lies in it, what it brought elsewhere too.
-- What lies in no schema has none: event triggers, languages, casts between types of others. A cast from or to a type of the schema is the schema's; an extension in it goes with it.
WITH RECURSIVE own AS (SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname = $1),
dropped AS (
  SELECT d.classid, d.objid FROM own n JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND d.refobjid = n.oid
  UNION
  SELECT d.classid, d.objid FROM dropped o JOIN pg_catalog.pg_depend d ON d.refclassid = o.classid AND d.refobjid = o.objid)
SELECT DISTINCT l.schema_name, l.object_name::pg_catalog.text
FROM dropped o CROSS JOIN LATERAL @history@.locate(o.classid, o.objid) l
WHERE l.schema_oid NOT IN (0, (SELECT n.oid FROM own n)) AND l.schema_name <> 'pg_toast' AND l.schema_name !~ '^pg_(toast_)?temp_'
UNION
SELECT NULL, pg_catalog.pg_describe_object(o.classid, o.objid, 0)
FROM dropped o
WHERE o.classid IN ('pg_catalog.pg_event_trigger'::pg_catalog.regclass, 'pg_catalog.pg_language'::pg_catalog.regclass, 'pg_catalog.pg_am'::pg_catalog.regclass, 'pg_catalog.pg_cast'::pg_catalog.regclass, 'pg_catalog.pg_transform'::pg_catalog.regclass,
    'pg_catalog.pg_foreign_data_wrapper'::pg_catalog.regclass, 'pg_catalog.pg_foreign_server'::pg_catalog.regclass, 'pg_catalog.pg_user_mapping'::pg_catalog.regclass)
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
    WHERE d.classid = o.classid AND d.objid = o.objid
      AND (d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass AND d.deptype = 'e'
        OR (o.classid, d.refclassid) IN (('pg_catalog.pg_cast'::pg_catalog.regclass, 'pg_catalog.pg_type'::pg_catalog.regclass), ('pg_catalog.pg_transform'::pg_catalog.regclass, 'pg_catalog.pg_type'::pg_catalog.regclass))
          AND EXISTS (SELECT FROM dropped t WHERE t.classid = d.refclassid AND t.objid = d.refobjid)))
