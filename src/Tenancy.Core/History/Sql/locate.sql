-- The schema and name of an object, schema 0 for one in none; no row where it does not exist (any more, or yet) in this snapshot.
CREATE OR REPLACE FUNCTION @history@.locate(p_class oid, p_object oid)
RETURNS TABLE (class_oid oid, schema_oid oid, schema_name text, object_name name)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $locate$
DECLARE
  v_schema oid;
  v_name name;
BEGIN
  CASE p_class
    WHEN 'pg_class'::regclass THEN
      SELECT c.relnamespace, @history@.relation_name(c.oid) INTO v_schema, v_name FROM pg_class c WHERE c.oid = p_object;
    WHEN 'pg_namespace'::regclass THEN SELECT n.oid, n.nspname INTO v_schema, v_name FROM pg_namespace n WHERE n.oid = p_object;
    WHEN 'pg_proc'::regclass THEN SELECT pronamespace, proname INTO v_schema, v_name FROM pg_proc WHERE oid = p_object;
    WHEN 'pg_type'::regclass THEN SELECT typnamespace, @history@.type_name(oid) INTO v_schema, v_name FROM pg_type WHERE oid = p_object;
    WHEN 'pg_collation'::regclass THEN SELECT collnamespace, collname INTO v_schema, v_name FROM pg_collation WHERE oid = p_object;
    WHEN 'pg_conversion'::regclass THEN SELECT connamespace, conname INTO v_schema, v_name FROM pg_conversion WHERE oid = p_object;
    WHEN 'pg_operator'::regclass THEN SELECT oprnamespace, oprname INTO v_schema, v_name FROM pg_operator WHERE oid = p_object;
    WHEN 'pg_opclass'::regclass THEN SELECT opcnamespace, opcname INTO v_schema, v_name FROM pg_opclass WHERE oid = p_object;
    WHEN 'pg_opfamily'::regclass THEN SELECT opfnamespace, opfname INTO v_schema, v_name FROM pg_opfamily WHERE oid = p_object;
    WHEN 'pg_amop'::regclass THEN
      SELECT f.opfnamespace, f.opfname INTO v_schema, v_name FROM pg_amop a JOIN pg_opfamily f ON f.oid = a.amopfamily WHERE a.oid = p_object;
    WHEN 'pg_amproc'::regclass THEN
      SELECT f.opfnamespace, f.opfname INTO v_schema, v_name FROM pg_amproc a JOIN pg_opfamily f ON f.oid = a.amprocfamily WHERE a.oid = p_object;
    WHEN 'pg_ts_config'::regclass THEN SELECT cfgnamespace, cfgname INTO v_schema, v_name FROM pg_ts_config WHERE oid = p_object;
    WHEN 'pg_ts_dict'::regclass THEN SELECT dictnamespace, dictname INTO v_schema, v_name FROM pg_ts_dict WHERE oid = p_object;
    WHEN 'pg_ts_parser'::regclass THEN SELECT prsnamespace, prsname INTO v_schema, v_name FROM pg_ts_parser WHERE oid = p_object;
    WHEN 'pg_ts_template'::regclass THEN SELECT tmplnamespace, tmplname INTO v_schema, v_name FROM pg_ts_template WHERE oid = p_object;
    WHEN 'pg_statistic_ext'::regclass THEN SELECT stxnamespace, stxname INTO v_schema, v_name FROM pg_statistic_ext WHERE oid = p_object;
    -- A range type comes with a cast to its multirange, which lies where the type does.
    WHEN 'pg_cast'::regclass THEN
      SELECT coalesce(t.typnamespace, 0), coalesce(t.typname, 'pg_cast') INTO v_schema, v_name
        FROM pg_cast k LEFT JOIN pg_range g ON g.rngtypid = k.castsource AND g.rngmultitypid = k.casttarget LEFT JOIN pg_type t ON t.oid = g.rngtypid
        WHERE k.oid = p_object;
    WHEN 'pg_default_acl'::regclass THEN SELECT defaclnamespace, 'default privileges' INTO v_schema, v_name FROM pg_default_acl WHERE oid = p_object;
    -- Parts of a table or domain go by it.
    WHEN 'pg_constraint'::regclass THEN
      SELECT connamespace, coalesce(@history@.type_name(contypid), @history@.relation_name(conrelid)) INTO v_schema, v_name FROM pg_constraint WHERE oid = p_object;
    WHEN 'pg_attrdef'::regclass THEN
      SELECT c.relnamespace, c.relname INTO v_schema, v_name FROM pg_attrdef a JOIN pg_class c ON c.oid = a.adrelid WHERE a.oid = p_object;
    WHEN 'pg_rewrite'::regclass THEN
      SELECT c.relnamespace, c.relname INTO v_schema, v_name FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class WHERE r.oid = p_object;
    WHEN 'pg_policy'::regclass THEN
      SELECT c.relnamespace, c.relname INTO v_schema, v_name FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid WHERE p.oid = p_object;
    -- A foreign key has triggers on the table that it refers to: these are the key's.
    WHEN 'pg_trigger'::regclass THEN
      SELECT c.relnamespace, c.relname INTO v_schema, v_name FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE t.oid = p_object AND NOT t.tgisinternal;
    ELSE NULL;
  END CASE;
  IF v_schema IS NOT NULL THEN
    RETURN QUERY SELECT p_class, v_schema, (SELECT n.nspname::text FROM pg_namespace n WHERE n.oid = v_schema), v_name;
  END IF;
END
$locate$;
