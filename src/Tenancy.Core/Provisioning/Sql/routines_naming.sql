-- Functions and procedures of a schema whose text, settings or defaults may hold a name; a body in standard SQL is kept as what it means, so that only its strings do; one of an extension, or in C, names libraries and symbols.
-- With the role that is to replace it: its owner, where the login may become that and it may create in the schema; null for the login itself, which has to be a superuser for a LEAKPROOF one.
SELECT 'routine ' || p.pronamespace::pg_catalog.regnamespace::pg_catalog.text || '.' || pg_catalog.quote_ident(p.proname) || '(' || pg_catalog.pg_get_function_identity_arguments(p.oid) || ')', pg_catalog.pg_get_functiondef(p.oid),
  CASE WHEN NOT p.proleakproof AND pg_catalog.pg_has_role(SESSION_USER, p.proowner, 'MEMBER') AND pg_catalog.has_schema_privilege(p.proowner, p.pronamespace, 'CREATE') THEN pg_catalog.pg_get_userbyid(p.proowner)::pg_catalog.text END
FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_proc p ON p.oid = d.objid
WHERE d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND d.refobjid = $1::pg_catalog.text::pg_catalog.oid AND d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass
  AND p.prokind <> 'a' AND p.prolang NOT IN (SELECT l.oid FROM pg_catalog.pg_language l WHERE l.lanname IN ('c', 'internal'))
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e WHERE e.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND e.objid = p.oid AND e.deptype = 'e') AND pg_catalog.strpos(pg_catalog.lower(pg_catalog.concat(coalesce(pg_catalog.pg_get_function_sqlbody(p.oid), p.prosrc), p.proconfig, pg_catalog.pg_get_expr(p.proargdefaults, 0))), pg_catalog.lower(pg_catalog.split_part($2, '"', 1))) > 0
ORDER BY 1
