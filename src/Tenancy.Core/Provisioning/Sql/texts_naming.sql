-- Expressions, options of foreign tables, comments and definitions of a schema's objects that may hold a name in a string. Where they name objects they name them by what they are.
WITH own AS (
  SELECT c.oid, c.relname, c.relkind FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_class c ON c.oid = d.objid
  WHERE d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND d.refobjid = $1::pg_catalog.text::pg_catalog.oid AND d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass)
SELECT t.place, t.text FROM (
  SELECT 'the default of ' || o.relname || '.' || a.attname AS place, pg_catalog.pg_get_expr(e.adbin, e.adrelid) AS text
    FROM own o JOIN pg_catalog.pg_attrdef e ON e.adrelid = o.oid JOIN pg_catalog.pg_attribute a ON a.attrelid = o.oid AND a.attnum = e.adnum
  UNION ALL SELECT 'constraint ' || k.conname || ' of ' || o.relname, pg_catalog.pg_get_constraintdef(k.oid) FROM own o JOIN pg_catalog.pg_constraint k ON k.conrelid = o.oid WHERE k.contype IN ('c', 'x')
  UNION ALL SELECT 'index ' || i.indexrelid::pg_catalog.regclass::pg_catalog.text, pg_catalog.pg_get_indexdef(i.indexrelid) FROM own o JOIN pg_catalog.pg_index i ON i.indrelid = o.oid WHERE i.indexprs IS NOT NULL OR i.indpred IS NOT NULL
  UNION ALL SELECT 'trigger ' || g.tgname || ' of ' || o.relname, pg_catalog.pg_get_triggerdef(g.oid) FROM own o JOIN pg_catalog.pg_trigger g ON g.tgrelid = o.oid WHERE NOT g.tgisinternal
  UNION ALL SELECT CASE WHEN r.rulename = '_RETURN' THEN 'view ' ELSE 'rule ' || r.rulename || ' of ' END || o.relname, pg_catalog.pg_get_ruledef(r.oid) FROM own o JOIN pg_catalog.pg_rewrite r ON r.ev_class = o.oid
  UNION ALL SELECT 'policy ' || p.polname || ' of ' || o.relname, pg_catalog.concat_ws(' ', pg_catalog.pg_get_expr(p.polqual, p.polrelid), pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid)) FROM own o JOIN pg_catalog.pg_policy p ON p.polrelid = o.oid
  UNION ALL SELECT 'foreign table ' || o.relname, (SELECT pg_catalog.string_agg(f.option_name || ' ' || pg_catalog.quote_literal(f.option_value), ', ') FROM pg_catalog.pg_options_to_table(t.ftoptions) f)
    FROM own o JOIN pg_catalog.pg_foreign_table t ON t.ftrelid = o.oid
  UNION ALL SELECT 'foreign column ' || o.relname || '.' || a.attname, (SELECT pg_catalog.string_agg(f.option_name || ' ' || pg_catalog.quote_literal(f.option_value), ', ') FROM pg_catalog.pg_options_to_table(a.attfdwoptions) f)
    FROM own o JOIN pg_catalog.pg_attribute a ON a.attrelid = o.oid WHERE o.relkind = 'f' AND a.attfdwoptions IS NOT NULL
  UNION ALL SELECT 'the comment on ' || pg_catalog.concat_ws('.', o.relname, a.attname), pg_catalog.quote_literal(s.description)
    FROM own o JOIN pg_catalog.pg_description s ON s.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass AND s.objoid = o.oid LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = o.oid AND a.attnum = s.objsubid AND s.objsubid > 0
  UNION ALL SELECT 'domain ' || y.typname, pg_catalog.concat_ws(' ', y.typdefault, (SELECT pg_catalog.string_agg(pg_catalog.pg_get_constraintdef(k.oid), ' ') FROM pg_catalog.pg_constraint k WHERE k.contypid = y.oid))
    FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_type y ON y.oid = d.objid
    WHERE d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND d.refobjid = $1::pg_catalog.text::pg_catalog.oid AND d.classid = 'pg_catalog.pg_type'::pg_catalog.regclass AND y.typtype = 'd') t
WHERE pg_catalog.strpos(pg_catalog.lower(t.text), pg_catalog.lower(pg_catalog.split_part($2, '"', 1))) > 0
ORDER BY 1
