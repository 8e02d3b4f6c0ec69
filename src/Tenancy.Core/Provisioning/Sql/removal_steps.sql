-- What is in a schema, as statements in an order in which each takes little else with it: keys, views, tables, the rest; the later made first, which needs the earlier. With the entries of the lock
-- table that each takes at the most: dropping locks the object and every part of it.
WITH own AS (
  SELECT d.classid, d.objid FROM pg_catalog.pg_depend d
  WHERE d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND d.refobjid = (SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname = $1)),
parts AS (
  SELECT c.oid, pg_catalog.quote_ident($1) || '.' || pg_catalog.quote_ident(c.relname) AS name, c.relkind, c.relispartition,
    EXISTS (SELECT FROM pg_catalog.pg_inherits i WHERE i.inhparent = c.oid) AS has_children,
    -- Itself, its row type with the array of it, its TOAST table with the index.
    5 + (SELECT count(*) FROM pg_catalog.pg_depend p WHERE p.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND p.refobjid = c.oid)
      + (SELECT count(*) FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid) AS locks
  FROM own o JOIN pg_catalog.pg_class c ON o.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND c.oid = o.objid
  -- A serial or identity column's sequence goes with its table.
  WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend s WHERE c.relkind = 'S' AND s.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND s.objid = c.oid AND s.refobjsubid > 0 AND s.deptype IN ('a', 'i')))
SELECT s.statement, s.locks FROM (
  SELECT 1 AS step, k.oid, false AS is_last, pg_catalog.format('ALTER TABLE IF EXISTS %s DROP CONSTRAINT IF EXISTS %I CASCADE', p.name, k.conname) AS statement,
    -- The two tables; triggers on either side.
    (2 + (SELECT count(*) FROM pg_catalog.pg_depend t WHERE t.refclassid = 'pg_catalog.pg_constraint'::pg_catalog.regclass AND t.refobjid = k.oid) * 2)::pg_catalog.int8 AS locks
  FROM parts p JOIN pg_catalog.pg_constraint k ON k.conrelid = p.oid WHERE k.contype = 'f' AND k.conparentid = 0
  UNION ALL
  SELECT CASE WHEN p.relkind IN ('v', 'm') THEN 2 WHEN p.relkind = 'S' THEN 4 ELSE 3 END, p.oid, p.has_children,
    pg_catalog.format('DROP %s IF EXISTS %s CASCADE', CASE p.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'f' THEN 'FOREIGN TABLE' WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, p.name), p.locks
  FROM parts p WHERE p.relkind IN ('r', 'p', 'f', 'v', 'm', 'S')
  UNION ALL
  SELECT 5, r.oid, false, pg_catalog.format('DROP ROUTINE IF EXISTS %I.%I(%s) CASCADE', $1, r.proname, pg_catalog.pg_get_function_identity_arguments(r.oid)), 1
  FROM own o JOIN pg_catalog.pg_proc r ON o.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND r.oid = o.objid
  UNION ALL
  -- Those with a form of their own; a range brings a multirange.
  SELECT 6, t.oid, false, pg_catalog.format('DROP TYPE IF EXISTS %I.%I CASCADE', $1, t.typname), 5
  FROM own o JOIN pg_catalog.pg_type t ON o.classid = 'pg_catalog.pg_type'::pg_catalog.regclass AND t.oid = o.objid
  WHERE t.typtype IN ('d', 'e', 'r') OR t.typtype = 'c' AND EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid = t.typrelid AND c.relkind = 'c')) s
ORDER BY s.step, s.is_last, s.oid DESC
