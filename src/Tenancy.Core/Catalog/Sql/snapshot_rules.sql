-- Rules, other than those that make a view what it is.
SELECT 'rule' AS kind, w.rulename::text AS name, r.relname::text AS "table", NULL::text AS actual_name, NULL::int AS position,
  'pg_rewrite'::regclass::oid AS classid, w.oid AS objid, 0 AS objsubid, NULL::oid AS owner, NULL::aclitem[] AS acl, NULL::"char" AS acl_type, true AS commented,
  ARRAY[
    -- Printed for people to read, because only so the table's schema is left out.
    'definition=' || @expression(rtrim(pg_get_ruledef(w.oid, true), ';'))@,
    CASE w.ev_enabled WHEN 'D' THEN 'enabled=false' WHEN 'R' THEN 'enabled=replica' WHEN 'A' THEN 'enabled=always' END
  ] AS properties
FROM relation r
JOIN pg_rewrite w ON w.ev_class = r.oid AND w.rulename <> '_RETURN'
WHERE r.relhasrules
