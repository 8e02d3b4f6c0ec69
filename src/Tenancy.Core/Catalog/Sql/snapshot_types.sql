-- Enums, domains, composite and range types. Those of tables, arrays and multiranges come with what they belong to.
SELECT CASE t.typtype WHEN 'e' THEN 'enum' WHEN 'd' THEN 'domain' WHEN 'c' THEN 'composite_type' ELSE 'range_type' END AS kind, t.typname::text AS name,
  NULL::text AS "table", NULL::text AS actual_name, NULL::int AS position,
  'pg_type'::regclass::oid AS classid, t.oid AS objid, 0 AS objsubid, t.typowner AS owner, t.typacl AS acl, 'T'::"char" AS acl_type, true AS commented,
  ARRAY[
    CASE WHEN t.typtype = 'c' THEN 'attributes=' || (
      SELECT json_agg(json_strip_nulls(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod), 'collation', NULLIF(a.attcollation, y.typcollation)::regcollation::text)) ORDER BY a.attnum)
      FROM pg_attribute a JOIN pg_type y ON y.oid = a.atttypid WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped)::text END,
    'canonical=' || @function(NULLIF(g.rngcanonical, 0))@,
    CASE t.typtype WHEN 'd' THEN 'collation=' || (SELECT NULLIF(t.typcollation, y.typcollation)::regcollation::text FROM pg_type y WHERE y.oid = t.typbasetype)
      WHEN 'r' THEN 'collation=' || (SELECT NULLIF(g.rngcollation, y.typcollation)::regcollation::text FROM pg_type y WHERE y.oid = g.rngsubtype) END,
    CASE WHEN t.typtype = 'd' THEN 'default=' || pg_get_expr(t.typdefaultbin, 0) END,
    -- the name that PostgreSQL chooses is not said
    'multirange=' || (SELECT NULLIF(m.typname, CASE WHEN t.typname LIKE '%range%' THEN regexp_replace(t.typname, 'range', 'multirange') ELSE t.typname || '_multirange' END) FROM pg_type m WHERE m.oid = g.rngmultitypid),
    CASE WHEN t.typtype = 'd' AND t.typnotnull THEN 'nullable=false' END,
    'opclass=' || (SELECT CASE WHEN NOT pg_opclass_is_visible(o.oid) THEN (SELECT quote_ident(y.nspname) || '.' FROM pg_namespace y WHERE y.oid = o.opcnamespace) ELSE '' END || quote_ident(o.opcname)
      FROM pg_opclass o WHERE o.oid = g.rngsubopc AND NOT o.opcdefault),
    'subtype=' || format_type(g.rngsubtype, NULL),
    'subtype_diff=' || @function(NULLIF(g.rngsubdiff, 0))@,
    CASE WHEN t.typtype = 'd' THEN 'type=' || format_type(t.typbasetype, t.typtypmod) END,
    CASE WHEN t.typtype = 'e' THEN 'values=' || (SELECT COALESCE(json_agg(e.enumlabel ORDER BY e.enumsortorder), '[]') FROM pg_enum e WHERE e.enumtypid = t.oid)::text END
  ] AS properties
FROM own_type t
LEFT JOIN pg_range g ON g.rngtypid = t.oid AND t.typtype = 'r'
WHERE t.typtype IN ('e', 'd', 'c', 'r')
UNION ALL
-- domains' conditions; NOT NULL is 'nullable'
SELECT 'domain_constraint', c.conname, t.typname, NULL, NULL, 'pg_constraint'::regclass, c.oid, 0, NULL, NULL, NULL, true,
  ARRAY['check=' || @expression(pg_get_expr(c.conbin, 0))@, CASE WHEN NOT c.convalidated THEN 'not_valid=true' END]
FROM own_type t
JOIN pg_constraint c ON c.contypid = t.oid AND c.contype = 'c'
WHERE t.typtype = 'd'
UNION ALL
-- attributes of composite types, for their comments
SELECT 'attribute', a.attname, t.typname, NULL, a.attnum, 'pg_class'::regclass, a.attrelid, a.attnum, NULL, NULL, NULL, true, ARRAY[]::text[]
FROM own_type t
JOIN pg_attribute a ON a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
WHERE t.typtype = 'c'
