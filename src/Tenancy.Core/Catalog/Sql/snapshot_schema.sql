-- The schema itself. Its comment may well name the customer, so it is left out.
SELECT 'schema' AS kind, '' AS name, NULL::text AS "table", NULL::text AS actual_name, NULL::int AS position,
  0::oid AS classid, s.oid AS objid, 0 AS objsubid, s.owner AS owner, s.nspacl AS acl, 'n'::"char" AS acl_type, true AS commented, ARRAY[]::text[] AS properties
