-- Everything that has a schema's name, of whatever fleet, but for what happened under the name: that stays as it is, and is found by former_schema. The name for people is one fleet's own.
WITH moved_heads AS (UPDATE @history@.head h SET schema = $3 WHERE h.scope = 'tenant' AND h.schema = $2 AND $3 <> $2 RETURNING h.fleet),
moved_stages AS (UPDATE @history@.stage s SET schema = $3 WHERE s.scope = 'tenant' AND s.schema = $2 AND $3 <> $2 RETURNING s.fleet),
moved AS (UPDATE @history@.tenant t SET schema = $3, name = CASE WHEN t.fleet = $1 THEN $4 ELSE t.name END
  WHERE t.schema = $2 AND (t.fleet = $1 OR $3 <> $2) RETURNING t.fleet, t.name),
added AS (INSERT INTO @history@.tenant (fleet, schema, name, schema_oid)
  SELECT $1, $3, $4, $8::pg_catalog.text::pg_catalog.oid WHERE NOT EXISTS (SELECT FROM @history@.tenant t WHERE t.fleet = $1 AND t.schema = $2))
INSERT INTO @history@.history (run, fleet, scope, schema, tenant, direction, outcome, started_at, seconds, tool_version, former_schema, message)
SELECT $6, f.fleet, 'tenant', $3, coalesce((SELECT m.name FROM moved m WHERE m.fleet = f.fleet), $4), 'rename', 'done', now(), extract(epoch FROM pg_catalog.clock_timestamp() - now())::pg_catalog.float8, $7,
  nullif($2, $3), pg_catalog.concat_ws(', ', CASE WHEN $2 <> $3 THEN 'was schema ' || $2 END, CASE WHEN f.fleet = $1 AND $4 <> $5 THEN 'was named ' || $5 END)
FROM (SELECT $1::pg_catalog.text AS fleet UNION SELECT m.fleet FROM moved_heads m UNION SELECT m.fleet FROM moved_stages m UNION SELECT m.fleet FROM moved m) f
