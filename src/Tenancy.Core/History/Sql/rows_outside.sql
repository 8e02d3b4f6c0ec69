-- Rows that this transaction wrote, outside the schemas, in the catalogs that changed; the others are not read. Those that change most have a query each: even where one-time filters leave nothing to
-- read of it, beginning the query over all the others costs more than reading a catalog of a small fleet. TOAST follows its table.
CREATE OR REPLACE FUNCTION @history@.rows_outside(p_changed regclass[], p_schemas oid[])
RETURNS TABLE (class_oid oid, object_oid oid, schema_oid oid, object_name name)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan SET jit = off AS $rows_outside$
DECLARE
  v_schemas oid[] := p_schemas || 'pg_toast'::regnamespace::oid;
BEGIN
  IF 'pg_class'::regclass = ANY (p_changed) THEN
    RETURN QUERY
    SELECT 'pg_class'::regclass::oid, c.oid, c.relnamespace, @history@.relation_name(c.oid)
      FROM pg_class c WHERE age(c.xmin) <= 0 AND c.relnamespace <> ALL (v_schemas) AND @history@.is_own_row(c.xmin);
  END IF;
  -- Only a grant on a column changes one without a lock on its table. The planner takes a third of all rows for new, and would hash pg_class for them (OFFSET 0).
  IF 'pg_attribute'::regclass = ANY (p_changed) THEN
    RETURN QUERY
    SELECT 'pg_class'::regclass::oid, c.oid, c.relnamespace, @history@.relation_name(c.oid)
      FROM (SELECT a.attrelid, a.xmin FROM pg_attribute a WHERE age(a.xmin) <= 0 OFFSET 0) a
        CROSS JOIN LATERAL (SELECT o.oid, o.relnamespace FROM pg_class o WHERE o.oid = a.attrelid OFFSET 0) c
      WHERE CASE WHEN c.relnamespace <> ALL (v_schemas) THEN @history@.is_own_row(a.xmin) END;
  END IF;
  IF 'pg_proc'::regclass = ANY (p_changed) THEN
    RETURN QUERY
    SELECT 'pg_proc'::regclass::oid, p.oid, p.pronamespace, p.proname
      FROM pg_proc p WHERE age(p.xmin) <= 0 AND p.pronamespace <> ALL (v_schemas) AND @history@.is_own_row(p.xmin);
  END IF;
  IF 'pg_type'::regclass = ANY (p_changed) THEN
    RETURN QUERY
    SELECT 'pg_type'::regclass::oid, t.oid, t.typnamespace, @history@.type_name(t.oid)
      FROM pg_type t WHERE age(t.xmin) <= 0 AND t.typnamespace <> ALL (v_schemas) AND @history@.is_own_row(t.xmin);
  END IF;
  IF 'pg_constraint'::regclass = ANY (p_changed) THEN
    RETURN QUERY
    SELECT 'pg_type'::regclass::oid, c.contypid, c.connamespace, @history@.type_name(c.contypid)
      FROM pg_constraint c WHERE age(c.xmin) <= 0 AND c.contypid <> 0 AND c.connamespace <> ALL (v_schemas) AND @history@.is_own_row(c.xmin);
  END IF;
  IF p_changed <@ ARRAY['pg_class', 'pg_attribute', 'pg_proc', 'pg_type', 'pg_constraint']::regclass[] THEN
    RETURN;
  END IF;

  RETURN QUERY
  SELECT r.class_oid, r.object_oid, r.schema_oid, r.object_name FROM (
    SELECT 'pg_namespace'::regclass::oid AS class_oid, oid AS object_oid, oid AS schema_oid, nspname AS object_name, n.xmin AS xmin
      FROM pg_namespace n WHERE 'pg_namespace'::regclass = ANY (p_changed) AND oid <> ALL (p_schemas) AND age(n.xmin) <= 0
    UNION ALL SELECT 'pg_default_acl'::regclass, oid, defaclnamespace, 'default privileges', a.xmin
      FROM pg_default_acl a WHERE 'pg_default_acl'::regclass = ANY (p_changed) AND defaclnamespace <> ALL (p_schemas) AND age(a.xmin) <= 0
    UNION ALL SELECT 'pg_collation'::regclass, oid, collnamespace, collname, c.xmin
      FROM pg_collation c WHERE 'pg_collation'::regclass = ANY (p_changed) AND collnamespace <> ALL (p_schemas) AND age(c.xmin) <= 0
    UNION ALL SELECT 'pg_conversion'::regclass, oid, connamespace, conname, c.xmin
      FROM pg_conversion c WHERE 'pg_conversion'::regclass = ANY (p_changed) AND connamespace <> ALL (p_schemas) AND age(c.xmin) <= 0
    UNION ALL SELECT 'pg_operator'::regclass, oid, oprnamespace, oprname, o.xmin
      FROM pg_operator o WHERE 'pg_operator'::regclass = ANY (p_changed) AND oprnamespace <> ALL (p_schemas) AND age(o.xmin) <= 0
    UNION ALL SELECT 'pg_opclass'::regclass, oid, opcnamespace, opcname, o.xmin
      FROM pg_opclass o WHERE 'pg_opclass'::regclass = ANY (p_changed) AND opcnamespace <> ALL (p_schemas) AND age(o.xmin) <= 0
    UNION ALL SELECT 'pg_opfamily'::regclass, f.oid, f.opfnamespace, f.opfname, f.xmin
      FROM pg_opfamily f WHERE 'pg_opfamily'::regclass = ANY (p_changed) AND f.opfnamespace <> ALL (p_schemas) AND age(f.xmin) <= 0
    UNION ALL SELECT 'pg_opfamily'::regclass, f.oid, f.opfnamespace, f.opfname, a.xmin
      FROM pg_amop a JOIN pg_opfamily f ON f.oid = a.amopfamily
      WHERE 'pg_amop'::regclass = ANY (p_changed) AND f.opfnamespace <> ALL (p_schemas) AND age(a.xmin) <= 0
    UNION ALL SELECT 'pg_opfamily'::regclass, f.oid, f.opfnamespace, f.opfname, a.xmin
      FROM pg_amproc a JOIN pg_opfamily f ON f.oid = a.amprocfamily
      WHERE 'pg_amproc'::regclass = ANY (p_changed) AND f.opfnamespace <> ALL (p_schemas) AND age(a.xmin) <= 0
    UNION ALL SELECT 'pg_ts_config'::regclass, c.oid, cfgnamespace, cfgname, c.xmin
      FROM pg_ts_config c WHERE 'pg_ts_config'::regclass = ANY (p_changed) AND cfgnamespace <> ALL (p_schemas) AND age(c.xmin) <= 0
    UNION ALL SELECT 'pg_ts_config'::regclass, c.oid, c.cfgnamespace, c.cfgname, m.xmin
      FROM pg_ts_config_map m JOIN pg_ts_config c ON c.oid = m.mapcfg
      WHERE 'pg_ts_config_map'::regclass = ANY (p_changed) AND c.cfgnamespace <> ALL (p_schemas) AND age(m.xmin) <= 0
    UNION ALL SELECT 'pg_ts_dict'::regclass, oid, dictnamespace, dictname, d.xmin
      FROM pg_ts_dict d WHERE 'pg_ts_dict'::regclass = ANY (p_changed) AND dictnamespace <> ALL (p_schemas) AND age(d.xmin) <= 0
    UNION ALL SELECT 'pg_ts_parser'::regclass, oid, prsnamespace, prsname, p.xmin
      FROM pg_ts_parser p WHERE 'pg_ts_parser'::regclass = ANY (p_changed) AND prsnamespace <> ALL (p_schemas) AND age(p.xmin) <= 0
    UNION ALL SELECT 'pg_ts_template'::regclass, oid, tmplnamespace, tmplname, t.xmin
      FROM pg_ts_template t WHERE 'pg_ts_template'::regclass = ANY (p_changed) AND tmplnamespace <> ALL (p_schemas) AND age(t.xmin) <= 0
    UNION ALL SELECT 'pg_statistic_ext'::regclass, oid, stxnamespace, stxname, s.xmin
      FROM pg_statistic_ext s WHERE 'pg_statistic_ext'::regclass = ANY (p_changed) AND stxnamespace <> ALL (p_schemas) AND age(s.xmin) <= 0
    UNION ALL SELECT 'pg_type'::regclass, t.oid, t.typnamespace, t.typname, e.xmin
      FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid
      WHERE 'pg_enum'::regclass = ANY (p_changed) AND t.typnamespace <> ALL (p_schemas) AND age(e.xmin) <= 0
    UNION ALL SELECT l.class_oid, k.oid, l.schema_oid, l.object_name, k.xmin
      FROM pg_cast k CROSS JOIN LATERAL @history@.locate('pg_cast'::regclass, k.oid) l
      WHERE 'pg_cast'::regclass = ANY (p_changed) AND age(k.xmin) <= 0 AND l.schema_oid <> ALL (p_schemas)
  ) r
  WHERE @history@.is_own_row(r.xmin);
END
$rows_outside$;
