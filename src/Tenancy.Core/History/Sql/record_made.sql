-- What a tenant has that was made from another's definition or a replay's: every revision with its manifest's checksum, and why it did not run.
INSERT INTO @history@.history (run, fleet, scope, schema, tenant, revision, direction, outcome, checksum, started_at, seconds, tool_version, message)
SELECT $4, $1, $2, $3, $5, r.revision, 'up', 'done', r.checksum, now(), 0, $6, r.message
FROM ROWS FROM (pg_catalog.unnest($7::pg_catalog.text[]), pg_catalog.unnest($8::pg_catalog.text[]), pg_catalog.unnest($9::pg_catalog.text[])) WITH ORDINALITY AS r (revision, checksum, message, number)
ORDER BY r.number
