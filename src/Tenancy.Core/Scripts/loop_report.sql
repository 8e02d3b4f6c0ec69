DECLARE
  v_tenant record;
BEGIN
  FOR v_tenant IN SELECT t.schema, t.state FROM (@tenants@) t ORDER BY t.schema COLLATE "C" LOOP
    IF v_tenant.state = @after@ THEN
      RAISE NOTICE '% is there already', v_tenant.schema;
    ELSIF v_tenant.state <> @before@ THEN
      RAISE WARNING '% is at % and is left alone: the script begins at %', v_tenant.schema, coalesce(nullif(v_tenant.state, ''), 'base'), coalesce(nullif(@before@, ''), 'base');
    END IF;
  END LOOP;
  IF v_tenant IS NULL THEN
    RAISE WARNING 'no schema matches the pattern';
  END IF;
END
