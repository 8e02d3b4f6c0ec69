-- The distinct sets of heads, and of revisions in progress, of the registered tenants but for some, and of those schemas that a run is about to register, each with some of those who have it.
SELECT s.heads, (pg_catalog.array_agg(s.name ORDER BY s.name))[1:3], pg_catalog.count(*), s.begun FROM (
  SELECT t.name, ARRAY(SELECT DISTINCT g.revision FROM @history@.stage g WHERE g.fleet = $1 AND g.scope = 'tenant' AND g.schema = t.schema ORDER BY 1) AS begun, coalesce(pg_catalog.array_agg(h.revision ORDER BY h.revision) FILTER (WHERE h.revision IS NOT NULL), '{}') AS heads
  FROM (
    SELECT r.schema, r.name FROM @history@.tenant r WHERE r.fleet = $1 AND r.schema <> ALL ($3::pg_catalog.text[])
      -- One that is being removed is not waited for. Version 1 has no such column.
      AND pg_catalog.to_jsonb(r) ->> 'removal_begun' IS NULL
    UNION SELECT n.nspname::pg_catalog.text, n.nspname::pg_catalog.text FROM pg_catalog.pg_namespace n
      WHERE n.nspname::pg_catalog.text = ANY ($2::pg_catalog.text[]) AND NOT EXISTS (SELECT FROM @history@.tenant r WHERE r.fleet = $1 AND r.schema = n.nspname)) t
  LEFT JOIN @history@.head h ON h.fleet = $1 AND h.scope = 'tenant' AND h.schema = t.schema
  GROUP BY t.schema, t.name) s
GROUP BY s.heads, s.begun
