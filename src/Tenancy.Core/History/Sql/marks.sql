-- What this transaction has done in each of some schemas, as a text to compare, and how many catalog rows of their objects it has not written, which get fewer when it drops something. Where one transaction works on many schemas, a schema's mark
-- changes only in that schema's own part; what anybody else did there shows by it, whoever holds the locks already.
-- The text is made of the catalog rows of the schema's objects that the transaction wrote (a row that is written again lies elsewhere), and of the counters of its relations' rows.
-- Each catalog is read by an index, whatever the planner thinks of it (OFFSET 0), and planned once a session: the cost grows with the schema, not with the fleet.
CREATE OR REPLACE FUNCTION @history@.marks(p_schemas oid[])
RETURNS TABLE (schema_oid oid, mark text, other_rows bigint) LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan AS $marks$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  WITH objects AS MATERIALIZED (
    SELECT d.refobjid AS schema_oid, d.classid, d.objid, d.ctid AS place, d.xmin AS writer
      FROM unnest(p_schemas) s (oid)
      CROSS JOIN LATERAL (SELECT o.*, o.ctid, o.xmin FROM pg_depend o WHERE o.refclassid = 'pg_namespace'::regclass AND o.refobjid = s.oid OFFSET 0) d
  ),
  relations AS MATERIALIZED (
    SELECT o.schema_oid, o.objid AS oid FROM objects o WHERE o.classid = 'pg_class'::regclass
    UNION ALL
    SELECT o.schema_oid, i.indexrelid
      FROM objects o CROSS JOIN LATERAL (SELECT x.indexrelid FROM pg_index x WHERE x.indrelid = o.objid OFFSET 0) i
      WHERE o.classid = 'pg_class'::regclass
  ),
  versions AS (
    SELECT o.schema_oid, 'd' AS kind, o.place, o.writer FROM objects o
    UNION ALL SELECT s.oid, 'n', v.ctid, v.xmin FROM unnest(p_schemas) s (oid) CROSS JOIN LATERAL (SELECT c.ctid, c.xmin FROM pg_namespace c WHERE c.oid = s.oid OFFSET 0) v
    UNION ALL SELECT r.schema_oid, 'c', v.ctid, v.xmin FROM relations r CROSS JOIN LATERAL (SELECT c.ctid, c.xmin FROM pg_class c WHERE c.oid = r.oid OFFSET 0) v
    UNION ALL SELECT r.schema_oid, 'a', v.ctid, v.xmin FROM relations r CROSS JOIN LATERAL (SELECT c.ctid, c.xmin FROM pg_attribute c WHERE c.attrelid = r.oid OFFSET 0) v
    UNION ALL SELECT r.schema_oid, 'i', v.ctid, v.xmin FROM relations r CROSS JOIN LATERAL (SELECT c.ctid, c.xmin FROM pg_index c WHERE c.indexrelid = r.oid OFFSET 0) v
    UNION ALL SELECT r.schema_oid, 'k', v.ctid, v.xmin FROM relations r CROSS JOIN LATERAL (SELECT c.ctid, c.xmin FROM pg_constraint c WHERE c.conrelid = r.oid OFFSET 0) v
    UNION ALL SELECT r.schema_oid, 't', v.ctid, v.xmin FROM relations r CROSS JOIN LATERAL (SELECT c.ctid, c.xmin FROM pg_trigger c WHERE c.tgrelid = r.oid OFFSET 0) v
    UNION ALL SELECT r.schema_oid, 'r', v.ctid, v.xmin FROM relations r CROSS JOIN LATERAL (SELECT c.ctid, c.xmin FROM pg_rewrite c WHERE c.ev_class = r.oid OFFSET 0) v
    UNION ALL SELECT r.schema_oid, 'p', v.ctid, v.xmin FROM relations r CROSS JOIN LATERAL (SELECT c.ctid, c.xmin FROM pg_policy c WHERE c.polrelid = r.oid OFFSET 0) v
    UNION ALL SELECT r.schema_oid, 'f', v.ctid, v.xmin FROM relations r CROSS JOIN LATERAL (SELECT c.ctid, c.xmin FROM pg_attrdef c WHERE c.adrelid = r.oid OFFSET 0) v
    UNION ALL SELECT r.schema_oid, 'h', v.ctid, v.xmin FROM relations r CROSS JOIN LATERAL (SELECT c.ctid, c.xmin FROM pg_inherits c WHERE c.inhrelid = r.oid OFFSET 0) v
    UNION ALL SELECT r.schema_oid, 's', v.ctid, v.xmin FROM relations r CROSS JOIN LATERAL (SELECT c.ctid, c.xmin FROM pg_sequence c WHERE c.seqrelid = r.oid OFFSET 0) v
    UNION ALL SELECT r.schema_oid, 'x', v.ctid, v.xmin FROM relations r CROSS JOIN LATERAL (SELECT c.ctid, c.xmin FROM pg_statistic_ext c WHERE c.stxrelid = r.oid OFFSET 0) v
    UNION ALL SELECT r.schema_oid, 'o', v.ctid, v.xmin FROM relations r CROSS JOIN LATERAL (SELECT c.ctid, c.xmin FROM pg_description c WHERE c.objoid = r.oid AND c.classoid = 'pg_class'::regclass OFFSET 0) v
    UNION ALL SELECT o.schema_oid, 'o', v.ctid, v.xmin FROM objects o
      CROSS JOIN LATERAL (SELECT c.ctid, c.xmin FROM pg_description c WHERE c.objoid = o.objid AND c.classoid = o.classid OFFSET 0) v WHERE o.classid <> 'pg_class'::regclass
    UNION ALL SELECT o.schema_oid, 'y', v.ctid, v.xmin FROM objects o CROSS JOIN LATERAL (SELECT c.ctid, c.xmin FROM pg_type c WHERE c.oid = o.objid OFFSET 0) v WHERE o.classid = 'pg_type'::regclass
    UNION ALL SELECT o.schema_oid, 'e', v.ctid, v.xmin FROM objects o CROSS JOIN LATERAL (SELECT c.ctid, c.xmin FROM pg_enum c WHERE c.enumtypid = o.objid OFFSET 0) v WHERE o.classid = 'pg_type'::regclass
    UNION ALL SELECT o.schema_oid, 'k', v.ctid, v.xmin FROM objects o CROSS JOIN LATERAL (SELECT c.ctid, c.xmin FROM pg_constraint c WHERE c.contypid = o.objid OFFSET 0) v WHERE o.classid = 'pg_type'::regclass
    UNION ALL SELECT o.schema_oid, 'u', v.ctid, v.xmin FROM objects o CROSS JOIN LATERAL (SELECT c.ctid, c.xmin FROM pg_proc c WHERE c.oid = o.objid OFFSET 0) v WHERE o.classid = 'pg_proc'::regclass
    UNION ALL SELECT o.schema_oid, 'x', v.ctid, v.xmin FROM objects o CROSS JOIN LATERAL (SELECT c.ctid, c.xmin FROM pg_statistic_ext c WHERE c.oid = o.objid OFFSET 0) v WHERE o.classid = 'pg_statistic_ext'::regclass
    UNION ALL SELECT o.schema_oid, 'l', v.ctid, v.xmin FROM objects o CROSS JOIN LATERAL (SELECT c.ctid, c.xmin FROM pg_collation c WHERE c.oid = o.objid OFFSET 0) v WHERE o.classid = 'pg_collation'::regclass
    UNION ALL SELECT o.schema_oid, 'g', v.ctid, v.xmin FROM objects o CROSS JOIN LATERAL (SELECT c.ctid, c.xmin FROM pg_operator c WHERE c.oid = o.objid OFFSET 0) v WHERE o.classid = 'pg_operator'::regclass
    UNION ALL SELECT o.schema_oid, 'z', v.ctid, v.xmin FROM objects o CROSS JOIN LATERAL (SELECT c.ctid, c.xmin FROM pg_default_acl c WHERE c.oid = o.objid OFFSET 0) v WHERE o.classid = 'pg_default_acl'::regclass
    UNION ALL SELECT o.schema_oid, 'q', v.ctid, v.xmin FROM objects o CROSS JOIN LATERAL (SELECT c.ctid, c.xmin FROM pg_ts_config c WHERE c.oid = o.objid OFFSET 0) v WHERE o.classid = 'pg_ts_config'::regclass
    UNION ALL SELECT o.schema_oid, 'm', v.ctid, v.xmin FROM objects o CROSS JOIN LATERAL (SELECT c.ctid, c.xmin FROM pg_ts_config_map c WHERE c.mapcfg = o.objid OFFSET 0) v WHERE o.classid = 'pg_ts_config'::regclass
  ),
  judged AS MATERIALIZED (
    SELECT v.schema_oid, v.kind, v.place, CASE WHEN age(v.writer) <= 0 THEN @history@.is_own_row(v.writer) ELSE false END AS is_own FROM versions v
  ),
  signs AS (
    SELECT v.schema_oid, v.kind || v.place::text AS sign FROM judged v WHERE v.is_own
    UNION ALL
    SELECT c.schema_oid, concat_ws('.', 'rows', c.oid, c.inserted, c.updated, c.deleted) FROM (
        SELECT r.schema_oid, r.oid, pg_stat_get_xact_tuples_inserted(r.oid) AS inserted, pg_stat_get_xact_tuples_updated(r.oid) AS updated, pg_stat_get_xact_tuples_deleted(r.oid) AS deleted
          FROM relations r) c
      WHERE c.inserted <> 0 OR c.updated <> 0 OR c.deleted <> 0
  )
  SELECT s.oid, coalesce(g.text, ''), coalesce(o.number, 0)
    FROM unnest(p_schemas) s (oid)
    LEFT JOIN (SELECT x.schema_oid, md5(string_agg(x.sign, ' ' ORDER BY x.sign COLLATE "C")) AS text FROM signs x GROUP BY x.schema_oid) g ON g.schema_oid = s.oid
    LEFT JOIN (SELECT x.schema_oid, count(*) AS number FROM judged x WHERE NOT x.is_own GROUP BY x.schema_oid) o ON o.schema_oid = s.oid;
END
$marks$;
