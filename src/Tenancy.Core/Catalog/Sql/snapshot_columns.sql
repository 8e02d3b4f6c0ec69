-- Columns of tables; of views only what was set on them. NOT NULL constraints, which have names from PostgreSQL 18 on, are 'nullable'; an identity's sequence is an object of its own.
SELECT 'column' AS kind, a.attname::text AS name, r.relname::text AS "table", NULL::text AS actual_name, a.attnum::int AS position,
  'pg_class'::regclass::oid AS classid, r.oid AS objid, a.attnum::int AS objsubid, NULL::oid AS owner, a.attacl AS acl, 'c'::"char" AS acl_type, r.commented AS commented,
  ARRAY[
    CASE WHEN r.relkind IN ('r', 'p', 'f') THEN 'collation=' || NULLIF(a.attcollation, t.typcollation)::regcollation::text END,
    CASE a.attcompression WHEN 'p' THEN 'compression=pglz' WHEN 'l' THEN 'compression=lz4' END,
    CASE WHEN a.attgenerated = '' THEN 'default=' || d.expression END,
    CASE WHEN a.attgenerated <> '' THEN 'generated=' || d.expression END,
    CASE a.attidentity WHEN 'a' THEN 'identity=always' WHEN 'd' THEN 'identity=by default' END,
    CASE WHEN a.attinhcount > 0 THEN 'inherited=true' END,
    CASE WHEN a.attinhcount > 0 AND a.attislocal THEN 'local=true' END,
    CASE WHEN a.attnotnull THEN 'nullable=false' END,
    CASE WHEN a.attfdwoptions IS NOT NULL THEN 'options=' || (SELECT jsonb_object_agg(o.option_name, o.option_value) FROM pg_options_to_table(a.attfdwoptions) o)::text END,
    'statistics=' || NULLIF(a.attstattarget, -1)::text,
    CASE WHEN a.attstorage <> t.typstorage THEN 'storage=' || CASE a.attstorage WHEN 'p' THEN 'plain' WHEN 'e' THEN 'external' WHEN 'x' THEN 'extended' WHEN 'm' THEN 'main' END END,
    CASE WHEN a.attgenerated = 'v' THEN 'stored=false' END,
    CASE WHEN r.relkind IN ('r', 'p', 'f') THEN 'type=' || format_type(a.atttypid, a.atttypmod) END,
    CASE WHEN a.attoptions IS NOT NULL THEN 'with=' || (SELECT jsonb_object_agg(o.option_name, o.option_value) FROM pg_options_to_table(a.attoptions) o)::text END
  ] AS properties
FROM relation r
JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN LATERAL (SELECT @expression(pg_get_expr(d.adbin, CASE WHEN a.attgenerated = '' THEN 0 ELSE d.adrelid END))@ AS expression FROM pg_attrdef d WHERE a.atthasdef AND d.adrelid = a.attrelid AND d.adnum = a.attnum OFFSET 0) AS d ON true
WHERE r.relkind IN ('r', 'p', 'f', 'v', 'm')
