-- Columns of schema $1 whose values may point to what would stay the source's: OIDs of its objects in types like regclass, large objects. Table, column, whether of large objects, and a query with @source for the table
-- that says whether any does.
SELECT c.relname::pg_catalog.text, a.attname::pg_catalog.text, t.typname = 'oid', CASE WHEN t.typname = 'oid'
    THEN pg_catalog.format('SELECT EXISTS (SELECT FROM @source r CROSS JOIN LATERAL (SELECT %s) v (oid) JOIN pg_catalog.pg_largeobject_metadata m ON m.oid = v.oid::pg_catalog.oid)', v.expression)
    ELSE pg_catalog.format('SELECT EXISTS (SELECT FROM @source r CROSS JOIN LATERAL (SELECT %s) v (oid) CROSS JOIN LATERAL pg_catalog.pg_identify_object(%L::pg_catalog.regclass, v.oid::pg_catalog.oid, 0) i WHERE i.schema = pg_catalog.quote_ident(%L) OR i.type = ''schema'' AND i.name = pg_catalog.quote_ident(%L))',
      v.expression, k.catalog, $1, $1) END
FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_class c ON c.oid = d.objid AND c.relkind = 'r'
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
JOIN pg_catalog.pg_type o ON o.oid = a.atttypid
-- A domain's own type, an array's items.
JOIN pg_catalog.pg_type b ON b.oid = CASE WHEN o.typtype = 'd' THEN o.typbasetype ELSE o.oid END
JOIN pg_catalog.pg_type t ON t.oid = CASE WHEN b.typelem <> 0 AND b.typcategory = 'A' THEN b.typelem ELSE b.oid END AND t.typnamespace = 'pg_catalog'::pg_catalog.regnamespace
JOIN (VALUES ('oid', 'pg_catalog.pg_largeobject_metadata'), ('regclass', 'pg_catalog.pg_class'), ('regtype', 'pg_catalog.pg_type'), ('regproc', 'pg_catalog.pg_proc'), ('regprocedure', 'pg_catalog.pg_proc'),
  ('regoper', 'pg_catalog.pg_operator'), ('regoperator', 'pg_catalog.pg_operator'), ('regconfig', 'pg_catalog.pg_ts_config'), ('regdictionary', 'pg_catalog.pg_ts_dict'), ('regcollation', 'pg_catalog.pg_collation'),
  ('regnamespace', 'pg_catalog.pg_namespace')) AS k (type, catalog) ON k.type = t.typname
CROSS JOIN LATERAL (SELECT pg_catalog.format(CASE WHEN t.oid = b.oid THEN 'r.%I' ELSE 'pg_catalog.unnest(r.%I)' END, a.attname) AS expression) v
WHERE d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND d.refobjid = (SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname = $1)
  AND d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
ORDER BY c.relname COLLATE "C", a.attnum
