-- Of tenants that are to be made, each with a schema and a name: those whose name another schema's tenant has, and which.
SELECT w.schema, min(t.schema) FROM ROWS FROM (pg_catalog.unnest($2::pg_catalog.text[]), pg_catalog.unnest($3::pg_catalog.text[])) AS w (schema, name)
JOIN @history@.tenant t ON t.fleet = $1 AND t.name = w.name AND t.schema <> w.schema
GROUP BY w.schema
