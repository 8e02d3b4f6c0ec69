-- Of the schemas $1: whose most of the relations are, as far as the role that logged in may act for it (null for itself), and the same where it is not who owns the schema.
SELECT n.nspname::pg_catalog.text, CASE WHEN o.may_act AND o.oid <> me.oid THEN pg_catalog.pg_get_userbyid(o.oid)::pg_catalog.text END, CASE WHEN o.oid <> n.nspowner THEN pg_catalog.pg_get_userbyid(o.oid)::pg_catalog.text END
FROM pg_catalog.pg_namespace n JOIN pg_catalog.pg_roles me ON me.rolname = current_user
CROSS JOIN LATERAL (SELECT c.relowner AS oid, pg_catalog.pg_has_role(me.oid, c.relowner, 'MEMBER') AS may_act
  FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_class c ON c.oid = d.objid
  WHERE d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND d.refobjid = n.oid AND d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.deptype = 'n'
  GROUP BY c.relowner ORDER BY pg_catalog.count(*) DESC, c.relowner LIMIT 1) o
WHERE n.nspname = ANY ($1::pg_catalog.name[])
