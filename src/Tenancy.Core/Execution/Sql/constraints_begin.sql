-- The deferrable constraints of some schemas' tables, and those of others that refer to them, as their definitions say. By name, which two tables' may share: where these differ they stay as they are.
DECLARE
  v_mode record;
BEGIN
  FOR v_mode IN
    SELECT CASE WHEN k.condeferred THEN 'DEFERRED' ELSE 'IMMEDIATE' END AS mode, pg_catalog.string_agg(DISTINCT pg_catalog.format('%I.%I', n.nspname, k.conname), ', ') AS names
    FROM pg_catalog.pg_namespace s
    JOIN pg_catalog.pg_depend r ON r.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND r.refobjid = s.oid AND r.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
    JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = r.objid AND d.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass
    JOIN pg_catalog.pg_constraint k ON k.oid = d.objid AND k.condeferrable
    JOIN pg_catalog.pg_namespace n ON n.oid = k.connamespace
    WHERE s.nspname::pg_catalog.text = ANY (@schemas@) AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint o WHERE o.conname = k.conname AND o.connamespace = k.connamespace AND (o.condeferred <> k.condeferred OR NOT o.condeferrable))
    GROUP BY k.condeferred
  LOOP
    EXECUTE 'SET CONSTRAINTS ' || v_mode.names || ' ' || v_mode.mode;
  END LOOP;
END
