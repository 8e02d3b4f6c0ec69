-- What a manifest's touches call a relation: an index goes by its table, a serial or identity column's sequence too.
CREATE OR REPLACE FUNCTION @history@.relation_name(p_relation oid)
RETURNS name LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $relation_name$
BEGIN
  RETURN (SELECT coalesce(
      (SELECT t.relname FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid WHERE i.indexrelid = c.oid),
      (SELECT t.relname FROM pg_depend d JOIN pg_class t ON t.oid = d.refobjid
        WHERE c.relkind = 'S' AND d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.objsubid = 0
          AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i') LIMIT 1),
      c.relname)
    FROM pg_class c WHERE c.oid = p_relation);
END
$relation_name$;

-- The same for a type: an array goes by its element, a multirange by its range. A table's row type has the table's name.
CREATE OR REPLACE FUNCTION @history@.type_name(p_type oid)
RETURNS name LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $type_name$
BEGIN
  RETURN (SELECT coalesce(
      (SELECT r.typname FROM pg_range g JOIN pg_type r ON r.oid = g.rngtypid WHERE g.rngmultitypid = coalesce(e.oid, t.oid)),
      e.typname, t.typname)
    FROM pg_type t LEFT JOIN pg_type e ON e.oid = t.typelem AND e.typarray = t.oid WHERE t.oid = p_type);
END
$type_name$;
