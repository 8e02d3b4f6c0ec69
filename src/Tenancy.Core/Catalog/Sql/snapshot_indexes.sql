-- Indexes that belong to no constraint, of tables and materialized views. Names as in constraints; columns in the form of a manifest.
SELECT 'index' AS kind,
  CASE WHEN k.is_chosen THEN concat(k.chosen, NULLIF(row_number() OVER (PARTITION BY k.indrelid, k.is_chosen, k.chosen ORDER BY k.properties COLLATE "C", k.index) - 1, 0)) ELSE k.index END::text AS name,
  k.relname::text AS "table", CASE WHEN k.is_chosen THEN k.index END::text AS actual_name, NULL::int AS position,
  'pg_class'::regclass::oid AS classid, k.indexrelid AS objid, 0 AS objsubid, NULL::oid AS owner, NULL::aclitem[] AS acl, NULL::"char" AS acl_type, true AS commented, k.properties
FROM (
  SELECT i.indexrelid, i.indrelid, x.relname AS index, r.relname, key.chosen, rtrim(x.relname, '0123456789') = key.chosen AS is_chosen,
    ARRAY[
      CASE WHEN i.indisclustered THEN 'cluster_on=true' END,
      'columns=' || key.columns::text,
      CASE WHEN i.indnatts > i.indnkeyatts THEN 'include=' || (SELECT json_agg(r.names[i.indkey[n]] ORDER BY n) FROM generate_series(i.indnkeyatts, i.indnatts - 1) n)::text END,
      CASE WHEN x.relispartition THEN 'inherited=true' END,
      CASE WHEN NOT (i.indisvalid AND i.indisready AND i.indislive) THEN 'invalid=true' END,
      'method=' || (SELECT m.amname FROM pg_am m WHERE m.oid = x.relam AND m.amname <> 'btree'),
      CASE WHEN i.indnullsnotdistinct THEN 'nulls_not_distinct=true' END,
      CASE WHEN i.indisreplident AND r.relreplident = 'i' THEN 'replica_identity=true' END,
      CASE WHEN i.indexprs IS NOT NULL THEN 'statistics=' || (
        SELECT jsonb_object_agg(a.attnum, a.attstattarget) FROM pg_attribute a WHERE a.attrelid = i.indexrelid AND a.attstattarget >= 0)::text END,
      CASE WHEN x.reltablespace <> 0 THEN 'tablespace=' || (SELECT t.spcname FROM pg_tablespace t WHERE t.oid = x.reltablespace) END,
      CASE WHEN i.indisunique THEN 'unique=true' END,
      'where=' || @expression(pg_get_expr(i.indpred, i.indrelid))@,
      CASE WHEN x.reloptions IS NOT NULL THEN 'with=' || (SELECT jsonb_object_agg(o.option_name, o.option_value) FROM pg_options_to_table(x.reloptions) o)::text END
    ] AS properties
  FROM relation r
  JOIN pg_index i ON i.indrelid = r.oid
  JOIN pg_class x ON x.oid = i.indexrelid
  CROSS JOIN LATERAL (
    SELECT json_agg(CASE WHEN a.attnum IS NOT NULL AND e.collation IS NULL AND e.opclass IS NULL AND xa.attoptions IS NULL AND e.flags = 0 THEN to_json(a.attname)
        ELSE json_strip_nulls(json_build_object('column', a.attname, 'expression', CASE WHEN a.attnum IS NULL THEN @expression(pg_get_indexdef(i.indexrelid, xa.attnum, false))@ END, 'collation', e.collation, 'opclass', e.opclass,
          'parameters', CASE WHEN xa.attoptions IS NOT NULL THEN (SELECT json_object_agg(p.option_name, p.option_value ORDER BY p.option_name) FROM pg_options_to_table(xa.attoptions) p) END,
          'order', CASE WHEN e.flags & 1 <> 0 THEN 'desc' END, 'nulls', CASE e.flags WHEN 1 THEN 'last' WHEN 2 THEN 'first' END)) END ORDER BY xa.attnum) FILTER (WHERE xa.attnum <= i.indnkeyatts) AS columns,
      r.relname || '_' || string_agg(xa.attname, '_' ORDER BY xa.attnum) || '_idx' AS chosen
    FROM pg_attribute xa
    -- OFFSET 0: by the index, not all columns for each
    LEFT JOIN LATERAL (SELECT a.* FROM pg_attribute a WHERE a.attrelid = i.indrelid AND a.attnum = NULLIF(i.indkey[xa.attnum - 1], 0) OFFSET 0) AS a ON true
    LEFT JOIN pg_opclass o ON o.oid = i.indclass[xa.attnum - 1]
    CROSS JOIN LATERAL (
      SELECT i.indoption[xa.attnum - 1] AS flags,
        NULLIF(NULLIF(i.indcollation[xa.attnum - 1], COALESCE(a.attcollation, 'pg_catalog."default"'::regcollation)), 0)::regcollation::text AS collation,
        -- the operator class that PostgreSQL takes by itself is not named, unless it has parameters: that of the type, of a domain's base, or of all arrays and the like
        CASE WHEN xa.attoptions IS NOT NULL OR NOT o.opcdefault OR o.opcintype <> COALESCE(a.atttypid, xa.atttypid) AND o.opcintype NOT IN ('anyarray'::regtype, 'anyenum'::regtype, 'anyrange'::regtype, 'anymultirange'::regtype, 'record'::regtype)
          AND (o.opcintype, COALESCE(a.atttypid, xa.atttypid)) NOT IN (('text'::regtype, 'varchar'::regtype), ('inet'::regtype, 'cidr'::regtype))
          AND o.opcintype <> (SELECT t.typbasetype FROM pg_type t WHERE t.oid = COALESCE(a.atttypid, xa.atttypid))
          THEN CASE WHEN NOT pg_opclass_is_visible(o.oid) THEN (SELECT quote_ident(y.nspname) || '.' FROM pg_namespace y WHERE y.oid = o.opcnamespace) ELSE '' END || quote_ident(o.opcname) END AS opclass
    ) AS e
    WHERE xa.attrelid = i.indexrelid AND xa.attnum > 0
  ) AS key
  WHERE r.relhasindex AND (NOT (i.indisunique OR i.indisexclusion) OR NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conrelid = i.indrelid AND c.conindid = i.indexrelid AND c.contype IN ('p', 'u', 'x')))
  -- computed once, not again after the sort
  OFFSET 0
) AS k
