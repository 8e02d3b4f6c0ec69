-- What the schema has of kinds whose definition is not read: operators and their classes, collations, conversions, text search, base types; and casts and transforms of its types.
SELECT 'unsupported' AS kind, pg_describe_object(u.classid, u.objid, 0) AS name, NULL::text AS "table", NULL::text AS actual_name, NULL::int AS position,
  u.classid, u.objid, 0 AS objsubid, NULL::oid AS owner, NULL::aclitem[] AS acl, NULL::"char" AS acl_type, true AS commented, ARRAY[]::text[] AS properties
FROM (
  SELECT d.classid, d.objid FROM own d
  WHERE d.deptype = 'n' AND d.classid NOT IN (
    'pg_class'::regclass, 'pg_proc'::regclass, 'pg_type'::regclass, 'pg_statistic_ext'::regclass, 'pg_extension'::regclass, 'pg_default_acl'::regclass, 'pg_publication_namespace'::regclass)
  UNION
  SELECT 'pg_type'::regclass, t.oid FROM own_type t WHERE t.typtype NOT IN ('e', 'd', 'c', 'r')
  UNION
  SELECT d.classid, d.objid FROM own_type t JOIN pg_depend d ON d.refclassid = 'pg_type'::regclass AND d.refobjid = t.oid AND d.classid IN ('pg_cast'::regclass, 'pg_transform'::regclass)
) AS u
WHERE NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = u.classid AND e.objid = u.objid AND e.deptype IN ('e', 'i'))
