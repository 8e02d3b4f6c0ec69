-- The same where there is no history.
SELECT NULL::pg_catalog.text, pg_catalog.array_agg(k.number), pg_catalog.array_agg(coalesce(n.oid, 0))
FROM (
  SELECT $1::pg_catalog.text AS schema, 0 AS number
  UNION ALL SELECT u.schema, u.number::pg_catalog.int4 FROM pg_catalog.unnest($2::pg_catalog.text[]) WITH ORDINALITY u (schema, number)) k
LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = k.schema::pg_catalog.name
GROUP BY k.number / 1000
