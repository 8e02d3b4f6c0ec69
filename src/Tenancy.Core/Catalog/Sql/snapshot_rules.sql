-- Rules, other than those that make a view what it is.
SELECT 'rule' AS kind, w.rulename::text AS name, r.relname::text AS "table", NULL::text AS actual_name, NULL::int AS position,
  'pg_rewrite'::regclass::oid AS classid, w.oid AS objid, 0 AS objsubid, NULL::oid AS owner, NULL::aclitem[] AS acl, NULL::"char" AS acl_type, true AS commented,
  ARRAY[
    'definition=' || (
      -- Lists of words as in snapshot_expression.sql; here without the parentheses that the server prints otherwise, because only so it leaves the table's schema out.
      SELECT CASE WHEN strpos(x.text, '''::character varying::text') = 0 THEN x.text ELSE regexp_replace(
        regexp_replace(x.text, 'ARRAY\[((?:E?''(?:[^'']|'''')*''::character varying::text(?:, )?)+)\]', 'ARRAY[\1]::text[]', 'g'),
        '(E?''(?:[^'']|'''')*''::character varying)::text(?=(?:, E?''(?:[^'']|'''')*''::character varying::text)*\]::text\[\])', '\1', 'g') END
      FROM (SELECT rtrim(pg_get_ruledef(w.oid, true), ';') OFFSET 0) AS x(text)),
    CASE w.ev_enabled WHEN 'D' THEN 'enabled=false' WHEN 'R' THEN 'enabled=replica' WHEN 'A' THEN 'enabled=always' END
  ] AS properties
FROM relation r
JOIN pg_rewrite w ON w.ev_class = r.oid AND w.rulename <> '_RETURN'
WHERE r.relhasrules
