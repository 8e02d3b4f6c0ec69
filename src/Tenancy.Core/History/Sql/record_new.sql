-- Where tenants are that were made from a replay's definition, all alike; and every revision that they have, with its manifest's checksum, and why it did not run.
WITH made AS (
  SELECT t.schema, t.tenant, t.schema_oid::pg_catalog.oid, t.number
  FROM ROWS FROM (pg_catalog.unnest($2::pg_catalog.text[]), pg_catalog.unnest($3::pg_catalog.text[]), pg_catalog.unnest($4::pg_catalog.text[])) WITH ORDINALITY AS t (schema, tenant, schema_oid, number)),
placed AS (
  INSERT INTO @history@.head (fleet, scope, schema, revision, schema_oid)
  SELECT $1, 'tenant', m.schema, h.revision, m.schema_oid FROM made m CROSS JOIN pg_catalog.unnest($5::pg_catalog.text[]) h (revision))
INSERT INTO @history@.history (run, fleet, scope, schema, tenant, revision, direction, outcome, checksum, started_at, seconds, tool_version, message)
SELECT $6, $1, 'tenant', m.schema, m.tenant, r.revision, 'up', 'done', r.checksum, now(), 0, $7, r.message
FROM made m
CROSS JOIN ROWS FROM (pg_catalog.unnest($8::pg_catalog.text[]), pg_catalog.unnest($9::pg_catalog.text[]), pg_catalog.unnest($10::pg_catalog.text[])) WITH ORDINALITY AS r (revision, checksum, message, number)
ORDER BY m.number, r.number
