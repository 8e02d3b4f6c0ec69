-- The newest runs first. Of a run with rings, the one that it came to last.
SELECT r.id, r.started_at, r.direction, r.target, r.transaction_mode, r.arguments::pg_catalog.text, r.durable_at, q.run IS NOT NULL, g.name, g.soak_until, r.who, r.tool_version
FROM @history@.run r
LEFT JOIN @history@.run_request q ON q.fleet = r.fleet AND q.run = r.id
LEFT JOIN LATERAL (SELECT g.name, g.soak_until FROM @history@.ring g WHERE g.fleet = r.fleet AND g.run = r.id ORDER BY g.number DESC LIMIT 1) g ON true
WHERE r.fleet = $1 AND ($2 IS NULL OR r.started_at >= $2)
ORDER BY r.started_at DESC, r.id LIMIT $3
