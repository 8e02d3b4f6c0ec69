INSERT INTO @history@.tenant (fleet, schema, name, schema_oid) VALUES ($1, $2, $3, $4::pg_catalog.text::pg_catalog.oid)
ON CONFLICT (fleet, schema) DO UPDATE SET schema_oid = EXCLUDED.schema_oid
