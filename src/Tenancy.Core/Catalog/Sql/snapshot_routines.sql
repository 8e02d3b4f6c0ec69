-- Functions, procedures and aggregates. A body is text that only running it resolves, so the schema's name may stand in it: see snapshot_body.sql.
SELECT CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END AS kind, p.proname || '(' || oidvectortypes(p.proargtypes) || ')' AS name,
  NULL::text AS "table", NULL::text AS actual_name, NULL::int AS position,
  'pg_proc'::regclass::oid AS classid, p.oid AS objid, 0 AS objsubid, p.proowner AS owner, p.proacl AS acl, 'f'::"char" AS acl_type, true AS commented,
  ARRAY[
    'aggregate_kind=' || CASE g.aggkind WHEN 'o' THEN 'ordered set' WHEN 'h' THEN 'hypothetical set' END,
    'arguments=' || NULLIF(pg_get_function_arguments(p.oid), ''),
    CASE WHEN p.prokind <> 'a' AND p.prosqlbody IS NULL THEN 'body=' || b.body END,
    'combinefunc=' || @function(NULLIF(g.aggcombinefn, 0))@,
    'cost=' || NULLIF(p.procost, CASE WHEN l.lanname IN ('internal', 'c') THEN 1 ELSE 100 END)::text,
    'deserialfunc=' || @function(NULLIF(g.aggdeserialfn, 0))@,
    'finalfunc=' || @function(NULLIF(g.aggfinalfn, 0))@,
    CASE WHEN g.aggfinalextra THEN 'finalfunc_extra=true' END,
    'finalfunc_modify=' || NULLIF(g.aggfinalmodify, CASE WHEN g.aggkind = 'n' THEN 'r' ELSE 'w' END::"char")::text,
    'initcond=' || g.agginitval,
    CASE WHEN p.prokind <> 'a' THEN 'language=' || l.lanname END,
    CASE WHEN p.proleakproof THEN 'leakproof=true' END,
    'library=' || p.probin,
    'mfinalfunc=' || @function(NULLIF(g.aggmfinalfn, 0))@,
    CASE WHEN g.aggmfinalextra THEN 'mfinalfunc_extra=true' END,
    'mfinalfunc_modify=' || NULLIF(g.aggmfinalmodify, CASE WHEN g.aggkind = 'n' THEN 'r' ELSE 'w' END::"char")::text,
    'minitcond=' || g.aggminitval,
    'minvfunc=' || @function(NULLIF(g.aggminvtransfn, 0))@,
    'msfunc=' || @function(NULLIF(g.aggmtransfn, 0))@,
    'msspace=' || NULLIF(g.aggmtransspace, 0)::text,
    'mstype=' || format_type(NULLIF(g.aggmtranstype, 0), NULL),
    CASE p.proparallel WHEN 's' THEN 'parallel=safe' WHEN 'r' THEN 'parallel=restricted' END,
    'returns=' || pg_get_function_result(p.oid),
    'rows=' || NULLIF(p.prorows, CASE WHEN p.proretset THEN 1000 ELSE 0 END)::text,
    CASE WHEN p.prosecdef THEN 'security=definer' END,
    'serialfunc=' || @function(NULLIF(g.aggserialfn, 0))@,
    'set=' || (
      SELECT jsonb_object_agg(o.option_name, CASE WHEN o.option_name = 'search_path'
        THEN btrim(replace(', ' || o.option_value || ', ', ', ' || quote_ident(s.nspname) || ', ', ', <schema>, '), ', ') ELSE o.option_value END)
      FROM pg_options_to_table(p.proconfig) o)::text,
    'sfunc=' || @function(g.aggtransfn)@,
    'sortop=' || NULLIF(g.aggsortop, 0)::regoperator::text,
    'sql_body=' || @expression(pg_get_function_sqlbody(p.oid))@,
    'sspace=' || NULLIF(g.aggtransspace, 0)::text,
    CASE WHEN p.proisstrict THEN 'strict=true' END,
    'stype=' || format_type(g.aggtranstype, NULL),
    'support=' || @function(NULLIF(p.prosupport, 0))@,
    'transform=' || (SELECT json_agg(format_type(t, NULL) ORDER BY n) FROM unnest(p.protrftypes) WITH ORDINALITY u(t, n))::text,
    CASE p.provolatile WHEN 's' THEN 'volatility=stable' WHEN 'i' THEN 'volatility=immutable' END,
    CASE WHEN p.prokind = 'w' THEN 'window=true' END
  ] AS properties
FROM own d
JOIN pg_proc p ON p.oid = d.objid
JOIN pg_language l ON l.oid = p.prolang
LEFT JOIN pg_aggregate g ON g.aggfnoid = p.oid
LEFT JOIN LATERAL (
@body@
) AS b ON true
WHERE d.classid = 'pg_proc'::regclass AND d.deptype = 'n'
  -- members of extensions, and what came with a type
  AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_proc'::regclass AND e.objid = p.oid AND e.deptype IN ('e', 'i'))
