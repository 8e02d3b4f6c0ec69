-- What roles give by default on what they make in the schema (ALTER DEFAULT PRIVILEGES … IN SCHEMA).
SELECT 'default_privileges' AS kind,
  concat(CASE a.defaclobjtype WHEN 'r' THEN 'tables' WHEN 'S' THEN 'sequences' WHEN 'f' THEN 'functions' WHEN 'T' THEN 'types' ELSE a.defaclobjtype::text END, ' of ',
    CASE a.defaclrole WHEN s.owner THEN '<owner>' ELSE pg_get_userbyid(a.defaclrole) END) AS name,
  NULL::text AS "table", NULL::text AS actual_name, NULL::int AS position,
  'pg_default_acl'::regclass::oid AS classid, a.oid AS objid, 0 AS objsubid, a.defaclrole AS owner, a.defaclacl AS acl, 'c'::"char" AS acl_type, true AS commented, ARRAY[]::text[] AS properties
FROM own d
JOIN pg_default_acl a ON a.oid = d.objid
WHERE d.classid = 'pg_default_acl'::regclass
