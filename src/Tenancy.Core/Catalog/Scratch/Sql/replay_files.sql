-- Where the relations of the schemas $1 keep their rows: TRUNCATE gives a table another place, and what rewrites one does.
SELECT pg_catalog.md5(pg_catalog.string_agg(pg_catalog.concat_ws(':', c.oid, c.relfilenode), ',' ORDER BY c.oid))
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = ANY ($1::pg_catalog.name[])
