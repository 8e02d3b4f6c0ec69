-- One row a head; one without a revision where the schema is said to be at base.
INSERT INTO @history@.history (run, fleet, scope, schema, tenant, revision, direction, outcome, checksum, started_at, seconds, tool_version)
SELECT $4, $1, $2, $3, $5, s.revision, 'stamp', 'done', s.checksum, now(), extract(epoch FROM pg_catalog.clock_timestamp() - now())::pg_catalog.float8, $6
FROM (VALUES (true)) AS one (row) LEFT JOIN ROWS FROM (pg_catalog.unnest($7::pg_catalog.text[]), pg_catalog.unnest($8::pg_catalog.text[])) AS s (revision, checksum) ON true
