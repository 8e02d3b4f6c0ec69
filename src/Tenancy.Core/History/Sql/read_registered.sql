SELECT s.heads FROM (
  SELECT coalesce(pg_catalog.array_agg(h.revision ORDER BY h.revision) FILTER (WHERE h.revision IS NOT NULL), '{}') AS heads
  FROM @history@.tenant t LEFT JOIN @history@.head h ON h.fleet = t.fleet AND h.scope = 'tenant' AND h.schema = t.schema
  WHERE t.fleet = $1 GROUP BY t.schema) s
GROUP BY s.heads
