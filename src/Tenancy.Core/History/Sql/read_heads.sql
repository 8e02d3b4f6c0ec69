-- Where the schemas are: a row for each revision that any of them is at, and one for those at none, with lists side by side of who they are, by number (0 is the shared schema, the others are
-- tenants as they were given). So thousands of tenants that are at one revision are a few rows, none of them large.
SELECT h.revision, pg_catalog.array_agg(k.number), pg_catalog.array_agg(coalesce(n.oid, 0)), pg_catalog.array_agg(h.schema_oid), pg_catalog.array_agg(h.changed_at)
FROM (
  SELECT 'shared' AS scope, $2::pg_catalog.text AS schema, 0 AS number
  UNION ALL SELECT 'tenant', u.schema, u.number::pg_catalog.int4 FROM pg_catalog.unnest($3::pg_catalog.text[]) WITH ORDINALITY u (schema, number)) k
-- As a name: that is what the index has, and what can be hashed.
LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = k.schema::pg_catalog.name
LEFT JOIN @history@.head h ON h.fleet = $1 AND h.scope = k.scope AND h.schema = k.schema
GROUP BY h.revision, k.number / 1000
