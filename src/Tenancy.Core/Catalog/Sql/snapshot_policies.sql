-- Policies of row security.
SELECT 'policy' AS kind, p.polname::text AS name, r.relname::text AS "table", NULL::text AS actual_name, NULL::int AS position,
  'pg_policy'::regclass::oid AS classid, p.oid AS objid, 0 AS objsubid, NULL::oid AS owner, NULL::aclitem[] AS acl, NULL::"char" AS acl_type, true AS commented,
  ARRAY[
    CASE WHEN NOT p.polpermissive THEN 'as=restrictive' END,
    CASE p.polcmd WHEN 'r' THEN 'for=select' WHEN 'a' THEN 'for=insert' WHEN 'w' THEN 'for=update' WHEN 'd' THEN 'for=delete' END,
    CASE WHEN p.polroles <> '{0}' THEN 'to=' || (SELECT json_agg(n.name ORDER BY n.name)
      FROM (SELECT CASE role WHEN 0 THEN 'public' WHEN s.owner THEN '<owner>' ELSE pg_get_userbyid(role) END::text COLLATE "C" AS name FROM unnest(p.polroles) AS u(role)) AS n)::text END,
    'using=' || @expression(pg_get_expr(p.polqual, p.polrelid))@,
    'with_check=' || @expression(pg_get_expr(p.polwithcheck, p.polrelid))@
  ] AS properties
FROM relation r
JOIN pg_policy p ON p.polrelid = r.oid
WHERE r.relkind IN ('r', 'p')
