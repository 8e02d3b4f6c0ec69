-- The relations of the schema s with the names of their columns by number and whether any of it has a comment, found through what depends on the schema: its index costs as much in a fleet of any size. Members of
-- extensions are the extension's.
SELECT c.*, CASE WHEN c.relkind <> 'S' THEN ARRAY(SELECT a.attname FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 ORDER BY a.attnum) END AS names,
  EXISTS (SELECT FROM pg_description d WHERE d.objoid = c.oid AND d.classoid = 'pg_class'::regclass) AS commented
FROM own d JOIN pg_class c ON c.oid = d.objid
WHERE d.classid = 'pg_class'::regclass AND d.deptype = 'n'
  AND c.oid NOT IN (SELECT e.objid FROM pg_depend e WHERE e.refclassid = 'pg_extension'::regclass AND e.classid = 'pg_class'::regclass AND e.deptype = 'e')
