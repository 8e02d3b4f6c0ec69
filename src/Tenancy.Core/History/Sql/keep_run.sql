-- A run that goes on, or comes to its next ring, is not durable again until it says so.
INSERT INTO @history@.run (fleet, id, direction, target, transaction_mode, arguments, tool_version)
VALUES ($1, $2, $3, $4, $5, $6::pg_catalog.jsonb, $7) ON CONFLICT (fleet, id) DO UPDATE SET durable_at = NULL
