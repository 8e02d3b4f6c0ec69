-- What is in a schema, as statements in an order in which each takes little else with it: keys, views, tables, the rest; the later made first, which needs the earlier. With the entries of the lock
-- table that each takes at the most: dropping locks the object and every part of it. An extension has no statement: its members go only together, and with the schema, by whoever may drop that.
WITH own AS (
  SELECT d.classid, d.objid,
    1 + (SELECT count(*) FROM pg_catalog.pg_depend p WHERE p.refclassid = d.classid AND p.refobjid = d.objid) AS locks
  FROM pg_catalog.pg_depend d
  WHERE d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND d.refobjid = (SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname = $1)
    -- Not what an extension, a type (a range's functions) or a column would have to go with.
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e WHERE e.classid = d.classid AND e.objid = d.objid AND e.objsubid = 0 AND e.deptype IN ('e', 'i'))),
parts AS (
  SELECT c.oid, pg_catalog.quote_ident($1) || '.' || pg_catalog.quote_ident(c.relname) AS name, c.relkind, c.relispartition,
    EXISTS (SELECT FROM pg_catalog.pg_inherits i WHERE i.inhparent = c.oid) AS has_children,
    -- With its row type and the array of it, its TOAST table with the index.
    4 + o.locks + (SELECT count(*) FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid) AS locks
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
  -- Before the routines that they are made of; collations after the domains and ranges that have them.
  SELECT CASE WHEN o.classid = 'pg_catalog.pg_collation'::pg_catalog.regclass THEN 8 ELSE 5 END, o.objid, false,
    pg_catalog.format('DROP %s IF EXISTS %s CASCADE', pg_catalog.upper(CASE i.type WHEN 'statistics object' THEN 'statistics' ELSE i.type END), i.identity), o.locks
  FROM own o CROSS JOIN LATERAL pg_catalog.pg_identify_object(o.classid, o.objid, 0) i
  WHERE o.classid IN ('pg_catalog.pg_collation'::pg_catalog.regclass, 'pg_catalog.pg_conversion'::pg_catalog.regclass, 'pg_catalog.pg_operator'::pg_catalog.regclass, 'pg_catalog.pg_opclass'::pg_catalog.regclass,
    'pg_catalog.pg_opfamily'::pg_catalog.regclass, 'pg_catalog.pg_statistic_ext'::pg_catalog.regclass, 'pg_catalog.pg_ts_config'::pg_catalog.regclass, 'pg_catalog.pg_ts_dict'::pg_catalog.regclass,
    'pg_catalog.pg_ts_parser'::pg_catalog.regclass, 'pg_catalog.pg_ts_template'::pg_catalog.regclass)
  UNION ALL
  -- By the types of what goes in, an aggregate's ORDER BY too; with a mode, so that no procedure with OUT parameters is meant as well.
  SELECT 6, r.oid, false, pg_catalog.format('DROP ROUTINE IF EXISTS %I.%I(%s) CASCADE', $1, r.proname,
    (SELECT pg_catalog.string_agg('IN ' || pg_catalog.format_type(a.type, NULL), ', ' ORDER BY a.number) FROM pg_catalog.unnest(r.proargtypes::pg_catalog.oid[]) WITH ORDINALITY AS a (type, number))), o.locks
  FROM own o JOIN pg_catalog.pg_proc r ON o.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND r.oid = o.objid
  UNION ALL
  -- Those with a form of their own; a range brings a multirange.
  SELECT 7, t.oid, false, pg_catalog.format('DROP TYPE IF EXISTS %I.%I CASCADE', $1, t.typname), 4 + o.locks
  FROM own o JOIN pg_catalog.pg_type t ON o.classid = 'pg_catalog.pg_type'::pg_catalog.regclass AND t.oid = o.objid
  WHERE t.typtype IN ('b', 'd', 'e', 'p', 'r') OR t.typtype = 'c' AND EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid = t.typrelid AND c.relkind = 'c')
  UNION ALL
  SELECT 9, o.objid, false, NULL, o.locks FROM own o WHERE o.classid = 'pg_catalog.pg_extension'::pg_catalog.regclass) s
ORDER BY s.step, s.is_last, s.oid DESC
