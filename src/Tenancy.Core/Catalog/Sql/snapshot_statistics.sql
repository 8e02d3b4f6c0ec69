-- Extended statistics, as manifests write them.
SELECT 'statistics' AS kind, x.stxname::text AS name, NULL::text AS "table", NULL::text AS actual_name, NULL::int AS position,
  'pg_statistic_ext'::regclass::oid AS classid, x.oid AS objid, 0 AS objsubid, x.stxowner AS owner, NULL::aclitem[] AS acl, NULL::"char" AS acl_type, true AS commented,
  ARRAY[
    'columns=' || (SELECT json_agg(c.item ORDER BY c.place) FROM (
        SELECT row_number() OVER (ORDER BY a.attname COLLATE "C") AS place, to_json(a.attname) AS item FROM unnest(x.stxkeys) WITH ORDINALITY k(attnum, place) JOIN pg_attribute a ON a.attrelid = x.stxrelid AND a.attnum = k.attnum
        UNION ALL
        SELECT 1000 + e.place, json_strip_nulls(json_build_object('expression', @expression(e.expression)@)) FROM unnest(pg_get_statisticsobjdef_expressions(x.oid)) WITH ORDINALITY e(expression, place)) AS c)::text,
    'kinds=' || (SELECT json_agg(k.name ORDER BY k.name) FROM (SELECT CASE kind WHEN 'd' THEN 'ndistinct' WHEN 'f' THEN 'dependencies' WHEN 'm' THEN 'mcv' END AS name FROM unnest(x.stxkind) AS u(kind)) AS k WHERE k.name IS NOT NULL)::text,
    'table=' || x.stxrelid::regclass::text,
    'target=' || NULLIF(x.stxstattarget, -1)::text
  ] AS properties
FROM own d
JOIN pg_statistic_ext x ON x.oid = d.objid
WHERE d.classid = 'pg_statistic_ext'::regclass
