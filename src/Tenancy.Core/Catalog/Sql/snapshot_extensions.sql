-- Extensions that live in the schema; what they made is theirs.
SELECT 'extension' AS kind, x.extname::text AS name, NULL::text AS "table", NULL::text AS actual_name, NULL::int AS position,
  'pg_extension'::regclass::oid AS classid, x.oid AS objid, 0 AS objsubid, x.extowner AS owner, NULL::aclitem[] AS acl, NULL::"char" AS acl_type, true AS commented, ARRAY['version=' || x.extversion] AS properties
FROM own d
JOIN pg_extension x ON x.oid = d.objid
WHERE d.classid = 'pg_extension'::regclass
