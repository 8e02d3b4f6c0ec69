-- Of the schemas $2, those that are called otherwise by now, with that name, and those whose tenant was removed, with null. What was dropped or renamed by hand has no row.
WITH RECURSIVE renamed AS MATERIALIZED (
  SELECT r.id, r.former_schema, r.schema FROM @history@.history r WHERE r.fleet = $1 AND r.former_schema IS NOT NULL),
named AS (
  SELECT w.name AS was, w.name, 0::pg_catalog.int8 AS id FROM pg_catalog.unnest($2::pg_catalog.text[]) AS w (name)
  UNION ALL
  SELECT n.was, r.schema, r.id FROM named n
  CROSS JOIN LATERAL (SELECT r.id, r.schema FROM renamed r WHERE r.former_schema = n.name AND r.id > n.id ORDER BY r.id DESC LIMIT 1) r
  WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_namespace s WHERE s.nspname = n.name))
SELECT l.was, CASE WHEN e.direction IS DISTINCT FROM 'remove' THEN l.name END
FROM (SELECT DISTINCT ON (n.was) n.was, n.name FROM named n ORDER BY n.was, n.id DESC) l
LEFT JOIN LATERAL (
  SELECT h.direction FROM @history@.history h WHERE h.fleet = $1 AND h.scope = 'tenant' AND h.schema = l.name AND h.outcome = 'done' ORDER BY h.id DESC LIMIT 1) e ON true
WHERE l.name <> l.was OR e.direction = 'remove'
