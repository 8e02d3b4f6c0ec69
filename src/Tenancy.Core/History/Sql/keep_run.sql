INSERT INTO @history@.run (fleet, id, direction, target, transaction_mode, arguments, tool_version)
VALUES ($1, $2, $3, $4, $5, $6::pg_catalog.jsonb, $7) ON CONFLICT (fleet, id) DO NOTHING
