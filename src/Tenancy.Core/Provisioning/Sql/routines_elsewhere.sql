-- Functions and procedures of other schemas than $1 whose text, settings or defaults have the name $2 as a word, as routines_naming finds those of the schema itself. $3 is the shared schema, $4 that of history.
-- 'shared' says that it lies in the shared schema; the role is the one that is to replace it, null for the login itself, and 'may' says whether it may.
SELECT 'routine ' || pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(p.proname) || '(' || pg_catalog.pg_get_function_identity_arguments(p.oid) || ')' AS place, pg_catalog.pg_get_functiondef(p.oid) AS definition,
  n.nspname = $3 AS shared, p.proname::pg_catalog.text AS name,
  CASE WHEN m.as_owner THEN pg_catalog.pg_get_userbyid(p.proowner)::pg_catalog.text END AS role,
  m.as_owner OR (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.rolname = SESSION_USER) AS may
FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
CROSS JOIN LATERAL (SELECT pg_catalog.concat_ws(' ', p.prosrc, pg_catalog.array_to_string(p.proconfig, ' '), pg_catalog.pg_get_expr(p.proargdefaults, 0)) AS text) t
CROSS JOIN LATERAL (SELECT NOT p.proleakproof AND pg_catalog.pg_has_role(SESSION_USER, p.proowner, 'MEMBER') AND pg_catalog.has_schema_privilege(p.proowner, p.pronamespace, 'CREATE') AS as_owner) m
CROSS JOIN LATERAL (SELECT pg_catalog.replace($2, '"', '""') AS name) w
WHERE n.nspname NOT IN ($1, $4, 'information_schema') AND n.nspname !~ '^pg_'
  AND p.prokind <> 'a' AND p.prolang NOT IN (SELECT l.oid FROM pg_catalog.pg_language l WHERE l.lanname IN ('c', 'internal'))
  AND pg_catalog.strpos(pg_catalog.lower(t.text), pg_catalog.lower(w.name)) > 0
  AND t.text ~* ('(^|[^[:alnum:]_$])' || pg_catalog.regexp_replace(w.name, '(\W)', '\\\1', 'g') || '($|[^[:alnum:]_$])')
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e WHERE e.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND e.objid = p.oid AND e.deptype = 'e')
ORDER BY 1
