INSERT INTO @history@.head (fleet, scope, schema, revision, schema_oid)
SELECT $1, $2, $3, r, $4::pg_catalog.text::pg_catalog.oid FROM pg_catalog.unnest($5) r
