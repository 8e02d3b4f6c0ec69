-- Whose the schema $1 is, and whose most of its relations are, as far as the role that logged in may act for them; null for itself.
SELECT CASE WHEN n.nspowner <> me.oid AND pg_catalog.pg_has_role(me.oid, n.nspowner, 'MEMBER') THEN pg_catalog.pg_get_userbyid(n.nspowner)::pg_catalog.text END,
  (SELECT CASE WHEN c.relowner <> me.oid AND pg_catalog.pg_has_role(me.oid, c.relowner, 'MEMBER') THEN pg_catalog.pg_get_userbyid(c.relowner)::pg_catalog.text END
    FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_class c ON c.oid = d.objid
    WHERE d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND d.refobjid = n.oid AND d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.deptype = 'n'
    GROUP BY c.relowner ORDER BY pg_catalog.count(*) DESC, c.relowner LIMIT 1)
FROM pg_catalog.pg_namespace n JOIN pg_catalog.pg_roles me ON me.rolname = current_user
WHERE n.nspname = $1
