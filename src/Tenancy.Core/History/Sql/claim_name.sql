-- Takes a name for people for the tenant that has, or is to have, a schema. The name is locked as a schema of that name is, so that two runs cannot give it twice.
CREATE OR REPLACE FUNCTION @history@.claim_name(p_fleet text, p_name text, p_schema text)
RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $claim_name$
DECLARE
  v_other text;
BEGIN
  PERFORM @history@.lock(p_fleet, 'tenant', p_name);
  SELECT min(t.schema) INTO v_other FROM @history@.tenant t WHERE t.fleet = p_fleet AND t.name = p_name AND t.schema <> p_schema;
  IF v_other IS NOT NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'TN015', MESSAGE = format('the tenant in schema %I is named %L already', v_other, p_name);
  END IF;
END
$claim_name$;
