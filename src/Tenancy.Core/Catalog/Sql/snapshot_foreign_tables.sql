-- Foreign tables. The server is the database's; it is named, not looked into.
SELECT 'foreign_table' AS kind, r.relname::text AS name, NULL::text AS "table", NULL::text AS actual_name, NULL::int AS position,
  'pg_class'::regclass::oid AS classid, r.oid AS objid, 0 AS objsubid, r.relowner AS owner, r.relacl AS acl, 'r'::"char" AS acl_type, r.commented AS commented,
  ARRAY[
    CASE WHEN NOT r.relispartition THEN 'inherits=' || p.parents::text END,
    'options=' || (SELECT jsonb_object_agg(o.option_name, o.option_value) FROM pg_options_to_table(f.ftoptions) o)::text,
    CASE WHEN r.relispartition THEN 'partition_of=' || p.first END,
    'server=' || (SELECT v.srvname FROM pg_foreign_server v WHERE v.oid = f.ftserver),
    'values=' || pg_get_expr(r.relpartbound, r.oid)
  ] AS properties
FROM relation r
JOIN pg_foreign_table f ON f.ftrelid = r.oid
LEFT JOIN LATERAL (
  SELECT json_agg(i.inhparent::regclass::text ORDER BY i.inhseqno) AS parents, min(i.inhparent::regclass::text) AS first FROM pg_inherits i WHERE i.inhrelid = r.oid
) AS p ON true
WHERE r.relkind = 'f'
