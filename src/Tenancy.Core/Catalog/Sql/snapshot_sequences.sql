-- Sequences. That of an identity column goes by the column's name, and is an object only where something of it is not as PostgreSQL makes it.
SELECT CASE WHEN o.is_identity THEN 'identity_sequence' ELSE 'sequence' END AS kind, CASE WHEN o.is_identity THEN o."column" ELSE r.relname END::text AS name,
  CASE WHEN o.is_identity THEN o."table" END::text AS "table", NULL::text AS actual_name, NULL::int AS position,
  'pg_class'::regclass::oid AS classid, r.oid AS objid, 0 AS objsubid, r.relowner AS owner, r.relacl AS acl, 's'::"char" AS acl_type, r.commented AS commented,
  ARRAY[
    'cache=' || NULLIF(q.seqcache, 1)::text,
    CASE WHEN q.seqcycle THEN 'cycle=true' END,
    'increment=' || NULLIF(q.seqincrement, 1)::text,
    'maxvalue=' || NULLIF(q.seqmax, CASE WHEN q.seqincrement < 0 THEN -1 ELSE l.most END)::text,
    'minvalue=' || NULLIF(q.seqmin, CASE WHEN q.seqincrement < 0 THEN -l.most - 1 ELSE 1 END)::text,
    CASE WHEN o.is_identity AND rtrim(r.relname, '0123456789') <> o."table" || '_' || o."column" || '_seq' THEN 'name=' || r.relname END,
    CASE WHEN NOT o.is_identity THEN 'owned_by=' || jsonb_build_object('table', o."table", 'column', o."column")::text END,
    'start=' || NULLIF(q.seqstart, CASE WHEN q.seqincrement < 0 THEN q.seqmax ELSE q.seqmin END)::text,
    'type=' || CASE WHEN q.seqtypid <> CASE WHEN o.is_identity THEN o.type ELSE 'bigint'::regtype END THEN format_type(q.seqtypid, NULL) END,
    CASE WHEN r.relpersistence = 'u' AND o.is_identity IS NOT TRUE THEN 'unlogged=true' END
  ] AS properties
FROM relation r
JOIN pg_sequence q ON q.seqrelid = r.oid
CROSS JOIN LATERAL (SELECT CASE q.seqtypid WHEN 'smallint'::regtype THEN 32767 WHEN 'integer'::regtype THEN 2147483647 ELSE 9223372036854775807 END AS most) AS l
LEFT JOIN LATERAL (
  SELECT d.deptype = 'i' AS is_identity, t.relname AS "table", a.attname AS "column", a.atttypid AS type
  FROM pg_depend d JOIN pg_class t ON t.oid = d.refobjid JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
  WHERE d.classid = 'pg_class'::regclass AND d.objid = r.oid AND d.objsubid = 0 AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
) AS o ON true
WHERE r.relkind = 'S'
