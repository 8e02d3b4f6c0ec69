-- Gives the objects that this transaction made in the schema the project's grants. Reads them through pg_depend's index:
-- its cost does not grow with the fleet. A row that is visible and not older than the transaction is its own, or another's commit meanwhile:
-- the tenant's lock leaves only its own.
CREATE OR REPLACE FUNCTION @history@.grant_new(p_schema_oid oid, p_owner text, p_grants jsonb)
RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $grant_new$
DECLARE
  v_object record;
  v_role text := current_setting('role');
BEGIN
  IF pg_current_xact_id_if_assigned() IS NULL THEN
    RETURN;
  END IF;
  IF p_owner IS NOT NULL THEN
    PERFORM set_config('role', p_owner, true);
  END IF;
  FOR v_object IN
    SELECT o.class, o.name, g.privileges, g.role, g.keyword
    FROM (
      SELECT CASE c.relkind WHEN 'S' THEN 'sequences' ELSE 'tables' END AS class, c.oid::regclass::text AS name
        FROM pg_depend d JOIN pg_class c ON c.oid = d.objid
        WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_namespace'::regclass AND d.refobjid = p_schema_oid
          AND age(d.xmin) <= 0 AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
      UNION ALL
      SELECT 'functions', p.oid::regprocedure::text
        FROM pg_depend d JOIN pg_proc p ON p.oid = d.objid
        WHERE d.classid = 'pg_proc'::regclass AND d.refclassid = 'pg_namespace'::regclass AND d.refobjid = p_schema_oid
          AND age(d.xmin) <= 0
      UNION ALL
      SELECT 'types', t.oid::regtype::text
        FROM pg_depend d JOIN pg_type t ON t.oid = d.objid
        WHERE d.classid = 'pg_type'::regclass AND d.refclassid = 'pg_namespace'::regclass AND d.refobjid = p_schema_oid
          AND age(d.xmin) <= 0
      UNION ALL
      -- A composite type lies in the schema through its pg_class row.
      SELECT 'types', c.reltype::regtype::text
        FROM pg_depend d JOIN pg_class c ON c.oid = d.objid
        WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_namespace'::regclass AND d.refobjid = p_schema_oid
          AND age(d.xmin) <= 0 AND c.relkind = 'c'
    ) o
    JOIN (
      SELECT j ->> 'to' AS role, j ->> 'on' AS class, j ->> 'privileges' AS privileges,
        CASE j ->> 'on' WHEN 'tables' THEN 'TABLE' WHEN 'sequences' THEN 'SEQUENCE' WHEN 'functions' THEN 'ROUTINE' ELSE 'TYPE' END AS keyword
      FROM jsonb_array_elements(p_grants) j
    ) g ON g.class = o.class
  LOOP
    EXECUTE format('GRANT %s ON %s %s TO %s', v_object.privileges, v_object.keyword, v_object.name,
      CASE WHEN v_object.role = 'public' THEN 'PUBLIC' ELSE quote_ident(v_object.role) END);
  END LOOP;
  PERFORM set_config('role', v_role, true);
END
$grant_new$;
