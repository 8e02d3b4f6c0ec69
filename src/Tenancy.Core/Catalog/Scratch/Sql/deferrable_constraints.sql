-- Whether a table of a schema has a constraint that can be deferred; a constraint trigger is one too.
SELECT EXISTS (SELECT FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_constraint k ON k.conrelid = d.objid
  WHERE d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND d.refobjid = $1::pg_catalog.text::pg_catalog.oid AND d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND k.condeferrable)
