DECLARE
  v_elsewhere text[];
BEGIN
  SELECT array_agg(t.schema || ' (at ' || coalesce(nullif(t.state, ''), 'base') || ')' ORDER BY t.schema COLLATE "C") INTO v_elsewhere FROM (@tenants@) t WHERE t.state <> @after@;
  IF v_elsewhere IS NOT NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'TN013', MESSAGE = format('%s tenants are not where the script brings them: %s%s', cardinality(v_elsewhere), array_to_string(v_elsewhere[1:5], ', '),
      CASE WHEN cardinality(v_elsewhere) > 5 THEN ', …' ELSE '' END);
  END IF;
END
