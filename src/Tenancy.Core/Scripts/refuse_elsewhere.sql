DECLARE
  v_other text;
  v_has boolean;
BEGIN
  FOR v_other IN
@others@
  LOOP
    EXECUTE pg_catalog.format('SELECT EXISTS (SELECT FROM %I.head WHERE fleet = $1)', v_other) INTO v_has USING @fleet@;
    IF v_has THEN
      RAISE EXCEPTION USING ERRCODE = 'TN012',
        MESSAGE = pg_catalog.format('there is no history schema %I here, but %I has the history of fleet ''%s'': with a new one every tenant would begin at base', @history_literal@, v_other, @fleet@),
        HINT = pg_catalog.format('Set history_schema: %s in the project file and write the script anew, or ALTER SCHEMA %I RENAME TO %I.', v_other, v_other, @history_literal@);
    END IF;
  END LOOP;
END
