-- Tables: plain, partitioned, partitions and those that inherit.
SELECT 'table' AS kind, r.relname::text AS name, NULL::text AS "table", NULL::text AS actual_name, NULL::int AS position,
  'pg_class'::regclass::oid AS classid, r.oid AS objid, 0 AS objsubid, r.relowner AS owner, r.relacl AS acl, 'r'::"char" AS acl_type, r.commented AS commented,
  ARRAY[
    'access_method=' || (SELECT m.amname FROM pg_am m WHERE m.oid = r.relam AND m.amname <> 'heap'),
    CASE WHEN p.detaching THEN 'detach_pending=true' END,
    CASE WHEN NOT r.relispartition THEN 'inherits=' || p.parents::text END,
    'of_type=' || NULLIF(r.reloftype, 0)::regtype::text,
    CASE WHEN r.relkind = 'p' THEN 'partition_by=' || @expression(pg_get_partkeydef(r.oid))@ END,
    CASE WHEN r.relispartition THEN 'partition_of=' || p.first END,
    CASE r.relreplident WHEN 'f' THEN 'replica_identity=full' WHEN 'n' THEN 'replica_identity=nothing' END,
    CASE WHEN r.relrowsecurity THEN 'row_security=true' END,
    CASE WHEN r.relforcerowsecurity THEN 'row_security_forced=true' END,
    'tablespace=' || (SELECT t.spcname FROM pg_tablespace t WHERE t.oid = r.reltablespace),
    CASE WHEN r.relpersistence = 'u' THEN 'unlogged=true' END,
    'values=' || pg_get_expr(r.relpartbound, r.oid),
    'with=' || (SELECT jsonb_object_agg(split_part(o, '=', 1), substr(o, strpos(o, '=') + 1) )
      FROM (SELECT unnest(r.reloptions) UNION ALL SELECT 'toast.' || unnest(t.reloptions) FROM pg_class t WHERE t.oid = r.reltoastrelid) AS option(o))::text
  ] AS properties
FROM relation r
LEFT JOIN LATERAL (
  SELECT json_agg(i.inhparent::regclass::text ORDER BY i.inhseqno) AS parents, min(i.inhparent::regclass::text) AS first, bool_or(i.inhdetachpending) AS detaching
  FROM pg_inherits i WHERE i.inhrelid = r.oid
) AS p ON true
WHERE r.relkind IN ('r', 'p')
