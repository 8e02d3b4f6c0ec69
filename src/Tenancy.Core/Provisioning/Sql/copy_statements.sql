-- What copies the rows of schema $1 into schema $2 of the same definition, and sets its sequences. A value of a type of the schema's own goes by its text: the copy has a type of its own.
WITH own AS (
  SELECT c.oid, c.relname, c.relkind, c.relispartition FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_class c ON c.oid = d.objid
  WHERE d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND d.refobjid = (SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname = $1)
    AND d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass)
SELECT s.statement FROM (
  SELECT 1 AS step, o.relname, CASE WHEN k.columns IS NULL
      THEN pg_catalog.format('INSERT INTO %I.%I SELECT FROM %s%I.%I', $2, o.relname, CASE WHEN o.relkind = 'p' THEN '' ELSE 'ONLY ' END, $1, o.relname)
      ELSE pg_catalog.format('INSERT INTO %I.%I (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM %s%I.%I r', $2, o.relname, k.columns, k.expressions, CASE WHEN o.relkind = 'p' THEN '' ELSE 'ONLY ' END, $1, o.relname) END AS statement
  FROM own o CROSS JOIN LATERAL (
    SELECT pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' ORDER BY a.attnum) AS columns,
      pg_catalog.string_agg(pg_catalog.format('r.%I', a.attname) || CASE WHEN coalesce(e.typnamespace, t.typnamespace) = (SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname = $1)
        THEN pg_catalog.format('::pg_catalog.text::%I.%I%s', $2, coalesce(e.typname, t.typname), CASE WHEN e.oid IS NULL THEN '' ELSE '[]' END) ELSE '' END, ', ' ORDER BY a.attnum) AS expressions
    FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem AND e.typarray = t.oid
    WHERE a.attrelid = o.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '') k
  WHERE o.relkind IN ('r', 'p') AND NOT o.relispartition
  UNION ALL
  SELECT 2, o.relname, CASE WHEN t.oid IS NULL
      THEN pg_catalog.format('SELECT pg_catalog.setval(%L::pg_catalog.regclass, q.last_value, q.is_called) FROM %I.%I q', pg_catalog.format('%I.%I', $2, o.relname), $1, o.relname)
      ELSE pg_catalog.format('SELECT pg_catalog.setval(pg_catalog.pg_get_serial_sequence(%L, %L)::pg_catalog.regclass, q.last_value, q.is_called) FROM %I.%I q',
        pg_catalog.format('%I.%I', $2, t.relname), a.attname, $1, o.relname) END
  FROM own o
  LEFT JOIN pg_catalog.pg_depend w ON w.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND w.objid = o.oid AND w.objsubid = 0
    AND w.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND w.refobjsubid > 0 AND w.deptype IN ('a', 'i')
  LEFT JOIN pg_catalog.pg_class t ON t.oid = w.refobjid
  LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = w.refobjid AND a.attnum = w.refobjsubid
  WHERE o.relkind = 'S') s
ORDER BY s.step, s.relname COLLATE "C"
