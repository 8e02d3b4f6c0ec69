-- Extensions that keep schema $1 from being dropped: they lie elsewhere and have members in it, or it is their member itself.
SELECT DISTINCT x.extname::pg_catalog.text FROM pg_catalog.pg_namespace n
JOIN pg_catalog.pg_depend e ON e.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass AND e.deptype = 'e' JOIN pg_catalog.pg_extension x ON x.oid = e.refobjid
WHERE n.nspname = $1 AND (e.classid = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND e.objid = n.oid
  OR x.extnamespace <> n.oid AND EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = e.classid AND d.objid = e.objid AND d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND d.refobjid = n.oid))
ORDER BY 1
