-- Triggers of tables and views, as manifests write them. Those of foreign keys belong to the key.
SELECT 'trigger' AS kind, t.tgname::text AS name, r.relname::text AS "table", NULL::text AS actual_name, NULL::int AS position,
  'pg_trigger'::regclass::oid AS classid, t.oid AS objid, 0 AS objsubid, NULL::oid AS owner, NULL::aclitem[] AS acl, NULL::"char" AS acl_type, true AS commented,
  ARRAY[
    -- arguments end with NUL, which encode() writes as \000; so a backslash must not be \\
    CASE WHEN t.tgnargs > 0 THEN 'arguments=' || (SELECT json_agg(convert_from(decode(u.argument, 'escape'), getdatabaseencoding()) ORDER BY u.place)
      FROM unnest((string_to_array(replace(encode(t.tgargs, 'escape'), '\\', '\134'), '\000'))[1:t.tgnargs]) WITH ORDINALITY u(argument, place))::text END,
    CASE WHEN t.tgconstraint <> 0 THEN 'constraint=true' END,
    CASE WHEN t.tgdeferrable THEN 'deferrable=true' END,
    CASE t.tgenabled WHEN 'D' THEN 'enabled=false' WHEN 'R' THEN 'enabled=replica' WHEN 'A' THEN 'enabled=always' END,
    'events=' || concat('[', concat_ws(', ', CASE WHEN t.tgtype & 4 <> 0 THEN '"insert"' END, CASE WHEN t.tgtype & 16 <> 0 THEN CASE WHEN t.tgattr::text = '' THEN '"update"'
      ELSE (SELECT jsonb_build_object('update', jsonb_agg(a.attname ORDER BY u.place)) FROM unnest(t.tgattr) WITH ORDINALITY u(attnum, place) JOIN pg_attribute a ON a.attrelid = t.tgrelid AND a.attnum = u.attnum)::text END END,
      CASE WHEN t.tgtype & 8 <> 0 THEN '"delete"' END, CASE WHEN t.tgtype & 32 <> 0 THEN '"truncate"' END), ']'),
    'for_each=' || CASE WHEN t.tgtype & 1 <> 0 THEN 'row' ELSE 'statement' END,
    'from=' || NULLIF(t.tgconstrrelid, 0)::regclass::text,
    -- regproc has the schema where the name is overloaded, regprocedure only where it is not in the path, which pg_catalog is; a bare name is an own one
    'function=' || (SELECT CASE WHEN p.pronamespace = 'pg_catalog'::regnamespace THEN 'pg_catalog.' || quote_ident(p.proname) ELSE left(p.oid::regprocedure::text, -2) END FROM pg_proc p WHERE p.oid = t.tgfoid),
    CASE WHEN t.tgparentid <> 0 THEN 'inherited=true' END,
    CASE WHEN t.tginitdeferred THEN 'initially_deferred=true' END,
    'new_table=' || t.tgnewtable,
    'old_table=' || t.tgoldtable,
    'timing=' || CASE WHEN t.tgtype & 2 <> 0 THEN 'before' WHEN t.tgtype & 64 <> 0 THEN 'instead of' ELSE 'after' END,
    CASE WHEN t.tgqual IS NOT NULL THEN 'when=' || @expression(substring(pg_get_triggerdef(t.oid) FROM ' WHEN \((.*)\) EXECUTE FUNCTION '))@ END
  ] AS properties
FROM relation r
JOIN pg_trigger t ON t.tgrelid = r.oid AND NOT t.tgisinternal
WHERE r.relhastriggers
