-- The distinct sets of heads of the registered tenants, and of those schemas that a run is about to register.
SELECT s.heads FROM (
  SELECT coalesce(pg_catalog.array_agg(h.revision ORDER BY h.revision) FILTER (WHERE h.revision IS NOT NULL), '{}') AS heads
  FROM (
    SELECT r.schema FROM @history@.tenant r WHERE r.fleet = $1
    UNION SELECT n.nspname::pg_catalog.text FROM pg_catalog.pg_namespace n WHERE n.nspname = ANY ($2::pg_catalog.text[])) t
  LEFT JOIN @history@.head h ON h.fleet = $1 AND h.scope = 'tenant' AND h.schema = t.schema
  GROUP BY t.schema) s
GROUP BY s.heads
