UPDATE @history@.run r SET durable_at = pg_catalog.clock_timestamp() WHERE r.fleet = $1 AND r.id = $2
