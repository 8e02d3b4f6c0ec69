-- Constraints of tables. A name that PostgreSQL would choose is taken without the number that once told it from others; several of one name are numbered by what they say.
-- NOT NULL constraints are 'nullable' of their column, unless there is more to say of them. Constraint triggers are triggers. Keys that PostgreSQL adds for the partitions of a
-- table referred to are left out.
SELECT 'constraint' AS kind,
  CASE WHEN k.is_chosen THEN concat(k.chosen, NULLIF(row_number() OVER (PARTITION BY k.conrelid, k.is_chosen, k.chosen ORDER BY k.properties COLLATE "C", k.conname) - 1, 0)) ELSE k.conname END::text AS name,
  k.relname::text AS "table", CASE WHEN k.is_chosen THEN k.conname END::text AS actual_name, NULL::int AS position,
  'pg_constraint'::regclass::oid AS classid, k.oid AS objid, 0 AS objsubid, NULL::oid AS owner, NULL::aclitem[] AS acl, NULL::"char" AS acl_type, true AS commented, k.properties
FROM (
  SELECT c.oid, c.conrelid, c.conname, r.relname, g.chosen, rtrim(c.conname, '0123456789') = g.chosen AS is_chosen,
    ARRAY[
      CASE WHEN c.contype = 'c' THEN 'check=' || @expression(pg_get_expr(c.conbin, c.conrelid))@ END,
      CASE WHEN i.indisclustered THEN 'cluster_on=true' END,
      CASE WHEN c.condeferrable THEN 'deferrable=true' END,
      CASE WHEN c.contype = 'x' THEN 'exclude=' || (SELECT left(d.definition, length(d.definition) - length(concat(CASE WHEN c.condeferrable THEN ' DEFERRABLE' END, CASE WHEN c.condeferred THEN ' INITIALLY DEFERRED' END)))
        FROM (SELECT @expression(pg_get_constraintdef(c.oid))@ AS definition OFFSET 0) AS d) END,
      CASE WHEN c.contype = 'f' THEN 'foreign_key=' || key.columns END,
      CASE WHEN i.indnatts > i.indnkeyatts THEN 'include=' || (SELECT json_agg(r.names[i.indkey[n]] ORDER BY n) FROM generate_series(i.indnkeyatts, i.indnatts - 1) n)::text END,
      CASE WHEN c.coninhcount > 0 THEN 'inherited=true' END,
      CASE WHEN c.condeferred THEN 'initially_deferred=true' END,
      CASE WHEN NOT i.indisvalid THEN 'invalid=true' END,
      CASE WHEN c.coninhcount > 0 AND c.conislocal THEN 'local=true' END,
      CASE WHEN c.connoinherit AND c.contype IN ('c', 'n') THEN 'no_inherit=true' END,
      --18 CASE WHEN NOT c.conenforced THEN 'not_enforced=true' END,
      CASE WHEN c.contype = 'n' THEN 'not_null=' || key.columns END,
      CASE WHEN NOT c.convalidated THEN 'not_valid=true' END,
      CASE WHEN i.indnullsnotdistinct THEN 'nulls_not_distinct=true' END,
      --18 CASE WHEN c.conperiod AND c.contype = 'f' THEN 'period=true' END,
      CASE WHEN c.contype = 'p' THEN 'primary_key=' || key.columns END,
      CASE WHEN c.contype = 'f' THEN 'references=' || concat('{"table": ', to_json(c.confrelid::regclass::text), ', "columns": ', (
          SELECT json_agg((SELECT a.attname FROM pg_attribute a WHERE a.attrelid = c.confrelid AND a.attnum = f.attnum) ORDER BY f.place) FROM unnest(c.confkey) WITH ORDINALITY f(attnum, place)),
        CASE c.confdeltype WHEN 'r' THEN ', "on_delete": "restrict"' WHEN 'c' THEN ', "on_delete": "cascade"' WHEN 'n' THEN ', "on_delete": "set null"' WHEN 'd' THEN ', "on_delete": "set default"' END,
        CASE WHEN c.confdelsetcols IS NOT NULL THEN ', "set_columns": ' || (SELECT json_agg(r.names[f.attnum] ORDER BY f.place) FROM unnest(c.confdelsetcols) WITH ORDINALITY f(attnum, place))::text END,
        CASE c.confupdtype WHEN 'r' THEN ', "on_update": "restrict"' WHEN 'c' THEN ', "on_update": "cascade"' WHEN 'n' THEN ', "on_update": "set null"' WHEN 'd' THEN ', "on_update": "set default"' END,
        CASE WHEN c.confmatchtype = 'f' THEN ', "match": "full"' END, '}') END,
      CASE WHEN i.indisreplident AND r.relreplident = 'i' THEN 'replica_identity=true' END,
      CASE WHEN x.reltablespace <> 0 THEN 'tablespace=' || (SELECT t.spcname FROM pg_tablespace t WHERE t.oid = x.reltablespace) END,
      CASE WHEN c.contype = 'f' THEN 'triggers=' || (
        SELECT json_agg(jsonb_build_object('function', p.proname, 'enabled', t.tgenabled) ORDER BY p.proname) FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid WHERE t.tgconstraint = c.oid AND t.tgenabled <> 'O')::text END,
      CASE WHEN c.contype = 'u' THEN 'unique=' || key.columns END,
      CASE WHEN c.contype <> 'x' AND x.reloptions IS NOT NULL THEN 'with=' || (SELECT jsonb_object_agg(o.option_name, o.option_value) FROM pg_options_to_table(x.reloptions) o)::text END
      --18 , CASE WHEN c.conperiod AND c.contype <> 'f' THEN 'without_overlaps=true' END
    ] AS properties
  FROM relation r
  JOIN pg_constraint c ON c.conrelid = r.oid
  LEFT JOIN pg_index i ON i.indexrelid = CASE WHEN c.contype IN ('p', 'u', 'x') THEN c.conindid END
  LEFT JOIN pg_class x ON x.oid = i.indexrelid
  CROSS JOIN LATERAL (SELECT
    CASE WHEN cardinality(c.conkey) = 1 THEN '[' || to_json(r.names[c.conkey[1]])::text || ']' ELSE (SELECT json_agg(r.names[k.attnum] ORDER BY k.place) FROM unnest(c.conkey) WITH ORDINALITY k(attnum, place))::text END AS columns,
    CASE WHEN cardinality(c.conkey) = 1 THEN r.names[c.conkey[1]] ELSE (SELECT string_agg(r.names[k.attnum], '_' ORDER BY k.place) FROM unnest(c.conkey) WITH ORDINALITY k(attnum, place)) END AS names
    OFFSET 0) AS key
  CROSS JOIN LATERAL (
    SELECT r.relname || CASE c.contype WHEN 'p' THEN '_pkey' WHEN 'f' THEN '_' || key.names || '_fkey' WHEN 'n' THEN '_' || key.names || '_not_null'
      WHEN 'c' THEN CASE WHEN cardinality(c.conkey) = 1 THEN '_' || key.names ELSE '' END || '_check'
      ELSE '_' || CASE WHEN i.indnatts = 1 THEN key.names::text ELSE (SELECT string_agg(a.attname, '_' ORDER BY a.attnum) FROM pg_attribute a WHERE a.attrelid = i.indexrelid) END || CASE c.contype WHEN 'u' THEN '_key' ELSE '_excl' END END AS chosen
    OFFSET 0) AS g
  WHERE r.relkind IN ('r', 'p', 'f') AND c.contype <> 't'
    AND (c.contype <> 'n' OR c.connoinherit OR NOT c.convalidated OR EXISTS (SELECT FROM pg_description d WHERE d.objoid = c.oid AND d.classoid = 'pg_constraint'::regclass))
    AND (c.contype <> 'f' OR c.conparentid = 0 OR NOT EXISTS (SELECT FROM pg_constraint p WHERE p.oid = c.conparentid AND p.conrelid = c.conrelid))
  -- computed once, not again after the sort
  OFFSET 0
) AS k
