-- Marks that a removal takes more than one transaction: from here on nothing migrates the tenant. One that was not registered is, so that it is found again.
WITH marked AS (
  INSERT INTO @history@.tenant (fleet, schema, name, schema_oid, removal_begun) VALUES ($1, $2, $3, $4::pg_catalog.text::pg_catalog.oid, now())
  ON CONFLICT (fleet, schema) DO UPDATE SET schema_oid = EXCLUDED.schema_oid, removal_begun = now())
INSERT INTO @history@.history (run, fleet, scope, schema, tenant, direction, outcome, started_at, seconds, tool_version)
VALUES ($5, $1, 'tenant', $2, $3, 'remove', 'started', now(), extract(epoch FROM pg_catalog.clock_timestamp() - now())::pg_catalog.float8, $6)
