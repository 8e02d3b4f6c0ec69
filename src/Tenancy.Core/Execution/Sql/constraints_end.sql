-- The deferrable constraints of some schemas' tables, of others that refer to them, and of temporary tables: what is deferred of them is checked now.
DECLARE
  v_names text;
BEGIN
  SELECT pg_catalog.string_agg(DISTINCT pg_catalog.format('%I.%I', n.nspname, k.conname), ', ') INTO v_names
  FROM pg_catalog.pg_namespace s
  JOIN pg_catalog.pg_depend r ON r.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND r.refobjid = s.oid AND r.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
  JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = r.objid AND d.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass
  JOIN pg_catalog.pg_constraint k ON k.oid = d.objid AND k.condeferrable
  JOIN pg_catalog.pg_namespace n ON n.oid = k.connamespace
  WHERE (s.nspname::pg_catalog.text = ANY (@schemas@) OR s.oid = pg_catalog.pg_my_temp_schema()) AND pg_catalog.has_schema_privilege(n.oid, 'USAGE');
  IF v_names IS NOT NULL THEN
    EXECUTE 'SET CONSTRAINTS ' || v_names || ' IMMEDIATE';
  END IF;
END
