-- What the objects $1, $2 (catalogs and OIDs) need, as PostgreSQL knows it: false, catalog, OID and part of who needs and of what is needed; and true, catalog, OID and no part of what stands for an
-- object in pg_depend, and that object, part null where it is that of the row: the rule of a view, the default of a column, the type of a table's rows, the array and the multirange of a type, the index of a key.
WITH known AS MATERIALIZED (
  SELECT * FROM unnest($1::oid[], $2::oid[]) AS k(classid, objid)
), stands AS MATERIALIZED (
  SELECT k.classid, k.objid, k.classid AS for_class, k.objid AS for_object, NULL::int AS for_part FROM known k
  UNION ALL
  SELECT 'pg_rewrite'::regclass, w.oid, 'pg_class'::regclass, w.ev_class, 0 FROM known k JOIN pg_rewrite w ON k.classid = 'pg_class'::regclass AND w.ev_class = k.objid AND w.rulename = '_RETURN'
  UNION ALL
  SELECT 'pg_attrdef'::regclass, d.oid, 'pg_class'::regclass, d.adrelid, d.adnum FROM known k JOIN pg_attrdef d ON k.classid = 'pg_class'::regclass AND d.adrelid = k.objid
  UNION ALL
  SELECT 'pg_type'::regclass, t.oid, k.classid, k.objid, 0 FROM known k JOIN pg_class c ON k.classid = 'pg_class'::regclass AND c.oid = k.objid CROSS JOIN LATERAL (
    SELECT r.oid FROM pg_type r WHERE r.oid = c.reltype UNION ALL SELECT r.typarray FROM pg_type r WHERE r.oid = c.reltype AND r.typarray <> 0) AS t
  UNION ALL
  SELECT 'pg_type'::regclass, a.oid, k.classid, k.objid, 0 FROM known k JOIN pg_type t ON k.classid = 'pg_type'::regclass AND t.oid = k.objid CROSS JOIN LATERAL (
    SELECT t.typarray AS oid UNION ALL SELECT g.rngmultitypid FROM pg_range g WHERE g.rngtypid = t.oid UNION ALL
    SELECT m.typarray FROM pg_range g JOIN pg_type m ON m.oid = g.rngmultitypid WHERE g.rngtypid = t.oid) AS a WHERE a.oid <> 0
  UNION ALL
  SELECT 'pg_class'::regclass, t.typrelid, k.classid, k.objid, 0 FROM known k JOIN pg_type t ON k.classid = 'pg_type'::regclass AND t.oid = k.objid WHERE t.typrelid <> 0
  UNION ALL
  SELECT 'pg_class'::regclass, c.conindid, k.classid, k.objid, 0 FROM known k JOIN pg_constraint c ON k.classid = 'pg_constraint'::regclass AND c.oid = k.objid AND c.contype IN ('p', 'u', 'x')
)
-- The caller joins the two: the planner, who cannot know how many there are, takes loops, a million rounds for 300 tables.
SELECT false, n.for_class, n.for_object, COALESCE(n.for_part, d.objsubid), d.refclassid, d.refobjid, d.refobjsubid
FROM stands n
JOIN pg_depend d ON d.classid = n.classid AND d.objid = n.objid
UNION ALL
SELECT true, n.classid, n.objid, NULL, n.for_class, n.for_object, n.for_part FROM stands n
