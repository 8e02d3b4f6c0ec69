-- What copies the rows of schema $1 into schema $2 of the same definition, and sets its sequences; $3 and $4: relations that are read by another name; $5: an identity column's sequence, of table and column. A value of a type of the schema's own goes by its text: the copy
-- has a type of its own. Rows go from partition to partition. The sequence of an identity column is found by the column: its name may be another where it is made anew.
WITH own AS (
  SELECT c.oid, c.relname, c.relkind, coalesce((SELECT u.source FROM ROWS FROM (pg_catalog.unnest($3::pg_catalog.text[]), pg_catalog.unnest($4::pg_catalog.text[])) AS u (name, source) WHERE u.name = c.relname),
    pg_catalog.format(CASE WHEN c.relkind = 'r' THEN 'ONLY %I.%I' ELSE '%I.%I' END, $1, c.relname)) AS source
  FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_class c ON c.oid = d.objid
  WHERE d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND d.refobjid = (SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname = $1)
    AND d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass)
SELECT s.statement FROM (
  SELECT 1 AS step, o.relname, CASE WHEN k.columns IS NULL
      THEN pg_catalog.format('INSERT INTO %I.%I SELECT FROM %s', $2, o.relname, o.source)
      ELSE pg_catalog.format('INSERT INTO %I.%I (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM %s r', $2, o.relname, k.columns, k.expressions, o.source) END AS statement
  FROM own o CROSS JOIN LATERAL (
    SELECT pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' ORDER BY a.attnum) AS columns,
      pg_catalog.string_agg(pg_catalog.format('r.%I', a.attname) || CASE WHEN coalesce(e.typnamespace, t.typnamespace) = (SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname = $1)
        THEN pg_catalog.format('::pg_catalog.text::%I.%I%s', $2, coalesce(e.typname, t.typname), CASE WHEN e.oid IS NULL THEN '' ELSE '[]' END) ELSE '' END, ', ' ORDER BY a.attnum) AS expressions
    FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem AND e.typarray = t.oid
    WHERE a.attrelid = o.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '') k
  WHERE o.relkind = 'r'
  UNION ALL
  SELECT 2, o.relname, CASE WHEN t.oid IS NULL
      THEN pg_catalog.format('SELECT pg_catalog.setval(%L::pg_catalog.regclass, q.last_value, q.is_called) FROM %s q', pg_catalog.format('%I.%I', $2, o.relname), o.source)
      ELSE pg_catalog.format('SELECT pg_catalog.setval(%s, q.last_value, q.is_called) FROM %s q', pg_catalog.format($5, pg_catalog.format('%I.%I', $2, t.relname), a.attname), o.source) END
  FROM own o
  LEFT JOIN pg_catalog.pg_depend w ON w.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND w.objid = o.oid AND w.objsubid = 0
    AND w.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND w.refobjsubid > 0 AND w.deptype = 'i'
  LEFT JOIN pg_catalog.pg_class t ON t.oid = w.refobjid
  LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = w.refobjid AND a.attnum = w.refobjsubid
  WHERE o.relkind = 'S') s
ORDER BY s.step, s.relname COLLATE "C"
