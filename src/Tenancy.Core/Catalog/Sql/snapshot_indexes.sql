-- Indexes that belong to no constraint, of tables and materialized views. Names as in constraints; columns in the form of a manifest.
SELECT 'index' AS kind,
  CASE WHEN k.is_chosen THEN concat(k.chosen, NULLIF(row_number() OVER (PARTITION BY k.indrelid, k.is_chosen, k.chosen ORDER BY k.properties COLLATE "C", k.index) - 1, 0)) ELSE k.index END::text AS name,
  k.relname::text AS "table", k.index::text AS actual_name, NULL::int AS position,
  'pg_class'::regclass::oid AS classid, k.indexrelid AS objid, 0 AS objsubid, NULL::oid AS owner, NULL::aclitem[] AS acl, NULL::"char" AS acl_type, k.properties
FROM (
  SELECT i.indexrelid, i.indrelid, x.relname AS index, r.relname, g.chosen, rtrim(x.relname, '0123456789') = g.chosen AS is_chosen,
    ARRAY[
      'columns=' || key.columns,
      CASE WHEN i.indnatts > i.indnkeyatts THEN 'include=' || (
        SELECT json_agg(a.attname ORDER BY e.place) FROM unnest(i.indkey) WITH ORDINALITY e(attnum, place) JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = e.attnum WHERE e.place > i.indnkeyatts)::text END,
      CASE WHEN x.relispartition THEN 'inherited=true' END,
      CASE WHEN NOT (i.indisvalid AND i.indisready AND i.indislive) THEN 'invalid=true' END,
      'method=' || (SELECT m.amname FROM pg_am m WHERE m.oid = x.relam AND m.amname <> 'btree'),
      CASE WHEN i.indnullsnotdistinct THEN 'nulls_not_distinct=true' END,
      'statistics=' || (SELECT jsonb_object_agg(a.attnum, a.attstattarget ORDER BY a.attnum) FROM pg_attribute a WHERE a.attrelid = i.indexrelid AND a.attstattarget >= 0)::text,
      'tablespace=' || (SELECT t.spcname FROM pg_tablespace t WHERE t.oid = x.reltablespace),
      CASE WHEN i.indisunique THEN 'unique=true' END,
      'where=' || pg_get_expr(i.indpred, i.indrelid),
      'with=' || (SELECT jsonb_object_agg(o.option_name, o.option_value ORDER BY o.option_name) FROM pg_options_to_table(x.reloptions) o)::text
    ] AS properties
  FROM relation r
  JOIN pg_index i ON i.indrelid = r.oid
  JOIN pg_class x ON x.oid = i.indexrelid
  CROSS JOIN LATERAL (
    SELECT json_agg(CASE WHEN a.attnum IS NOT NULL AND e.collation IS NULL AND e.opclass IS NULL AND e.parameters IS NULL AND e.flags = 0 THEN to_json(a.attname)
      ELSE json_strip_nulls(json_build_object('column', a.attname, 'expression', CASE WHEN a.attnum IS NULL THEN pg_get_indexdef(i.indexrelid, n, false) END, 'collation', e.collation, 'opclass', e.opclass,
        'parameters', e.parameters, 'order', CASE WHEN e.flags & 1 <> 0 THEN 'desc' END, 'nulls', CASE e.flags WHEN 1 THEN 'last' WHEN 2 THEN 'first' END)) END ORDER BY n)::text AS columns
    FROM generate_series(1, i.indnkeyatts) AS n
    JOIN pg_attribute xa ON xa.attrelid = i.indexrelid AND xa.attnum = n
    JOIN pg_opclass o ON o.oid = i.indclass[n - 1]
    LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[n - 1] AND i.indkey[n - 1] <> 0
    -- the operator class of a type is the one PostgreSQL takes by itself; of a domain, its base type's
    CROSS JOIN LATERAL (SELECT CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END AS base FROM pg_type t WHERE t.oid = COALESCE(a.atttypid, xa.atttypid)) AS xt
    CROSS JOIN LATERAL (
      SELECT i.indoption[n - 1] AS flags,
        NULLIF(NULLIF(i.indcollation[n - 1], COALESCE(a.attcollation, 'pg_catalog."default"'::regcollation)), 0)::regcollation::text AS collation,
        CASE WHEN NOT o.opcdefault OR o.opcintype <> xt.base AND o.opcintype NOT IN ('anyarray'::regtype, 'anyenum'::regtype, 'anyrange'::regtype, 'anymultirange'::regtype, 'record'::regtype)
          AND (o.opcintype, xt.base) NOT IN (('text'::regtype, 'varchar'::regtype), ('inet'::regtype, 'cidr'::regtype))
          THEN CASE WHEN NOT pg_opclass_is_visible(o.oid) THEN (SELECT quote_ident(y.nspname) || '.' FROM pg_namespace y WHERE y.oid = o.opcnamespace) ELSE '' END || quote_ident(o.opcname) END AS opclass,
        (SELECT jsonb_object_agg(p.option_name, p.option_value ORDER BY p.option_name) FROM pg_options_to_table(xa.attoptions) p) AS parameters
    ) AS e
  ) AS key
  CROSS JOIN LATERAL (
    SELECT r.relname || '_' || (SELECT string_agg(a.attname, '_' ORDER BY a.attnum) FROM pg_attribute a WHERE a.attrelid = i.indexrelid) || '_idx' AS chosen
  ) AS g
  WHERE NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conrelid = i.indrelid AND c.conindid = i.indexrelid AND c.contype IN ('p', 'u', 'x'))
) AS k
