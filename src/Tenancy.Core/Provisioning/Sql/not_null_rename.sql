DO $names$
DECLARE
  item record;
  has_renamed boolean;
BEGIN
  -- Again and again: one whose name another has yet waits for that one's. A constraint whose children's are called otherwise cannot be renamed, nor one of a table that is another's.
  LOOP
    has_renamed := false;
    FOR item IN
      SELECT c.relname, k.conname, n.name
      FROM pg_catalog.jsonb_to_recordset(@names@::pg_catalog.jsonb) AS n(relation pg_catalog.text, "column" pg_catalog.text, name pg_catalog.text)
      JOIN pg_catalog.pg_class c ON c.relname = n.relation AND c.relnamespace = (SELECT s.oid FROM pg_catalog.pg_namespace s WHERE s.nspname = pg_catalog.current_schema())
      JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attname = n."column"
      JOIN pg_catalog.pg_constraint k ON k.conrelid = c.oid AND k.contype = 'n' AND k.coninhcount = 0 AND k.conkey[1] = a.attnum
      WHERE k.conname <> n.name AND pg_catalog.pg_has_role(c.relowner, 'USAGE')
        AND NOT EXISTS (
          WITH RECURSIVE below(oid) AS (SELECT c.oid UNION SELECT i.inhrelid FROM below b JOIN pg_catalog.pg_inherits i ON i.inhparent = b.oid)
          SELECT FROM below b
          WHERE EXISTS (SELECT FROM pg_catalog.pg_constraint o WHERE o.conrelid = b.oid AND o.conname = n.name)
            OR NOT EXISTS (SELECT FROM pg_catalog.pg_constraint o WHERE o.conrelid = b.oid AND o.conname = k.conname AND o.contype = 'n'))
    LOOP
      EXECUTE pg_catalog.format('ALTER TABLE %I.%I RENAME CONSTRAINT %I TO %I', pg_catalog.current_schema(), item.relname, item.conname, item.name);
      has_renamed := true;
    END LOOP;
    EXIT WHEN NOT has_renamed;
  END LOOP;
END $names$
