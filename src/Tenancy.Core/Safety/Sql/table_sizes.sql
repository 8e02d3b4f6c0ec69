-- How large tables of the same name are over many schemas, bytes, their TOAST tables and partitions included: as VACUUM and ANALYZE last saw them, which locks nothing; where they never came, as the file is now.
-- $1: the schemas. $2: the tables' names.
WITH RECURSIVE named AS (
  SELECT c.oid, c.relname::pg_catalog.text AS name, n.nspname::pg_catalog.text AS schema
  FROM pg_catalog.pg_namespace n JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid
  WHERE n.nspname = ANY ($1::pg_catalog.name[]) AND c.relname = ANY ($2::pg_catalog.name[]) AND c.relkind IN ('r', 'm', 'p')
), part (root, oid) AS (
  SELECT named.oid, named.oid FROM named
  UNION ALL
  SELECT part.root, i.inhrelid FROM part JOIN pg_catalog.pg_inherits i ON i.inhparent = part.oid
), size AS (
  SELECT part.root, sum((CASE WHEN c.relkind = 'p' THEN 0 WHEN c.relpages > 0 THEN c.relpages::pg_catalog.int8 * pg_catalog.current_setting('block_size')::pg_catalog.int8 ELSE coalesce(pg_catalog.pg_relation_size(c.oid), 0) END)
    + coalesce(t.relpages, 0)::pg_catalog.int8 * pg_catalog.current_setting('block_size')::pg_catalog.int8)::pg_catalog.int8 AS bytes
  FROM part JOIN pg_catalog.pg_class c ON c.oid = part.oid LEFT JOIN pg_catalog.pg_class t ON t.oid = c.reltoastrelid
  GROUP BY part.root
)
SELECT named.name, max(size.bytes), (array_agg(named.schema ORDER BY size.bytes DESC, named.schema))[1], count(*) FILTER (WHERE size.bytes > 0)
FROM named JOIN size ON size.root = named.oid
GROUP BY named.name
