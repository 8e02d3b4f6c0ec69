-- The schema and name of an object that has one; no row where it does not exist (any more, or yet) in this snapshot.
CREATE OR REPLACE FUNCTION @history@.locate(p_class oid, p_object oid)
RETURNS TABLE (class_oid oid, schema_oid oid, schema_name text, object_name text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $locate$
DECLARE
  v_schema oid;
  v_name name;
BEGIN
  CASE p_class
    WHEN 'pg_class'::regclass THEN
      SELECT c.relnamespace, coalesce(t.relname, c.relname) INTO v_schema, v_name
        FROM pg_class c LEFT JOIN pg_index i ON i.indexrelid = c.oid LEFT JOIN pg_class t ON t.oid = i.indrelid WHERE c.oid = p_object;
    WHEN 'pg_namespace'::regclass THEN SELECT n.oid, n.nspname INTO v_schema, v_name FROM pg_namespace n WHERE n.oid = p_object;
    WHEN 'pg_proc'::regclass THEN SELECT pronamespace, proname INTO v_schema, v_name FROM pg_proc WHERE oid = p_object;
    WHEN 'pg_type'::regclass THEN SELECT typnamespace, typname INTO v_schema, v_name FROM pg_type WHERE oid = p_object;
    WHEN 'pg_collation'::regclass THEN SELECT collnamespace, collname INTO v_schema, v_name FROM pg_collation WHERE oid = p_object;
    WHEN 'pg_conversion'::regclass THEN SELECT connamespace, conname INTO v_schema, v_name FROM pg_conversion WHERE oid = p_object;
    WHEN 'pg_operator'::regclass THEN SELECT oprnamespace, oprname INTO v_schema, v_name FROM pg_operator WHERE oid = p_object;
    WHEN 'pg_opclass'::regclass THEN SELECT opcnamespace, opcname INTO v_schema, v_name FROM pg_opclass WHERE oid = p_object;
    WHEN 'pg_opfamily'::regclass THEN SELECT opfnamespace, opfname INTO v_schema, v_name FROM pg_opfamily WHERE oid = p_object;
    WHEN 'pg_ts_config'::regclass THEN SELECT cfgnamespace, cfgname INTO v_schema, v_name FROM pg_ts_config WHERE oid = p_object;
    WHEN 'pg_ts_dict'::regclass THEN SELECT dictnamespace, dictname INTO v_schema, v_name FROM pg_ts_dict WHERE oid = p_object;
    WHEN 'pg_ts_parser'::regclass THEN SELECT prsnamespace, prsname INTO v_schema, v_name FROM pg_ts_parser WHERE oid = p_object;
    WHEN 'pg_ts_template'::regclass THEN SELECT tmplnamespace, tmplname INTO v_schema, v_name FROM pg_ts_template WHERE oid = p_object;
    WHEN 'pg_statistic_ext'::regclass THEN SELECT stxnamespace, stxname INTO v_schema, v_name FROM pg_statistic_ext WHERE oid = p_object;
    WHEN 'pg_default_acl'::regclass THEN SELECT defaclnamespace, 'default privileges' INTO v_schema, v_name FROM pg_default_acl WHERE oid = p_object;
    -- A table's constraint is shown by the table's lock; only a domain's counts.
    WHEN 'pg_constraint'::regclass THEN SELECT connamespace, conname INTO v_schema, v_name FROM pg_constraint WHERE oid = p_object AND contypid <> 0;
    ELSE NULL;
  END CASE;
  IF v_schema IS NOT NULL THEN
    RETURN QUERY SELECT p_class, v_schema, (SELECT n.nspname::text FROM pg_namespace n WHERE n.oid = v_schema), v_name::text;
  END IF;
END
$locate$;
